"""The feed of a small holding, at a real address."""

from collections.abc import Iterator

import pytest

from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.live import listening
from tests.api.odata.feed import Feed
from tests.attribution.feed.holding import tell_holding
from tests.attribution.world import NOW, World
from tests.migrated import lay_warehouse


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("feed")
    lay_warehouse(folder)
    settings = read_settings(
        data=folder, timezone="UTC", api_key="r", write_key="w", load_interval_ms=1, _env_file=None
    )
    services = Services(settings, FrozenClock(NOW))
    world = World(services)
    tell_holding(world)
    yield world
    services.close()


@pytest.fixture(scope="module")
def feed(world: World) -> Iterator[Feed]:
    with listening(world.services) as address:
        yield Feed(f"{address}/odata/")
