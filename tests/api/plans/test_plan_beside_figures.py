"""Figures of the overview and of a dealer beside what was planned."""

from datetime import date

import pytest
from fastapi.testclient import TestClient

from planning.editing import Cell
from planning.grid import LineKey
from planning.plans import State, move
from tests.attribution.world import World, lead, spend, stage
from tests.told import OpenTold

JUNE = {"from": "2026-06-01", "to": "2026-06-30"}


def tell(world: World) -> None:
    """In June: one sale, two leads and 3 000 of spend at north; nothing at south."""
    world.refer(dealers=[{"id": "north"}, {"id": "south"}])
    day = (date(2026, 6, 10) - date(2026, 1, 1)).days
    sold = {"dealer": "north", "kind": "new_car", "amount": "1", "margin": "1", "currency": "RUB"}
    world.tell({
        "leads": [lead(f"l{at}", day, dealer="north", phone=f"+7999000000{at}") for at in (1, 2)],
        "deals": [stage("d1", "sale", day, **sold)],
        "spend": [spend("2026-06-01", "2026-06-30", 3000, "yandex", dealer="north", currency="RUB")],
    })  # fmt: skip
    world.attribute()


@pytest.fixture
def client(open_told: OpenTold) -> TestClient:
    told = open_told(tell, currency="RUB")
    services = told.services
    version = services.plans.create("План", 2026, currency="RUB", author="anna").id
    cells = [
        Cell(LineKey("sales", "north", "new_car"), 6, 2),
        Cell(LineKey("sales", "south", "new_car"), 6, 3),
        Cell(LineKey("leads", "north"), 6, 2),
        Cell(LineKey("budget", "north"), 6, 2000_00),
    ]
    services.plan_editor.put(version, cells, author="anna")
    with services.database.begin() as connection:
        for state in (State.SUBMITTED, State.APPROVED):
            move(connection, version, state, services.clock, author="anna")
    told.client.headers["Authorization"] = "Bearer r"
    return told.client


def test_the_overview_says_what_was_planned(client: TestClient) -> None:
    items = {each["name"]: each for each in client.get("/api/overview", params=JUNE).json()["items"]}
    assert (items["sales"]["value"], items["sales"]["plan"]) == (1, 5)
    assert (items["cost"]["plan"], items["leads"]["plan"], items["cpl"]["plan"]) == (2000, 2, 1000)
    assert items["romi"]["plan"] is None
    page = client.get("/overview", params=JUNE).text
    for words in ("20.0% of plan", "100.0% of plan", "plan 1 000"):
        assert words in page


def test_a_month_without_a_plan_has_nothing_beside_it(client: TestClient) -> None:
    items = client.get("/api/overview", params={"from": "2025-12-01", "to": "2026-06-30"}).json()["items"]
    assert {each["plan"] for each in items} == {None}


def test_a_dealers_page_is_beside_its_own_plan(client: TestClient) -> None:
    page = client.get("/dealers/north", params=JUNE).text
    assert "50.0% of plan" in page
    assert "150.0% of plan" in page


def test_the_comparison_of_dealers_says_how_much_of_the_plan_each_reached(client: TestClient) -> None:
    page = client.get("/dealers", params=JUNE).text
    assert "Sales plan reached" in page
    assert '<td class="number" data-value="0.5">50.0%<div class="interval">of 2</div></td>' in page
    of_a_month_without_a_plan = client.get("/dealers", params={"from": "2025-12-01", "to": "2026-06-30"}).text
    assert "Sales plan reached" not in of_a_month_without_a_plan
