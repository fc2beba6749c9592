"""An engine in memory a module, and journeys of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.settings import read_settings
from infra.warehouse import Warehouse, open_scratch


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder: Path = tmp_path_factory.mktemp("scratch")
    warehouse = open_scratch(read_settings(data=folder, _env_file=None))
    yield warehouse
    warehouse.close()
