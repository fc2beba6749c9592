"""A period beside the one before it: in figures told by hand, and just as the report has them."""

from datetime import date, timedelta

import pytest

from attribution.answer import Period
from attribution.meanings import MEANINGS
from attribution.measures import MEASURES
from attribution.overview import BETTER, Overview, Step, overview, period_before
from attribution.question import Condition
from infra.errors import InvalidInput, NotReady
from tests.attribution.world import World, lead, spend, stage, visit

FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28))  # days 31 to 58
BEFORE = Period(date(2026, 1, 4), date(2026, 1, 31))


def tell(world: World) -> None:
    """Before: 300 for two leads and a sale; in February: 800 for four leads and two sales, one without a touch."""
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", day, "yandex") for n, day in enumerate((5, 6, 32, 33, 33, 40))],
        "leads": [lead(f"l{n}", day, visitor_id=f"v{n}", dealer="d1") for n, day in enumerate((5, 6, 32, 33, 33, 40))],
        "deals": [
            stage("a", "sale", 10, lead_id="l0", dealer="d1", amount=1000, margin=450),
            stage("b", "sale", 40, lead_id="l2", dealer="d1", amount=1000, margin=400),
            stage("c", "sale", 58, contact={"phone": "+79160000001"}, dealer="d2", amount=3000, margin=1200),
            stage("late", "sale", 59, contact={"phone": "+79160000002"}, dealer="d2", amount=9000, margin=9000),
        ],
        "spend": [
            spend("2026-01-06", "2026-01-07", 300, "yandex"), spend("2026-02-02", "2026-02-02", 600, "yandex"),
            spend("2026-02-28", "2026-02-28", 200, "yandex"),
        ],
    })  # fmt: skip
    world.attribute()


def seen(world: World, period: Period = FEBRUARY, step: Step = Step.DAY) -> Overview:
    return overview(world.services.warehouse, period, step, "UTC")


def test_figures_of_both_periods_and_how_they_changed(shared: World) -> None:
    shared.hold(tell)
    found = seen(shared)
    assert found.before == BEFORE
    assert {each.measure.slug: (each.value, each.before) for each in found.figures} == {
        "cost": (800, 300), "leads": (4, 2), "visits": (0, 0), "sales": (2, 1), "revenue": (4000, 1000),
        "margin": (1600, 450), "cpl": (200, 150), "cps": (400, 300), "romi": (1, 0.5), "drr": (0.2, 0.3),
    }  # fmt: skip
    assert found.of("leads").change == 1
    assert found.of("cpl").change == pytest.approx(1 / 3)
    assert found.of("romi").difference == 0.5
    assert found.of("visits").difference == 0
    assert found.of("visits").change is None


def test_more_cost_is_not_good_by_itself_and_a_higher_cpl_is_bad(shared: World) -> None:
    shared.hold(tell)
    found = seen(shared)
    assert {each.measure.slug: each.is_good for each in found.figures} == {
        "cost": None, "leads": True, "visits": None, "sales": True, "revenue": True, "margin": True, "cpl": False,
        "cps": False, "romi": True, "drr": True,
    }  # fmt: skip


def test_both_periods_are_those_of_the_report(shared: World) -> None:
    shared.hold(tell)
    found = seen(shared)
    for period, name in ((FEBRUARY, "value"), (BEFORE, "before")):
        totals = shared.report("channel", first=period.first_day, last=period.last_day).totals
        assert {slug: getattr(found.of(slug), name) for slug in BETTER} == pytest.approx(
            {slug: totals[slug] for slug in BETTER}
        )


def test_a_line_has_every_day_and_no_ratio_where_there_is_nothing_to_divide_by(shared: World) -> None:
    shared.hold(tell)
    found = seen(shared)
    assert list(found.steps) == [date(2026, 2, 1) + timedelta(days=day) for day in range(28)]
    assert list(found.of("leads").line[:5]) == [0, 1, 2, 0, 0]
    assert list(found.of("cpl").line[:5]) == [None, 600, 0, None, None]
    assert list(found.of("cost").line_before[:5]) == [0, 0, 150, 150, 0]


def test_weeks_begin_with_the_period_and_a_ratio_of_a_week_is_made_of_its_sums(shared: World) -> None:
    shared.hold(tell)
    found = seen(shared, step=Step.WEEK)
    assert list(found.steps) == [date(2026, 2, day) for day in (1, 8, 15, 22)]
    assert list(found.steps_before) == [date(2026, 1, day) for day in (4, 11, 18, 25)]
    assert list(found.of("leads").line) == [3, 1, 0, 0]
    assert list(found.of("cpl").line) == [200, 0, None, None]
    assert list(found.of("cpl").line_before) == [150, None, None, None]


def test_a_shorter_last_week(shared: World) -> None:
    shared.hold(tell)
    found = seen(shared, Period(date(2026, 2, 1), date(2026, 2, 10)), Step.WEEK)
    assert list(found.steps) == [date(2026, 2, 1), date(2026, 2, 8)]
    assert list(found.of("leads").line) == [3, 1]


def test_nothing_in_a_period(shared: World) -> None:
    shared.hold(tell)
    found = seen(shared, Period(date(2025, 3, 1), date(2025, 3, 31)))
    assert found.is_empty
    assert (found.of("romi").value, found.of("romi").difference, found.of("cost").is_good) == (None, None, None)
    assert not seen(shared).is_empty


def test_a_part_of_the_holding_has_its_own_figures_and_its_share_of_cost(shared: World) -> None:
    shared.hold(tell)
    where = (Condition("dealer", ("d1",)),)
    found = overview(shared.services.warehouse, FEBRUARY, Step.DAY, "UTC", where=where)
    assert (found.of("sales").value, found.of("revenue").value) == (1, 1000)
    report = shared.report("dealer", first=FEBRUARY.first_day, last=FEBRUARY.last_day, where=where)
    assert found.of("cost").value == report.totals["cost"]
    assert found.of("leads").before == 2


def test_a_fall_from_less_than_nothing_is_a_fall(world: World) -> None:
    """A margin of -100 that becomes -150 fell by a half."""
    world.tell({
        "deals": [
            stage("a", "sale", 10, contact={"phone": "+79160000001"}, amount=1000, margin=-100),
            stage("b", "sale", 40, contact={"phone": "+79160000002"}, amount=1000, margin=-150),
        ]
    })  # fmt: skip
    world.attribute()
    margin = seen(world).of("margin")
    assert (margin.change, margin.is_good) == (-0.5, False)


def test_before_anything_was_attributed(world: World) -> None:
    with pytest.raises(NotReady):
        seen(world)


@pytest.mark.parametrize("period", [
    Period(date(1, 1, 1), date(1, 1, 2)), Period(date(2026, 1, 1), date(9999, 12, 31)),
    Period(date(2001, 1, 1), date(2026, 1, 1)),
])  # fmt: skip
def test_periods_that_cannot_be_compared(period: Period) -> None:
    with pytest.raises(InvalidInput) as refused:
        period_before(period)
    assert (refused.value.where, bool(refused.value.help)) == ("from", True)


def test_every_measure_has_its_meaning() -> None:
    assert list(MEANINGS) == [measure.slug for measure in MEASURES]
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())
