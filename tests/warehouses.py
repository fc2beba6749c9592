"""A warehouse behind each client: chDB in the process, HTTP over chDB, and a real server where Docker answers."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from secrets import token_hex

import clickhouse_connect
import pytest
from testcontainers.community.clickhouse import ClickHouseContainer

from tests.ports import free_port

KINDS = ("chdb", "http", "server")
EMBEDDED = {"chdb": "warehouse", "http": "front"}
"""In which folder of the data the warehouse of a kind lies."""
_IMAGE = "clickhouse/clickhouse-server:25.8"
_ROOT = Path(__file__).parent.parent

Address = Callable[[], str]


@lru_cache(maxsize=1)
def docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], check=False, capture_output=True, timeout=30).returncode == 0


@contextmanager
def clickhouse_front(folder: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    """The HTTP front over a chDB folder, in a process of its own."""
    command = [sys.executable, "-m", "tests.clickhouse_front", str(folder), str(port)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


@contextmanager
def clickhouse_server() -> Iterator[str]:
    """`user:password@host:port` of a ClickHouse server in a container."""
    if not docker_answers():
        pytest.skip("no Docker engine answers")
    with ClickHouseContainer(_IMAGE) as container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(8123)
        yield f"{container.username}:{container.password}@{host}:{port}"


@contextmanager
def warehouse_address(kind: str, folder: Path, server: Address) -> Iterator[str]:
    """What `CLOSEDLOOP_WAREHOUSE` says for an empty warehouse of this kind; `server` is asked where it is needed."""
    if kind == "chdb":
        yield f"chdb://{folder / EMBEDDED[kind]}"
    elif kind == "http":
        port = free_port()
        with clickhouse_front(folder / EMBEDDED[kind], port):
            yield f"clickhouse://127.0.0.1:{port}/default"
    else:
        place, database = server(), f"test_{token_hex(6)}"
        with clickhouse_connect.get_client(dsn=f"clickhouse://{place}/default") as client:
            client.command("create database {name:Identifier}", parameters={"name": database})
        yield f"clickhouse://{place}/{database}"
