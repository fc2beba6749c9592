"""The feed of a small holding, at a real address."""

from collections.abc import Iterator

import pytest

from tests.api.live import listening
from tests.api.odata.feed import Feed
from tests.api.odata.worlds import holding_in
from tests.attribution.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with holding_in(tmp_path_factory.mktemp("feed")) as found:
        yield found


@pytest.fixture(scope="module")
def feed(world: World) -> Iterator[Feed]:
    with listening(world.services) as address:
        yield Feed(f"{address}/odata/")
