"""A holding of three dealers, and who works on its plans."""

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from infra.access.keys import Key
from infra.access.rights import Right

DEALERS = (
    Dealer(id="north", name="Север", brand="Lada"),
    Dealer(id="south", name="Юг", brand="Lada"),
    Dealer(id="east", name="Восток", brand="Chery"),
)


@pytest.fixture
def director(services: Services, client: TestClient) -> TestClient:
    replace_reference(services.database, ReferenceDocument(dealers=DEALERS), author="t", clock=services.clock)
    client.headers["Authorization"] = "Bearer r"
    return client


@pytest.fixture
def marketer(services: Services, director: TestClient) -> TestClient:
    """Of the dealer north."""
    rights = frozenset({Right.REPORTS, Right.PLANS})
    _, secret = services.keys.add(Key("north", rights, dealers=("north",)), author="t")
    return TestClient(director.app, headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def analyst(services: Services, director: TestClient) -> TestClient:
    _, secret = services.keys.add(Key("analyst", frozenset({Right.REPORTS})), author="t")
    return TestClient(director.app, headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def plan(director: TestClient) -> int:
    """A plan of 2027, with an empty draft."""
    made = director.post("/api/plans", json={"name": "План 2027", "year": 2027})
    assert made.status_code == 201
    return int(made.json()["id"])
