"""A warehouse through each client."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.bootstrap import PACKAGES
from infra.settings import read_settings
from infra.warehouse import Warehouse, open_warehouse
from infra.warehouse.migrate import migrate
from tests.ports import free_port
from tests.warehouses import KINDS, clickhouse_front, warehouse_address


@pytest.fixture
def http_warehouse(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    with clickhouse_front(tmp_path / "front", free_port()) as process:
        yield process


@pytest.fixture(params=KINDS)
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    with warehouse_address(request.param, tmp_path, lambda: str(request.getfixturevalue("server_place"))) as address:
        opened = open_warehouse(read_settings(data=tmp_path, warehouse=address, _env_file=None))
        migrate(opened, PACKAGES)
        yield opened
        opened.close()
