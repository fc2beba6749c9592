"""What every test may ask for: services on the embedded default, in a folder of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from infra.settings import read_settings


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    opened = Services(read_settings(data=tmp_path, write_key="w", api_key="r", load_interval_ms=20, _env_file=None))
    yield opened
    opened.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as opened:
        yield opened
