"""A holding of two dealers and two contractors, over HTTP: as everybody who works on a banner."""

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

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"
KNOWN = ReferenceDocument(
    dealers=(Dealer(id="north", name="Север", brand="Lada"), Dealer(id="south", name="Юг", brand="Chery")),
    contractors=(Contractor(id="agency", name="Bright agency"), Contractor(id="rival", name="Rival studio")),
)
USERS = {
    "director": User("boss@x.com", UserRole.MARKETING_DIRECTOR, "Boss"),
    "marketer": User("anna@x.com", UserRole.DEALER_MARKETER, "Анна", dealers=("north",)),
    "brand": User("lada@x.com", UserRole.BRAND_MANAGER, brands=("Lada",)),
    "contractor": User("dan@agency.com", UserRole.CONTRACTOR, "Dan", contractors=("agency",)),
    "rival": User("eve@rival.com", UserRole.CONTRACTOR, "Eve", contractors=("rival",)),
    "other_marketer": User("sofia@x.com", UserRole.DEALER_MARKETER, dealers=("south",)),
    "other_brand": User("chery@x.com", UserRole.BRAND_MANAGER, brands=("Chery",)),
}
BRIEF: dict[str, Any] = {
    "title": "Spring", "text": "**Bold**", "dealers": ["north"], "contractor": "agency", "month": "2027-03",
    "budget": 100000.5, "deadline": "2027-03-20",
}  # fmt: skip
TASK: dict[str, Any] = {"title": "Banner", "kind": "banner", "due": "2027-03-10", "formats": ["240×400"]}
ACT: dict[str, Any] = {
    "number": "A-1", "day": "2027-03-01", "contractor": "agency", "first_day": "2027-03-01", "last_day": "2027-03-31",
}  # fmt: skip


class People:
    """Everybody's browser, by what they are."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._app = create_app(services)
        self._known: dict[str, TestClient] = {}

    def __getattr__(self, name: str) -> TestClient:
        if name not in USERS:
            raise AttributeError(name)
        if name not in self._known:
            self._known[name] = self._signed_in(USERS[name])
        return self._known[name]

    def _signed_in(self, user: User) -> TestClient:
        known = self._services.users.by_email(user.email) or self._services.users.add(user, author="t")
        session = self._services.sessions.begin(known)
        client = TestClient(self._app, follow_redirects=False)
        client.cookies.set(COOKIE, session)
        found = self._services.sessions.find(session)
        assert found
        client.headers["X-CSRF-Token"] = found.csrf
        return client


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    lay_warehouse(tmp_path)
    settings = read_settings(data=tmp_path, write_key="w", api_key="r", max_file_mb=1, _env_file=None)
    opened = Services(settings, FrozenClock(NOW))
    replace_reference(opened.database, KNOWN, author="t", clock=opened.clock)
    for user in USERS.values():
        opened.users.add(user, author="t")
    yield opened
    opened.close()


@pytest.fixture
def people(services: Services) -> People:
    return People(services)


def added(client: TestClient, path: str, told: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def brief(people: People) -> int:
    return int(added(people.director, "/api/briefs", BRIEF)["id"])


@pytest.fixture
def task(people: People, brief: int) -> int:
    return int(added(people.director, f"/api/briefs/{brief}/tasks", TASK)["id"])


def hand_in(client: TestClient, task: int, *names: str, content: bytes = PNG, note: str = "") -> Any:
    files = [("file", (name, content)) for name in names or ("banner.png",)]
    return client.post(f"/api/tasks/{task}/versions", files=files, data={"note": note})


def decide(client: TestClient, task: dict[str, Any], verdict: str, comment: str = "") -> Any:
    told = {"version": task["newest_version"], "revision": task["revision"], "verdict": verdict, "comment": comment}
    return client.post(f"/api/tasks/{task['id']}/decisions", json=told)
