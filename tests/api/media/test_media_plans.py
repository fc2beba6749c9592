"""Media plans over HTTP: what is written, what stands beside it, and what others see of it."""

import io
from collections.abc import Iterator

import openpyxl
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from api.credentials import COOKIE
from infra.access.rights import UserRole
from infra.access.users import User
from tests.api.media.asking import ITEMS, approved, ask, begun
from tests.api.media.holding import AT, MONTH, READ, approve_budgets, tell
from tests.told import told_services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with told_services(tmp_path_factory.mktemp("media") / "data", tell, AT) as opened:
        approve_budgets(opened, {"north": 100_000, "south": 30_000})
        yield opened


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), headers=READ) as opened:
        yield opened


def test_what_cannot_be_is_refused_and_says_what_to_do(client: TestClient) -> None:
    plan = begun(client, "south")
    over = [{**ITEMS[0], "budget": 30_000.01}]
    told = ask(client, "PUT", f"/{plan['id']}/items", 422, json={"items": over, "based_on": plan["revision"]})
    assert "0.01 RUB more than the approved budget of 30 000.00 RUB" in told["error"]["message"]
    told = ask(client, "PUT", f"/{plan['id']}/items", 422, json={
        "items": [{**ITEMS[0], "budget": 0.001}], "based_on": plan["revision"],
    })  # fmt: skip
    assert told["error"]["where"] == "items.0.budget"
    ask(client, "PUT", f"/{plan['id']}/items", 409, json={"items": [], "based_on": plan["revision"] + 7})
    ask(client, "POST", f"/{plan['id']}/approve", 409, json={"based_on": plan["revision"]})
    ask(client, "POST", "", 404, json={"dealer": "nowhere", "month": MONTH})
    ask(client, "POST", "", 422, json={"dealer": "north", "month": "2026-13"})
    ask(client, "GET", "/999", 404)
    ask(client, "GET", "?month=11", 422)


def test_orders_and_money_that_moves(client: TestClient) -> None:
    plan = approved(client)
    search, social = (each["id"] for each in plan["items"])
    order = {
        "number": "17/11", "ordered_on": "2026-11-02", "contractor": "studio", "amount": 12_000, "currency": "RUB",
        "from": "2026-11-01", "to": "2026-11-20", "items": [{"item": social}], "vat_percent": 20,
        "is_vat_included": True, "cancel_by": "2026-11-18",
    }  # fmt: skip
    made = ask(client, "POST", f"/{plan['id']}/commitments", 201, json=order)
    assert (made["net"], made["items"]) == (10_000, [{"item": social, "net": 10_000}])
    ask(client, "POST", f"/{plan['id']}/commitments", 409, json=order)
    waits = ask(client, "GET", "/waiting")["items"]
    assert {"cancel_by", "overspend", "lay_out"} <= {each["kind"] for each in waits}
    told = {"changes": [{"item": social, "change": -11_000}, {"item": search, "change": 11_000}], "why": "cheaper"}
    refused = ask(client, "POST", "/reallocations", 422, json=told)
    assert "can give 10 000.50 RUB: 10 000.00 RUB of its 20 000.50 RUB are ordered" in refused["error"]["message"]
    told["changes"] = [{"item": social, "change": -5_000}, {"item": search, "change": 5_000}]
    asked = ask(client, "POST", "/reallocations", 201, json=told)
    assert (asked["state"], asked["needs_approval"]) == ("pending", True)
    done = ask(client, "POST", f"/reallocations/{asked['id']}/approve", json={})
    assert done["state"] == "done"
    assert [each["budget"] for each in ask(client, "GET", f"/{plan['id']}")["items"]] == [65_000, 15_000.5]
    assert [each["id"] for each in ask(client, "GET", f"/reallocations?month={MONTH}")["items"]] == [asked["id"]]
    ask(client, "POST", f"/commitments/{made['id']}/cancel", json={"why": "not needed"})
    ask(client, "POST", f"/commitments/{made['id']}/cancel", 409, json={"why": "not needed"})


def test_rules_are_read_and_changed(client: TestClient) -> None:
    rules = ask(client, "GET", "/rules")
    assert [each["approver"] for each in rules["reallocation"]] == ["nobody", "director"]
    told = {"rules": {"over_percent": 5}, "based_on": rules["revision"]}
    changed = ask(client, "PUT", "/rules", json=told)
    assert (changed["over_percent"], changed["under_percent"]) == (5, 10)
    ask(client, "PUT", "/rules", 409, json=told)
    ask(client, "PUT", "/rules", 422, json={"rules": {"under_percent": 101}, "based_on": changed["revision"]})


