"""Forecasts over HTTP and on their page: they add up, are narrowed, stand beside the plan, and go into drafts."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from infra.access.keys import Key
from infra.access.rights import Right
from planning.editing import Cell
from planning.grid import LineKey
from planning.plans import State, move
from tests.api.forms import come_as_admin, post
from tests.attribution.world import World, lead, stage
from tests.told import OpenTold, Told

MONTHS = 18
DAYS = [round(-30.42 * (MONTHS - 6) + 30.42 * month) for month in range(MONTHS)]


def tell(world: World) -> None:
    """Eighteen months of two dealers; north sells twice as much, and service too."""
    world.refer(dealers=[{"id": "north", "name": "North"}, {"id": "south", "name": "South"}, {"id": "silent"}])
    deals: list[dict[str, Any]] = []
    leads: list[dict[str, Any]] = []
    for month, begin in enumerate(DAYS):
        for dealer, sold in (("north", 8 + month % 4), ("south", 4 + month % 3)):
            for at in range(sold):
                day, name = begin + 1 + at * 2, f"{dealer}-{month}-{at}"
                kind = "used_car" if at % 3 == 2 else "new_car"
                deals.append(stage(name, "sale", day, dealer=dealer, kind=kind))
                leads.append(lead(f"l-{name}", day, dealer=dealer, phone=f"+7999{len(leads):07}"))
        deals.append(stage(f"service-{month}", "sale", begin + 3, dealer="north", kind="service"))
    world.tell({"deals": deals, "leads": leads})
    world.attribute()


@pytest.fixture
def told(open_told: OpenTold) -> Told:
    found = open_told(tell)
    found.client.headers["Authorization"] = "Bearer r"
    return found


def ask(client: TestClient, **asked: Any) -> dict[str, Any]:
    answer = client.get("/api/forecasts", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sums(items: list[dict[str, Any]], level: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in items:
        if row["level"] == level:
            found[row["month"]] = found.get(row["month"], 0) + row["forecast"]
    return found


def test_levels_add_up_and_have_intervals_and_a_backtest(told: Told) -> None:
    found = ask(told.client, measure="sales", months=6)
    items = found["items"]
    assert [row["month"] for row in items[:6]] == [f"2026-{month:02}" for month in range(7, 13)]
    whole = sums(items, "holding")
    for level in ("direction", "dealer", "line"):
        assert sums(items, level) == pytest.approx(whole, abs=0.1)
    assert all(row["low"] <= row["forecast"] <= row["high"] for row in items)
    assert {row["plan"] for row in items} == {None}
    tried = [each for each in found["backtest"] if each["level"] == "holding"]
    assert tried
    assert all(each["mase"] <= each["mase_seasonal_naive"] + 1e-9 for each in tried)
    assert found["adds_up_by"]["sales"] in ("reconciled", "added_up", "shared_out", "naive")
    assert {row["measure"] for row in ask(told.client)["items"]} == {"sales", "leads", "service_visits"}


@pytest.mark.parametrize(("asked", "said"), [
    ({"measure": "profits"}, "'profits' is not forecast"), ({"level": "city"}, "no level 'city'"),
    ({"months": 19}, "months"), ({"months": 0}, "months"),
])  # fmt: skip
def test_what_cannot_be_asked_is_said(told: Told, asked: dict[str, Any], said: str) -> None:
    answer = told.client.get("/api/forecasts", params=asked)
    assert answer.status_code == 422
    assert said in answer.text


def test_files_have_the_rows(told: Told) -> None:
    asked: dict[str, str | int] = {"measure": "leads", "level": "dealer", "months": 2}
    text = told.client.get("/api/forecasts", params=asked | {"format": "csv"}).text
    assert text.splitlines()[0].startswith("level,measure,dealer,direction,month,method,forecast,low,high,plan,chance")
    assert len(text.splitlines()) == 5
    for form in ("xlsx", "parquet"):
        assert told.client.get("/api/forecasts", params=asked | {"format": form}).status_code == 200


def test_a_dealer_marketer_is_told_the_same_of_their_dealer_alone(told: Told) -> None:
    rights = frozenset({Right.REPORTS, Right.PLANS})
    _, secret = told.services.keys.add(Key("north", rights, dealers=("north",)), author="t")
    own = TestClient(told.client.app, headers={"Authorization": f"Bearer {secret}"})
    whole, mine = (ask(client, measure="sales", months=3)["items"] for client in (told.client, own))
    assert {row["dealer"] for row in mine} == {"", "north"}
    assert [row for row in mine if row["dealer"]] == [row for row in whole if row["dealer"] == "north"]
    assert sums(mine, "holding") == pytest.approx(sums(mine, "dealer"))
    page = own.get("/forecasts").text
    assert "North" in page
    assert "South" not in page
    assert own.get("/forecasts?dealer=south").status_code == 404


def test_the_plan_stands_beside_and_drafts_take_forecasts_over(told: Told) -> None:
    services, client = told.services, told.client
    version = services.plans.create("Plan", 2026, currency="RUB", author="t")
    locked = Cell(LineKey("sales", "north", "new_car"), 8, 77, locked=True)
    services.plan_editor.put(version.id, [locked], author="t")
    address = f"/api/plans/{version.plan}/versions/1/forecast"
    done = client.post(address, json={"measure": "sales", "months": 12})
    assert done.status_code == 200, done.text
    expected = {
        (row["dealer"], row["direction"], row["month"]): row["forecast"]
        for row in ask(client, measure="sales", level="line", months=6)["items"]
    }
    cells = client.get(f"/api/plans/{version.plan}/versions/1/cells", params={"measure": "sales"}).json()["items"]
    assert cells
    with services.database.begin() as connection:
        for state in (State.SUBMITTED, State.APPROVED):
            move(connection, version.id, state, services.clock, author="t")
    beside = ask(client, measure="sales", level="line", dealer="north", direction="new_car", months=6)["items"]
    for row in beside:
        mean = expected["north", "new_car", row["month"]]
        assert row["plan"] == (77 if row["month"] == "2026-08" else round(mean))
    august = next(row for row in beside if row["month"] == "2026-08")
    assert august["chance"] == 0.01
    assert "77" in client.get("/forecasts?dealer=north&direction=new_car&months=6").text


def test_a_draft_that_breaks_the_measure_down_otherwise_would_count_twice(told: Told) -> None:
    version = told.services.plans.create("Plan", 2026, currency="RUB", author="t")
    told.services.plan_editor.put(version.id, [Cell(LineKey("leads", "north", "new_car"), 9, 5)], author="t")
    address = f"/api/plans/{version.plan}/versions/1/forecast"
    answer = told.client.post(address, json={"measure": "leads"})
    assert answer.status_code == 422
    assert "does not tell apart" in answer.text
    old = told.services.plans.create("Old", 2020, currency="RUB", author="t")
    answer = told.client.post(f"/api/plans/{old.plan}/versions/1/forecast", json={"measure": "sales"})
    assert "No month of this plan lies within 2026-07" in answer.text


def test_the_page_takes_over_too_and_says_what_is_missing(told: Told) -> None:
    client = told.client
    del client.headers["Authorization"]
    come_as_admin(client)
    version = told.services.plans.create("Plan", 2026, currency="RUB", author="t")
    page = client.get("/forecasts").text
    assert "Nothing is known of silent" in page
    assert "18 months are known, less than two years" in page
    answer = post(client, "/forecasts/draft", {"version": str(version.id), "measure": "sales", "months": "6"})
    assert answer.status_code == 200
    assert "Plan" in answer.text
    assert "Nothing to forecast here yet" in client.get("/forecasts?measure=calls").text
