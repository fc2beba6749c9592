"""The holding that tests of the feed ask about."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.attribution.feed.holding import tell_holding
from tests.attribution.world import World
from tests.told import told_services


@contextmanager
def holding_in(folder: Path) -> Iterator[World]:
    """Told and attributed, in a data folder of its own; the key of the feed is `r`."""
    with told_services(folder, tell_holding) as services:
        yield World(services)
