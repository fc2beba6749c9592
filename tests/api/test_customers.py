"""Customers' cards: found by whatever is known of somebody, and by those alone who may see them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from api.credentials import COOKIE
from infra.access.rights import UserRole
from infra.access.users import User
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.attribution.world import World, call, lead, stage, visit
from tests.migrated import lay_warehouse

READ = {"Authorization": "Bearer r"}
IVAN, SHARED = "+79000000001", "+79000000099"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("customers")
    lay_warehouse(folder)
    settings = read_settings(
        data=folder, timezone="UTC", write_key="w", api_key="r", load_interval_ms=1, shared_key_limit=5, _env_file=None
    )
    opened = Services(settings, FrozenClock(datetime(2026, 2, 1, tzinfo=UTC)))
    world = World(opened)
    world.tell({
        "touches": [visit("t1", "v1", 1, "yandex", campaign="spring"), visit("t2", "v2", 1, "vk")],
        "leads": [
            lead("l1", 2, visitor_id="v1", phone=IVAN, dealer="north", product="Vesta") | {"name": "Иван"},
            lead("l2", 12, email="ivan@example.com", phone=IVAN, dealer="south"),
            lead("l3", 3, visitor_id="v2", email="petr@example.com", dealer="south") | {"name": "Пётр"},
            *(lead(f"s{n}", 4, phone=SHARED, email=f"s{n}@example.com", dealer="north") for n in range(8)),
        ],
        "calls": [call("c1", 5, "+74950000000", caller=IVAN, status="answered", talk_s=95, dealer="north")],
        "deals": [
            stage("d1", "visit", 6, lead_id="l1", dealer="north"),
            stage("d1", "sale", 9, lead_id="l1", dealer="north", amount=1_500_000, margin=100_000, product="Vesta"),
        ],
    })  # fmt: skip
    world.attribute()
    yield opened
    opened.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as opened:
        yield opened


def as_user(services: Services, client: TestClient, role: UserRole, dealer: str) -> None:
    email = f"{role}-{dealer}@example.com"
    user = services.users.by_email(email) or services.users.add(User(email, role, dealers=(dealer,)), author="t")
    client.cookies.set(COOKIE, services.sessions.begin(user))


@pytest.mark.parametrize("asked", [
    "8 900 000-00-01", "+79000000001", " IVAN@example.com", "l1", "lead:l2", "d1", "deal:d1", "visitor:v1",
])  # fmt: skip
def test_a_customer_is_found_by_whatever_is_known(client: TestClient, asked: str) -> None:
    answer = client.get("/api/customers", params={"q": asked}, headers=READ)
    assert answer.status_code == 200, answer.text
    card = answer.json()
    assert (card["names"], card["phones"], card["emails"]) == (["Иван"], [IVAN], ["ivan@example.com"])
    assert [each["id"] for each in card["leads"]] == ["l2", "l1"]
    assert [(each["id"], each["stage"]) for each in card["deals"]] == [("d1", "sale")]
    assert [each["talk_s"] for each in card["calls"]] == [95]
    assert [(each["source"], each["campaign"]) for each in card["touches"]] == [("yandex", "spring")]


@pytest.mark.parametrize(("asked", "status", "word"), [
    ("nobody@example.com", 404, "No customer is known"), ("", 422, "Say whom"), ("lead:'); drop", 404, "No customer"),
    (SHARED, 404, "Too many people share"), ("x" * 600, 422, ""),
])  # fmt: skip
def test_whoever_is_not_known_is_told(client: TestClient, asked: str, status: int, word: str) -> None:
    answer = client.get("/api/customers", params={"q": asked}, headers=READ)
    assert (answer.status_code, word in answer.text) == (status, True)


def test_who_shares_a_phone_is_still_found_by_the_lead(client: TestClient) -> None:
    card = client.get("/api/customers", params={"q": "lead:s3"}, headers=READ).json()
    assert [each["id"] for each in card["leads"]] == ["s3"]


def test_sales_people_see_customers_of_their_dealer(services: Services, client: TestClient) -> None:
    as_user(services, client, UserRole.SALES, "north")
    card = client.get("/api/customers", params={"q": IVAN}).json()
    assert [each["id"] for each in card["leads"]] == ["l1"]
    assert card["emails"] == []
    assert client.get("/api/customers", params={"q": "petr@example.com"}).status_code == 404
    page = client.get("/customers").text
    assert "Иван" in page
    assert "Пётр" not in page
    assert client.get("/", follow_redirects=False).headers["location"] == "/customers"
    assert client.get("/overview").status_code == 403


def test_the_page_tells_what_happened_in_order(client: TestClient) -> None:
    page = client.get("/customers", params={"q": IVAN}, headers=READ).text
    places = [
        page.index(text) for text in ("Lead l2", "Deal d1: sale", "Deal d1: visit", "95 s", "Lead l1", "yandex / cpc")
    ]
    assert places == sorted(places)
    assert "<h1>Иван</h1>" in page
    missing = client.get("/customers", params={"q": "nobody@example.com"}, headers=READ)
    assert (missing.status_code, "No customer is known" in missing.text) == (200, True)


def test_analysts_and_contractors_see_nobody(services: Services, client: TestClient) -> None:
    for role in (UserRole.ANALYST, UserRole.CONTRACTOR):
        user = services.users.add(User(f"{role}@example.com", role, contractors=("acme",)), author="t")
        client.cookies.set(COOKIE, services.sessions.begin(user))
        assert client.get("/api/customers", params={"q": IVAN}).status_code == 403
        assert client.get("/customers").status_code == 403
