"""What every test may ask for: services on the embedded default, in a folder of their own, and a ClickHouse server."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings

from api.app import create_app
from api.bootstrap import Services
from infra.settings import read_settings
from tests.migrated import lay_warehouse
from tests.warehouses import clickhouse_server

pytest_plugins = [
    "tests.browser_fixture",
    "tests.database_fixture",
    "tests.dovecot_fixture",
    "tests.kafka_fixture",
    "tests.postfix_fixture",
    "tests.postgres_fixture",
    "tests.soak_option",
    "tests.submission_fixture",
    "tests.told",
]

os.environ["CLOSEDLOOP_PAGE_PATIENCE_MS"] = "600000"
"""Pages show the newest run, however long it takes: only tests of patience have less."""

settings.register_profile("untimed", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """What was imported stays, so the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    lay_warehouse(tmp_path)
    opened = Services(read_settings(data=tmp_path, write_key="w", api_key="r", load_interval_ms=20, _env_file=None))
    yield opened
    opened.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as opened:
        yield opened


@pytest.fixture(scope="session")
def server_place() -> Iterator[str]:
    """`user:password@host:port` of a real ClickHouse server; a test that asks for it skips where no Docker answers."""
    with clickhouse_server() as place:
        yield place
