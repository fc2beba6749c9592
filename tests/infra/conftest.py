"""A warehouse through each client."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.settings import read_settings
from infra.warehouse import Warehouse, open_warehouse
from infra.warehouse.migrate import migrate
from tests.ports import free_port

PACKAGES = ["infra", "collectors", "attribution"]


@pytest.fixture
def front_port() -> int:
    return free_port()


@pytest.fixture
def http_warehouse(tmp_path: Path, front_port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.clickhouse_front", str(tmp_path / "front"), str(front_port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


@pytest.fixture(params=["chdb", "http"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    address = ""
    if request.param == "http":
        request.getfixturevalue("http_warehouse")
        address = f"clickhouse://127.0.0.1:{request.getfixturevalue('front_port')}/default"
    opened = open_warehouse(read_settings(data=tmp_path, warehouse=address, _env_file=None))
    migrate(opened, PACKAGES)
    yield opened
    opened.close()
