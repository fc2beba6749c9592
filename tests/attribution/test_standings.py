"""Who stands best and worst: in order, with intervals, and as the report has it."""

from datetime import date
from typing import Any

import pytest

from attribution.answer import Period
from attribution.intervals import rate_interval
from attribution.measures import MEASURES
from attribution.standings import Standing, Standings, standings
from tests.attribution.world import World, lead, spend, stage, visit

JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31))


def tell(world: World) -> None:
    """yandex: 400 for 20 leads and two sales; vk: 900 for two leads and one sale; radio: 100 for nothing."""
    visits, leads = [], []
    for number in range(22):
        source, dealer = ("yandex", "d1") if number < 20 else ("vk", "d2")
        visits.append(visit(f"t{number}", f"v{number}", 3, source))
        leads.append(lead(f"l{number}", 3.1, visitor_id=f"v{number}", dealer=dealer))
    world.tell({
        "touches": visits,
        "leads": [*leads, lead("walked in", 3, phone="+79160000001", dealer="d3")],
        "deals": [
            stage("a", "sale", 5, lead_id="l0", dealer="d1", amount=1000, margin=300),
            stage("b", "sale", 6, lead_id="l1", dealer="d1", amount=1000, margin=500),
            stage("c", "sale", 6, lead_id="l20", dealer="d2", amount=1000, margin=450),
        ],
        "spend": [
            spend("2026-01-02", "2026-01-05", 400, "yandex", dealer="d1"),
            spend("2026-01-02", "2026-01-05", 900, "vk", dealer="d2"),
            {"from": "2026-01-02", "to": "2026-01-05", "cost": "100", "source": "radio", "medium": "offline",
             "dealer": "d2"},
        ],
    })  # fmt: skip
    world.attribute()


def asked(world: World, subject: str, slug: str) -> Standings:
    _, tables = standings(world.services.warehouse, JANUARY, world.services.settings)
    return next(each for each in tables if (each.subject, each.measure.slug) == (subject, slug))


def by_name(rows: list[dict[str, Any]], subject: str) -> dict[str, dict[str, Any]]:
    return {row[subject]: row for row in rows}


def test_channels_and_dealers_stand_in_order_with_the_reports_figures(shared: World) -> None:
    shared.hold(tell)
    for subject in ("channel", "dealer"):
        report = by_name(shared.report(subject, first=JANUARY.first_day, last=JANUARY.last_day).items(), subject)
        costly = {name for name, row in report.items() if row["cost"] > 0 and not name.startswith("(")}
        for slug in ("romi", "cpl"):
            found = asked(shared, subject, slug)
            assert {row.name for row in found.rows} == costly
            assert [row.value for row in found.rows] == [pytest.approx(report[row.name][slug]) for row in found.rows]
            known = [row.value for row in found.rows if row.value is not None]
            assert known == sorted(known, reverse=slug == "romi")
    assert [row.name for row in asked(shared, "dealer", "romi").rows] == ["d1", "d2"]
    assert [row.value for row in asked(shared, "dealer", "cpl").rows] == [20, 500]


def test_what_cost_money_and_brought_nothing_stands_last_and_has_a_least_cost(shared: World) -> None:
    shared.hold(tell)
    worst = asked(shared, "channel", "cpl").rows[-1]
    assert (worst.value, worst.high, worst.counted, worst.few) == (None, None, 0, True)
    assert worst.low is not None
    assert worst.low > 0
    romi = next(row for row in asked(shared, "channel", "romi").rows if row.name == worst.name)
    assert (romi.value, romi.low, romi.high) == (-1, None, None)


def test_intervals_hold_the_figure_and_small_numbers_are_marked(shared: World) -> None:
    shared.hold(tell)
    first = asked(shared, "dealer", "cpl").rows[0]
    low, high = rate_interval([20], [400])
    assert (first.counted, first.few) == (20, False)
    assert [first.low, first.high] == pytest.approx([1 / high[0], 1 / low[0]])
    romi = asked(shared, "dealer", "romi").rows[0]
    far = 1.959964 * (300**2 + 500**2) ** 0.5 / 400
    assert (romi.value, romi.counted, romi.few) == (1, 2, True)
    assert [romi.low, romi.high] == pytest.approx([1 - far, 1 + far], rel=1e-5)


def test_nobody_is_among_the_best_and_the_worst() -> None:
    measure = next(each for each in MEASURES if each.slug == "romi")
    rows = [Standing(str(place), 1, 1, 1, 0, 2) for place in range(7)]
    few, many = Standings("channel", measure, rows[:6]), Standings("channel", measure, rows)
    assert ([row.name for row in few.best(3)], list(few.worst(3))) == (["0", "1", "2", "3", "4", "5"], [])
    assert [row.name for row in (*many.best(3), *many.worst(3))] == ["0", "1", "2", "4", "5", "6"]


def test_nothing_that_cost_anything(world: World) -> None:
    world.tell({"leads": [lead("l", 3, phone="+79160000001")]})
    world.attribute()
    assert [list(each.rows) for each in standings(world.services.warehouse, JANUARY, world.services.settings)[1]] == [
        [], [], [], [],
    ]  # fmt: skip
