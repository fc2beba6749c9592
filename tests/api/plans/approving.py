"""People who agree to plans, each with a browser of their own, and a plan for them."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.credentials import COOKIE
from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from infra.access.rights import UserRole
from infra.access.users import User
from planning.editing import Cell
from planning.grid import LineKey
from planning.plans import PlanVersion
from tests.api.plans.conftest import DEALERS

PEOPLE = (
    User("director@example.com", UserRole.MARKETING_DIRECTOR),
    User("lada@example.com", UserRole.BRAND_MANAGER, brands=("Lada",)),
    User("chery@example.com", UserRole.BRAND_MANAGER, brands=("Chery",)),
    User("anna@example.com", UserRole.DEALER_MARKETER, dealers=("north",)),
    User("boris@example.com", UserRole.DEALER_MARKETER, dealers=("south",)),
    User("vera@example.com", UserRole.DEALER_MARKETER, dealers=("east",)),
    User("analyst@example.com", UserRole.ANALYST),
)
Come = Callable[[str], TestClient]


def tell_holding(services: Services) -> None:
    """Three dealers of two brands, and who answers for them."""
    replace_reference(services.database, ReferenceDocument(dealers=DEALERS), author="t", clock=services.clock)
    for user in PEOPLE:
        services.users.add(user, author="t")


def planned(services: Services, year: int = 2027) -> PlanVersion:
    """A draft with sales of each dealer in May, and a budget of the north."""
    version = services.plans.create(f"План {year}", year, currency="RUB", author="director@example.com")
    cells = [Cell(LineKey("sales", each.id, "new_car"), 5, 10) for each in DEALERS]
    cells.append(Cell(LineKey("budget", "north", "new_car"), 5, 150_050))
    services.plan_editor.put(version.id, cells, author="director@example.com")
    return services.plans.version(version.id)


def session_of(services: Services, name: str) -> str:
    user = services.users.by_email(f"{name}@example.com")
    assert user is not None
    return services.sessions.begin(user)


def come(app: FastAPI, services: Services, name: str) -> TestClient:
    """A browser in which somebody is signed in; what it sends has the token of the session."""
    token = session_of(services, name)
    session = services.sessions.find(token)
    assert session is not None
    return TestClient(app, headers={"X-CSRF-Token": session.csrf}, cookies={COOKIE: token})


def items(client: TestClient, address: str) -> list[dict[str, Any]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found
