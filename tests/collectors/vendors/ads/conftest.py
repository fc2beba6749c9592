"""A desk whose clock stands at noon of 2025-01-17 in Greenwich until it is moved."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.collectors.vendors.desk import Desk
from tests.migrated import lay_warehouse


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime(2025, 1, 17, 12, tzinfo=UTC))


@pytest.fixture
def desk(tmp_path: Path, clock: FrozenClock) -> Iterator[Desk]:
    lay_warehouse(tmp_path)
    services = Services(read_settings(data=tmp_path, write_key="w", api_key="r", _env_file=None), clock)
    yield Desk(services, TestClient(create_app(services)))
    services.close()
