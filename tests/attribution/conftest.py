"""One warehouse a module, in the process and on a server; each test finds it empty, or holding what it asks of."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.attribution.world import NOW, World
from tests.migrated import lay_tables, lay_warehouse
from tests.warehouses import EMBEDDED, warehouse_address

OpenServices = Callable[[str], AbstractContextManager[Services]]


@pytest.fixture(scope="module")
def open_services(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OpenServices:
    """Opens services on an empty warehouse of a kind."""

    @contextmanager
    def open_one(kind: str) -> Iterator[Services]:
        folder: Path = tmp_path_factory.mktemp("world")
        if kind == "chdb":
            lay_warehouse(folder)
        elif kind == "http":
            lay_tables(folder / EMBEDDED["http"])
        with warehouse_address(kind, folder, lambda: str(request.getfixturevalue("server_place"))) as address:
            settings = read_settings(data=folder, warehouse=address, timezone="UTC", load_interval_ms=1, _env_file=None)
            opened = Services(settings, FrozenClock(NOW))
            yield opened
            opened.close()

    return open_one


@pytest.fixture(scope="module", params=["chdb", "server"])
def services(request: pytest.FixtureRequest, open_services: OpenServices) -> Iterator[Services]:
    with open_services(request.param) as opened:
        yield opened


@pytest.fixture
def world(services: Services) -> World:
    world = World(services)
    world.clear()
    return world


@pytest.fixture
def shared(services: Services) -> World:
    """The module's warehouse as the test before left it, for one that says what it is to `hold`."""
    return World(services)
