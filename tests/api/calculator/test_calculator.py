"""The calculator over HTTP: solutions, past effectiveness, scenarios, and who sees what."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from api.credentials import COOKIE
from infra.access.rights import UserRole
from infra.access.users import User
from planning.editing import Cell
from planning.grid import LineKey
from planning.plans import State, move
from planning.stock.levels import ToldLevel, keep_levels
from tests.api.calculator.holding import AT, READ, tell
from tests.told import Told, told_services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Its rates are found once."""
    with told_services(tmp_path_factory.mktemp("calculator") / "told", tell, at=AT, currency="RUB") as opened:
        yield opened


@pytest.fixture
def told(services: Services) -> Told:
    """With a client of its own: nobody is signed in."""
    return Told(services, TestClient(create_app(services)))


def ask(client: TestClient, **question: Any) -> dict[str, Any]:
    answer = client.post("/api/calculator", json=question, headers=READ)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def signed_in(services: Services, client: TestClient, role: UserRole) -> dict[str, str]:
    user = services.users.add(User(f"{role}@example.com", role, dealers=("north",), contractors=("a",)), author="t")
    token = services.sessions.begin(user)
    session = services.sessions.find(token)
    assert session
    client.cookies.set(COOKIE, token)
    return {"X-CSRF-Token": session.csrf}


def test_there_and_back(told: Told) -> None:
    there = ask(told.client, sales=20)
    assert there["goal"] == "sales"
    assert there["question"]["month"] == "2026-10"
    whole = there["totals"]
    assert whole["sales"]["mean"] == pytest.approx(20)
    assert whole["budget"]["low"] < whole["budget"]["mean"] < whole["budget"]["high"]
    back = ask(told.client, budget=whole["budget"]["mean"])
    assert back["totals"]["sales"]["mean"] == pytest.approx(20, rel=1e-4)
    by_name = {each["channel"]: each for each in back["channels"]}
    assert by_name["paid_search"]["measured"]["cpl"]["low"] < by_name["paid_search"]["cpl"]
    assert by_name["direct"]["budget"] == 0
    assert by_name["direct"]["leads"] > 0
    assert {each["caveat"] for each in back["caveats"]} >= {"in_proportion", "no_leads"}
    assert back["rests_on"]["coverage"]["of_all"]["sales_of_budget"]["counts"] >= 0
    assert len(back["curve"]) == 25


def test_scopes_differ_and_add_up(told: Told) -> None:
    whole = ask(told.client, budget=28_000)["totals"]["leads"]["mean"]
    each = [ask(told.client, budget=14_000, dealer=dealer)["totals"]["leads"]["mean"] for dealer in ("north", "south")]
    assert sum(each) == pytest.approx(whole, rel=0.1)
    cars = ask(told.client, budget=28_000, direction="new_car")
    assert cars["totals"]["sales"]["mean"] > 0
    assert ask(told.client, budget=28_000, direction="used_car", visit_rate=0.1, sale_rate=0.1)


def test_mistakes_name_their_place(told: Told) -> None:
    for question, where in (
        ({"sales": 3, "visit_rate": 0}, "visit_rate"), ({"cpl": 0}, "cpl"), ({"currency": "USD"}, "currency"),
        ({"sales": 9, "stock": 3}, "sales"), ({"direction": "after_sales"}, "direction"), ({"month": "soon"}, "month"),
        ({"channels": [{"channel": "radio"}]}, "channels.0.channel"),
    ):  # fmt: skip
        answer = told.client.post("/api/calculator", json=question, headers=READ)
        assert (answer.status_code, answer.json()["error"]["where"]) == (422, where)
        assert answer.json()["error"]["help"]
    assert told.client.post("/api/calculator", json={"dealer": "nobody"}, headers=READ).status_code == 404
    assert told.client.post("/api/calculator", json={"sales": "9"}, headers=READ).status_code == 422


@pytest.mark.parametrize("by", ["channel", "dealer", "direction", "season"])
def test_effectiveness_is_the_reports(told: Told, by: str) -> None:
    found = told.client.get(f"/api/calculator/effectiveness?by={by}", headers=READ).json()
    report = told.client.get("/api/reports/romi?by=channel&from=2026-01-01&to=2026-08-31", headers=READ).json()
    for name in ("cost", "leads", "visits", "sales"):
        assert found["totals"][name] == pytest.approx(report["totals"][name])
    for form in ("csv", "xlsx", "parquet"):
        answer = told.client.get(f"/api/calculator/effectiveness?by={by}&format={form}", headers=READ)
        assert answer.status_code == 200
        assert answer.content


def test_months_that_are_not_measured_are_refused(told: Told) -> None:
    for name in ("from", "to"):
        answer = told.client.get(f"/api/calculator/effectiveness?{name}=2020-01", headers=READ)
        assert (answer.status_code, answer.json()["error"]["where"]) == (422, name)
    assert told.client.get("/api/calculator/coverage", headers=READ).json()["total"] > 0


