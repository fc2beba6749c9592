"""An empty world, or the one of the test before, and nothing handed over yet."""

from collections.abc import Iterator

import pytest

from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.attribution.outbound.handing import Handing
from tests.attribution.world import NOW, World
from tests.migrated import lay_warehouse


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services on the embedded warehouse alone: what is handed over does not depend on where it is read from."""
    folder = tmp_path_factory.mktemp("world")
    lay_warehouse(folder)
    settings = read_settings(data=folder, timezone="UTC", load_interval_ms=1, _env_file=None)
    opened = Services(settings, FrozenClock(NOW))
    yield opened
    opened.close()


@pytest.fixture
def handing(embedded: Services) -> Handing:
    world = World(embedded)
    world.clear()
    handing = Handing(world)
    handing.clear()
    return handing


@pytest.fixture
def kept(embedded: Services) -> Handing:
    """For a test that says what its world is to `hold`."""
    handing = Handing(World(embedded))
    handing.clear()
    return handing
