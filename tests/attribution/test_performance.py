"""What sales people and products bring."""

from typing import Any

import pytest

from attribution.answer import Answer, Period
from attribution.performance import PerformanceQuestion, performance_report
from infra.errors import InvalidInput
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, moment, stage


def performance(world: World, *by: str) -> Answer:
    question = PerformanceQuestion(Period(FIRST_DAY, LAST_DAY), by)
    return performance_report(world.services.warehouse, question, world.services.settings)


def tell(world: World) -> None:
    """Ann has eight leads of which two were sold, Bob two of which none was."""
    leads: list[dict[str, Any]] = [
        lead(f"l{n}", n, phone=f"+7916000000{n}", manager="Ann" if n < 8 else "Bob", dealer="north",
             first_response_at=moment(n + 0.01))
        for n in range(10)
    ]  # fmt: skip
    deals = [
        stage(f"d{n}", reached, n + day, lead_id=f"l{n}", dealer="north", manager="Ann", product="Vesta", **worth)
        for n in (1, 2)
        for reached, day, worth in (("qualified", 1, {}), ("sale", 5, {"amount": 1000 * n, "margin": 100 * n}))
    ]
    world.tell({"leads": leads, "deals": [*deals, stage("d9", "qualified", 10, lead_id="l9", dealer="north")]})
    world.attribute()


def test_by_manager(shared: World) -> None:
    shared.hold(tell)
    ann, bob = performance(shared, "manager").items()
    figures = ("manager", "sales", "revenue", "margin", "leads", "qualified", "visits", "sold")
    assert [ann[name] for name in figures] == ["Ann", 2, 3000, 300, 8, 2, 2, 2]
    assert [bob[name] for name in figures] == ["Bob", 0, 0, 0, 2, 1, 0, 0]
    assert ann["cr_lead_sale"] == 0.25
    assert ann["cr_lead_sale_low"] == pytest.approx(0.0715, abs=1e-4)  # Wilson, of 2 in 8
    assert ann["cr_lead_sale_high"] == pytest.approx(0.5907, abs=1e-4)
    assert (bob["cr_lead_qualified"], bob["cr_lead_sale"], bob["cr_visit_sale"]) == (0.5, 0, None)
    assert ann["response_median"] == pytest.approx(864)


def test_totals_are_of_all(shared: World) -> None:
    shared.hold(tell)
    answer = performance(shared, "product")
    assert {row["product"]: row["sold"] for row in answer.items()} == {"Vesta": 2, "(none)": 0}
    assert [answer.totals[name] for name in ("sales", "margin", "leads", "sold")] == [2, 300, 10, 2]
    assert answer.totals["cr_lead_sale"] == pytest.approx(0.2)
    assert [row["dealer"] for row in performance(shared, "manager", "dealer").items()] == ["north", "north"]


@pytest.mark.parametrize("by", [(), ("channel",), ("manager", "manager")])
def test_what_cannot_be_asked(by: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        PerformanceQuestion(Period(FIRST_DAY, LAST_DAY), by)