def test_exports_have_every_dealer_and_item_and_no_formula(client: TestClient) -> None:
    approved(client, [{**ITEMS[0], "campaign": "=1+1"}, ITEMS[1]])
    rows = ask(client, "GET", f"?month={MONTH}")["items"]
    assert ("north", 100_000, "approved") in [(row["dealer"], row["budget"], row["state"]) for row in rows]
    assert ask(client, "GET", f"?month={MONTH}&dealer=south")["total"] == 1
    csv = client.get(f"/api/media-plans/items?month={MONTH}&format=csv").text
    assert "'=1+1" in csv
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/api/media-plans/items?month={MONTH}&format=xlsx").content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert {"=1+1", "paid_social"} <= {cell.value for cell in cells}


@pytest.fixture
def person(services: Services, client: TestClient) -> Iterator[TestClient]:
    """A client without a key, for whoever signs in."""
    with TestClient(create_app(services)) as opened:
        yield opened


def come_in(services: Services, person: TestClient, user: User) -> None:
    known = services.users.by_email(user.email) or services.users.add(user, author="t")
    person.cookies.set(COOKIE, services.sessions.begin(known))


def test_a_contractor_sees_their_own_items_and_nothing_of_others(
    services: Services, client: TestClient, person: TestClient
) -> None:
    plan = approved(client)
    come_in(services, person, User("c@example.com", UserRole.CONTRACTOR, contractors=("studio",)))
    told = ask(person, "GET", f"/{plan['id']}")
    assert [each["contractor"] for each in told["items"]] == ["studio"]
    assert (told["budget"], told["not_laid_out"], told["unplanned"], told["spent"]) == (None, None, 0, 7_500)
    rows = ask(person, "GET", f"?month={MONTH}")["items"]
    assert [(row["dealer"], row["budget"], row["laid_out"]) for row in rows] == [("north", None, 20_000.5)]
    for path in (f"/{plan['id']}/changes", "/waiting", "/reallocations", "/rules"):
        ask(person, "GET", path, 403)
    assert ask(person, "GET", f"/{plan['id']}/actuals")["items"][3]["cost"] == 500
    page = person.get(f"/media-plans/north/{MONTH}").text
    assert "paid_social" in page
    assert "paid_search" not in page
    assert "South" not in person.get(f"/media-plans?month={MONTH}").text
    other = User("o@example.com", UserRole.CONTRACTOR, contractors=("wave",))
    come_in(services, person, other)
    ask(person, "GET", f"/{plan['id']}", 404)
    assert person.get(f"/media-plans/north/{MONTH}").status_code == 404


def test_what_waits_is_in_the_inbox_of_whoever_acts(services: Services, client: TestClient, person: TestClient) -> None:
    approved(client)
    come_in(services, person, User("n@example.com", UserRole.DEALER_MARKETER, dealers=("north",)))
    told = person.get("/api/inbox").json()["items"]
    warned = [each for each in told if each["kind"] == "media_overspend"]
    assert warned
    assert all(each["link"] == f"/media-plans/north/{MONTH}" for each in warned)
    come_in(services, person, User("s@example.com", UserRole.DEALER_MARKETER, dealers=("south",)))
    assert {each["kind"] for each in person.get("/api/inbox").json()["items"]} <= {"media_lay_out"}
    plan = begun(client)
    plan = ask(client, "POST", f"/{plan['id']}/reopen", json={"based_on": plan["revision"], "why": "test"})
    ask(client, "POST", f"/{plan['id']}/submit", json={"based_on": plan["revision"]})
    come_in(services, person, User("m@example.com", UserRole.MARKETING_DIRECTOR))
    assert "media_plan" in {each["kind"] for each in person.get("/api/inbox").json()["items"]}


def test_a_dealers_marketer_plans_their_own_and_does_not_decide(
    services: Services, client: TestClient, person: TestClient
) -> None:
    plan = approved(client)
    come_in(services, person, User("d@example.com", UserRole.DEALER_MARKETER, dealers=("south",)))
    csrf = {"X-CSRF-Token": person.get("/media-plans").text.partition('name="csrf" content="')[2].partition('"')[0]}
    person.headers.update(csrf)
    ask(person, "GET", f"/{plan['id']}", 404)
    own = begun(person, "south")
    told = {"items": [{**ITEMS[0], "budget": 100}], "based_on": own["revision"]}
    own = ask(person, "PUT", f"/{own['id']}/items", json=told)
    own = ask(person, "POST", f"/{own['id']}/submit", json={"based_on": own["revision"]})
    refused = ask(person, "POST", f"/{own['id']}/approve", 403, json={"based_on": own["revision"]})
    assert "director decides" in refused["error"]["message"]
    ask(client, "POST", f"/{own['id']}/return", json={"based_on": own["revision"], "why": "more"})
