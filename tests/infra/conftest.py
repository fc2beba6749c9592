"""A warehouse through each client."""

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from api.bootstrap import PACKAGES
from infra.settings import read_settings
from infra.warehouse import Warehouse, open_warehouse
from infra.warehouse.migrate import migrate
from tests.migrated import lay_tables
from tests.ports import free_port
from tests.warehouses import EMBEDDED, KINDS, clickhouse_front, warehouse_address


@pytest.fixture
def http_warehouse(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    with clickhouse_front(tmp_path / "front", free_port()) as process:
        yield process


@pytest.fixture(params=KINDS)
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """Migrated, and without an event."""
    if request.param != "server":
        lay_tables(tmp_path / EMBEDDED[request.param])
    with opened(request, tmp_path) as found:
        migrate(found, PACKAGES)
        yield found


@pytest.fixture(params=KINDS)
def bare_warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """As whoever starts first finds it."""
    with opened(request, tmp_path) as found:
        yield found


@contextmanager
def opened(request: pytest.FixtureRequest, folder: Path) -> Iterator[Warehouse]:
    with (
        warehouse_address(request.param, folder, lambda: str(request.getfixturevalue("server_place"))) as address,
        closing(open_warehouse(read_settings(data=folder, warehouse=address, _env_file=None))) as found,
    ):
        yield found
