"""What happened, beside what was planned: from events by themselves, and by file where there is no CRM."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert

from api.plan_facts import of_year, split_basis
from api.plan_view import fact_answer
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from planning.editing import Cell
from planning.facts import last_twelve_months, last_whole_month
from planning.grid import LineKey
from planning.tables import MONTHS, fact_lines
from tests.attribution.world import World, lead, spend, stage
from tests.told import OpenTold

NORTH = LineKey("sales", "north", "new_car")


def tell(world: World) -> None:
    """At north three cars in January and one in March, at south a service; and a million and a half of spend."""
    world.refer(dealers=[{"id": "north", "name": "Север", "brand": "Lada"}, {"id": "south", "brand": "Chery"}])
    sales = [
        stage(f"n{number}", "sale", day, dealer="north", kind="new_car", amount="100.50", margin="10", currency="RUB")
        for number, day in enumerate((3, 4, 5, 65))
    ]
    service = stage("s1", "sale", 6, dealer="south", kind="service", amount="7", margin="1", currency="RUB")
    lost = stage("x1", "sale", 6, kind="new_car", amount="7", margin="1", currency="RUB")
    world.tell({
        "leads": [lead("l1", 2, dealer="north", phone="+79990000001")],
        "deals": [*sales, service, lost],
        "spend": [spend("2026-01-01", "2026-01-31", 1_500_000, "yandex", dealer="north", currency="RUB")],
    })  # fmt: skip
    world.attribute()


def told(grid_lines: dict[LineKey, list[int]]) -> dict[LineKey, list[int]]:
    return {key: values[:3] for key, values in grid_lines.items()}


def test_facts_are_of_dealers_directions_and_months(open_told: OpenTold) -> None:
    services = open_told(tell, currency="RUB").services
    facts = of_year(services, 2026, EVERYTHING)
    found = told(dict(zip(facts.lines.keys, facts.lines.values.tolist(), strict=True)))
    assert found[NORTH] == [3, 0, 1]
    assert found[LineKey("revenue", "north", "new_car")] == [30150, 0, 10050]
    assert found[LineKey("service_visits", "south", "after_sales")] == [1, 0, 0]
    assert found[LineKey("budget", "north", "")] == [150_000_000, 0, 0]
    assert found[LineKey("leads", "north", "")][0] == 1
    assert {key.dealer for key in found} == {"north", "south"}
    mine = of_year(services, 2026, Visibility(dealers=frozenset({"south"}))).lines
    assert {key.dealer for key in mine.keys} == {"south"}


def test_a_files_facts_count_where_the_crm_says_nothing_and_differ_beside_it(open_told: OpenTold) -> None:
    services = open_told(tell, currency="RUB").services
    months = dict.fromkeys(MONTHS) | {"m1": 5, "m2": 2}
    row = {"year": 2026, **NORTH._asdict(), **months, "taken_at": datetime(2026, 6, 1, tzinfo=UTC), "taken_by": "anna"}
    with services.database.begin() as connection:
        connection.execute(insert(fact_lines), {**row, "file": "north.xlsx"})
        connection.execute(insert(fact_lines), {**row, "dealer": "east", "file": "east.xlsx"})
    facts = of_year(services, 2026, EVERYTHING)
    found = told(dict(zip(facts.lines.keys, facts.lines.values.tolist(), strict=True)))
    assert found[NORTH] == [3, 2, 1]
    assert found[NORTH._replace(dealer="east")] == [5, 2, 0]
    (differing,) = facts.disagreements
    assert (differing.key, differing.month, differing.of_file, differing.of_crm) == (NORTH, 1, 5, 3)


def test_plan_and_fact_at_any_level(open_told: OpenTold) -> None:
    services = open_told(tell, currency="RUB").services
    version = services.plans.create("План", 2026, currency="RUB", author="anna")
    cells = [Cell(NORTH, month, 2) for month in range(1, 13)]
    cells += [Cell(LineKey("budget", "south"), 1, 100_00)]
    services.plan_editor.put(version.id, cells, author="anna")
    by_dealer = fact_answer(services, EVERYTHING, version.plan, None, ("brand",), ("sales", "budget"), 3)
    rows = {row["brand"]: row for row in by_dealer.items()}
    lada = rows["Lada"]
    assert (lada["sales_plan"], lada["sales_fact"], lada["sales_difference"]) == (6, 4, -2)
    assert lada["sales_fulfilment"] == pytest.approx(4 / 6)
    assert (lada["sales_year_plan"], lada["sales_pace"]) == (24, 22)
    assert (lada["budget_fulfilment"], lada["budget_fact"]) == (None, 1_500_000)
    assert (rows["Chery"]["budget_plan"], rows["Chery"]["budget_fact"]) == (100, 0)
    assert by_dealer.totals["sales_plan"] == 6
    by_month = fact_answer(services, EVERYTHING, version.plan, None, ("month",), ("sales",), 3).items()
    assert [(row["sales_plan"], row["sales_fact"]) for row in by_month[:4]] == [(2, 3), (2, 0), (2, 1), (0, 0)]
    south = Visibility(dealers=frozenset({"south"}))
    mine = fact_answer(services, south, version.plan, None, ("dealer",), ("sales", "budget"), 3)
    assert [row["dealer"] for row in mine.items()] == ["south"]
    with pytest.raises(InvalidInput, match="no level 'colour'"):
        fact_answer(services, EVERYTHING, version.plan, None, ("colour",), ("sales",), 3)


def test_history_is_of_the_twelve_months_before_this_one(open_told: OpenTold) -> None:
    services = open_told(tell, currency="RUB").services
    history = split_basis(services, EVERYTHING).history
    assert history.values[history.places[NORTH]].tolist()[:3] == [3, 0, 1]


@pytest.mark.parametrize(("today", "first", "last"), [
    (date(2026, 11, 30), date(2025, 11, 1), date(2026, 10, 31)),
    (date(2026, 1, 1), date(2025, 1, 1), date(2025, 12, 31)),
])  # fmt: skip
def test_the_last_twelve_months_are_whole(today: date, first: date, last: date) -> None:
    assert last_twelve_months(today) == (first, last)


@pytest.mark.parametrize(("today", "month"), [
    (date(2026, 12, 31), 0), (date(2027, 1, 30), 0), (date(2027, 1, 31), 1), (date(2027, 3, 1), 2),
    (date(2028, 1, 1), 12),
])  # fmt: skip
def test_the_last_month_that_is_over(today: date, month: int) -> None:
    assert last_whole_month(2027, today) == month
