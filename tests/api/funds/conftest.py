"""A holding of two dealers and an importer's programme, over HTTP: as the payer, and as one dealer's marketer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from api.credentials import COOKIE
from attribution.reference import replace_reference
from attribution.reference_document import Contractor, Dealer, ReferenceDocument
from infra.access.rights import UserRole
from infra.access.users import User
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.migrated import lay_warehouse

NOW = datetime(2027, 2, 10, 9, tzinfo=UTC)
DEALERS = (Dealer(id="north", name="Север", brand="Lada"), Dealer(id="south", name="Юг", brand="Lada"))
PROGRAMME: dict[str, Any] = {
    "name": "Lada 2027", "payer": "Importer", "first_quarter": "2027-Q1", "last_quarter": "2027-Q4", "share": 80,
    "carry_quarters": 1, "rules": [{"brand": "Lada", "percent": 2}, {"dealer": "north", "amount": 100000}],
}  # fmt: skip
ACTIVITY: dict[str, Any] = {
    "dealer": "north", "title": "Spring", "channel": "outdoor", "contractor": "agency", "first_day": "2027-02-01",
    "last_day": "2027-02-28", "cost": 100000, "share": 50,
}  # fmt: skip


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    lay_warehouse(tmp_path)
    settings = read_settings(data=tmp_path, write_key="w", api_key="r", max_file_mb=1, _env_file=None)
    opened = Services(settings, FrozenClock(NOW))
    known = ReferenceDocument(dealers=DEALERS, contractors=(Contractor(id="agency", name="Agency"),))
    replace_reference(opened.database, known, author="t", clock=opened.clock)
    yield opened
    opened.close()


@pytest.fixture
def payer(services: Services) -> Iterator[TestClient]:
    """The API key: it may do everything."""
    with TestClient(create_app(services), headers={"Authorization": "Bearer r"}) as opened:
        yield opened


def signed_in(
    services: Services,
    role: UserRole,
    *dealers: str,
    contractors: tuple[str, ...] = (),
    brands: tuple[str, ...] = (),
) -> TestClient:
    email = f"{role}-{'-'.join((*dealers, *brands))}@example.com"
    told = User(email, role, dealers=dealers, contractors=contractors, brands=brands)
    user = services.users.add(told, author="t")
    session = services.sessions.begin(user)
    client = TestClient(create_app(services))
    client.cookies.set(COOKIE, session)
    found = services.sessions.find(session)
    assert found
    client.headers["X-CSRF-Token"] = found.csrf
    return client


@pytest.fixture
def dealer(services: Services) -> TestClient:
    """North's marketer, signed in."""
    return signed_in(services, UserRole.DEALER_MARKETER, "north")


@pytest.fixture
def programme(payer: TestClient) -> int:
    answer = payer.post("/api/funds/programmes", json=PROGRAMME)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])
