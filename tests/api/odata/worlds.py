"""The holding that tests of the feed ask about."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.attribution.feed.holding import tell_holding
from tests.attribution.world import NOW, World
from tests.migrated import lay_warehouse


@contextmanager
def holding_in(folder: Path) -> Iterator[World]:
    """Told and attributed, in a data folder of its own; the key of the feed is `r`."""
    lay_warehouse(folder)
    settings = read_settings(
        data=folder, timezone="UTC", api_key="r", write_key="w", load_interval_ms=1, _env_file=None
    )
    services = Services(settings, FrozenClock(NOW))
    world = World(services)
    tell_holding(world)
    yield world
    services.close()
