"""One warehouse a module through each client; each test finds it empty."""

from collections.abc import Iterator

import pytest

from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.attribution.world import NOW, World
from tests.warehouses import KINDS, warehouse_address


@pytest.fixture(scope="module", params=KINDS)
def services(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("world")
    with warehouse_address(request.param, folder, lambda: str(request.getfixturevalue("server_place"))) as address:
        settings = read_settings(data=folder, warehouse=address, timezone="UTC", load_interval_ms=1, _env_file=None)
        opened = Services(settings, FrozenClock(NOW))
        yield opened
        opened.close()


@pytest.fixture
def world(services: Services) -> World:
    world = World(services)
    world.clear()
    return world