def test_scenarios_are_kept_changed_laid_out_and_deleted(told: Told) -> None:
    client, services = told.client, told.services
    body = {"name": "Ten", "question": {"dealer": "north", "month": "2026-10", "budget": 12000}}
    made = client.post("/api/calculator/scenarios", json=body, headers=READ).json()
    path = f"/api/calculator/scenarios/{made['id']}"
    assert made["answer"]["totals"]["budget"]["mean"] == 12000
    more = {**body, "name": "More", "question": {**body["question"], "budget": 13000}, "based_on": 1}  # type: ignore[dict-item]
    assert client.put(path, json=more, headers=READ).json()["revision"] == 2
    stale = client.put(path, json=more, headers=READ)
    assert stale.status_code == 409
    refused = client.post(f"{path}/media-plan", json={}, headers=READ)
    assert refused.status_code == 422
    assert "approved" in refused.json()["error"]["help"]
    approve(services, 20_000)
    laid = client.post(f"{path}/media-plan", json={}, headers=READ)
    assert laid.status_code == 201
    plan = client.get(f"/api/media-plans/{laid.json()['media_plan']['id']}", headers=READ).json()
    assert sum(each["budget"] for each in plan["items"]) == pytest.approx(13000)
    assert client.post(f"{path}/media-plan", json={}, headers=READ).status_code == 409
    assert client.post(f"{path}/media-plan", json={"replaces": True}, headers=READ).status_code == 201
    assert client.get("/api/calculator/scenarios", headers=READ).json()["total"] == 1
    assert client.delete(f"{path}?based_on=2", headers=READ).status_code == 204
    assert client.get(path, headers=READ).status_code == 404


def approve(services: Services, budget: int) -> None:
    version = services.plans.create("Year", 2026, currency="RUB", author="t")
    services.plan_editor.put(version.id, [Cell(LineKey("budget", "north"), 10, budget * 100)], author="t")
    with services.database.begin() as connection:
        for state in (State.SUBMITTED, State.APPROVED):
            move(connection, version.id, state, services.clock, author="t")


def test_a_dealer_marketer_sees_their_dealers(told: Told) -> None:
    whole = ask(told.client, budget=10_000)
    signed_in(told.services, told.client, UserRole.DEALER_MARKETER)
    token = signed_token(told)
    own = told.client.post("/api/calculator", json={"budget": 10_000}, headers=token).json()
    north = told.client.post("/api/calculator", json={"budget": 10_000, "dealer": "north"}, headers=token).json()
    assert own["totals"] == north["totals"]
    assert own["totals"] != whole["totals"]
    hidden = told.client.post("/api/calculator", json={"dealer": "south"}, headers=token)
    assert hidden.status_code == 404
    rows = told.client.get("/api/calculator/effectiveness?by=dealer", headers=token).json()["items"]
    assert [each["dealer"] for each in rows] == ["north"]
    assert "South" not in told.client.get("/calculator", headers=token).text


def signed_token(told: Told) -> dict[str, str]:
    token = told.client.cookies[COOKIE]
    session = told.services.sessions.find(token)
    assert session
    return {"X-CSRF-Token": session.csrf}


def test_contractors_are_let_out(told: Told) -> None:
    token = signed_in(told.services, told.client, UserRole.CONTRACTOR)
    assert told.client.post("/api/calculator", json={}, headers=token).status_code == 403
    assert told.client.get("/calculator").status_code == 403


def test_an_analyst_reckons_and_keeps_nothing(told: Told) -> None:
    token = signed_in(told.services, told.client, UserRole.ANALYST)
    assert told.client.post("/api/calculator", json={}, headers=token).status_code == 200
    assert told.client.post("/api/calculator/scenarios", json={"name": "x"}, headers=token).status_code == 403
    assert "Keep as a scenario" not in told.client.get("/calculator").text


def test_no_more_new_cars_are_sold_than_there_are(told: Told) -> None:
    services, question = told.services, {"dealer": "north", "direction": "new_car", "sales": 20}
    ask(told.client, **question)
    levels = [ToldLevel("north", "Prototype", 3)]
    keep_levels(services.database, services.clock, levels, services.today, author="anna")
    try:
        refused = told.client.post("/api/calculator", json=question, headers=READ)
        assert (refused.status_code, refused.json()["error"]["where"]) == (422, "sales")
        assert "units to sell in this month" in refused.json()["error"]["message"]
        ask(told.client, **question, stock=25)
        ask(told.client, dealer="north", sales=20)
    finally:
        gone = [ToldLevel("north", "Prototype", None)]
        keep_levels(services.database, services.clock, gone, services.today, author="anna")
