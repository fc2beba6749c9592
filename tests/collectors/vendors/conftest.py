"""A desk for each test; and one on the day after the documented samples of calls."""

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
def desk(services: Services, client: TestClient) -> Desk:
    return Desk(services, client)


@pytest.fixture
def january(tmp_path: Path) -> Iterator[Desk]:
    """Its clock stands still on 2025-01-18, at noon in UTC."""
    lay_warehouse(tmp_path)
    settings = read_settings(data=tmp_path, write_key="w", api_key="r", load_interval_ms=20, _env_file=None)
    services = Services(settings, FrozenClock(datetime(2025, 1, 18, 12, tzinfo=UTC)))
    with TestClient(create_app(services)) as client:
        yield Desk(services, client)
    services.close()
