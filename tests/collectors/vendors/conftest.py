"""A desk for each test."""

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from tests.collectors.vendors.desk import Desk


@pytest.fixture
def desk(services: Services, client: TestClient) -> Desk:
    return Desk(services, client)
