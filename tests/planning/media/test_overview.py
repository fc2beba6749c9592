"""How media plans stand, and what waits: in both databases, beside spend that is told here."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.clock import FrozenClock
from infra.errors import NotFound
from planning.media.commitments import Commitments, Order
from planning.media.curve import curve_of
from planning.media.overview import month_overview, plan_progress
from planning.media.plans import MediaPlan, MediaPlans, Step
from planning.media.progress import PlanProgress, Trouble
from planning.media.reallocation import Reallocations, movable_items
from planning.media.spending import Figures, Line, Spending
from planning.media.waiting import waiting
from tests.planning.media.conftest import NOVEMBER, approved_plan, item

TODAY = date(2026, 11, 16)
DAYS = [NOVEMBER.first + timedelta(days=number) for number in range(15)]


def line(channel: str, a_day: int, contractor: str = "") -> Line:
    """Of the first 15 days; in whole roubles."""
    return Line(channel, "", contractor, {day: Figures(a_day * 100.0, 0, 0, 0.5) for day in DAYS})


SPENDING = Spending(
    NOVEMBER, 1,
    lines={"north": [line("search", 3_000), line("social", 500), line("tv", 10)], "south": [line("search", 100)]},
    upto=DAYS[-1],
)  # fmt: skip


@pytest.fixture
def north(media: MediaPlans) -> MediaPlan:
    return approved_plan(
        media, "north", item("search", 60_000), item("social", 30_000, contractor="wave"), item("social", 9_000)
    )


def progress(holding: Engine, plan: MediaPlan, today: date = TODAY) -> PlanProgress:
    return plan_progress(holding, plan.id, SPENDING, today)


def test_a_plan_stands_where_its_items_stand(holding: Engine, clock: FrozenClock, north: MediaPlan) -> None:
    found = progress(holding, north)
    search, wave, social = found.items
    assert [each.figures.cost for each in found.items] == [4_500_000, 0, 750_000]
    assert (found.laid_out, found.rest, found.spent) == (99_000_00, 1_000_00, 52_650_00)
    assert search.forecast is not None
    assert search.forecast.low < 90_000_00 < search.forecast.high
    assert found.forecast is not None
    assert found.forecast.spent == pytest.approx(52_650_00)
    kinds = [(each.kind, each.item) for each in found.warnings]
    assert (Trouble.OVERSPEND, search.item.id) in kinds
    assert (Trouble.UNDERSPEND, wave.item.id) in kinds
    assert (Trouble.OVERSPEND, social.item.id) in kinds
    assert found.leads == pytest.approx(22.5)


def test_nothing_is_warned_of_in_the_first_days_by_chance(holding: Engine, north: MediaPlan) -> None:
    first = Spending(
        NOVEMBER, 1, lines={"north": [Line("search", "", "", {DAYS[0]: Figures(270_000.0)})]}, upto=DAYS[0]
    )
    found = plan_progress(holding, north.id, first, DAYS[1])
    assert not [each for each in found.warnings if each.item == found.items[0].item.id]


def test_the_curve_adds_up(holding: Engine, north: MediaPlan) -> None:
    found = progress(holding, north)
    days = curve_of(found)
    assert (len(days), days[-1].planned_so_far, days[-1].spent_so_far) == (30, 99_000_00, 52_650_00)
    one = curve_of(found, found.items[0].item.id)
    assert (one[-1].planned_so_far, one[-1].spent_so_far) == (60_000_00, 45_000_00)
    with pytest.raises(NotFound):
        curve_of(found, 999)


def test_the_month_has_every_dealer_that_is_seen(holding: Engine, north: MediaPlan) -> None:
    found = {each.dealer.id: each for each in month_overview(holding, NOVEMBER, SPENDING, TODAY)}
    assert set(found) == {"north", "south", "east"}
    assert found["south"].progress is None
    assert found["south"].budget is not None
    assert found["south"].spent == 1_500_00
    assert found["east"].budget is None
    own = Visibility(dealers=frozenset({"south"}))
    assert [each.dealer.id for each in month_overview(holding, NOVEMBER, SPENDING, TODAY, seen=own)] == ["south"]
    wave = Visibility(contractors=frozenset({"wave"}))
    (seen,) = month_overview(holding, NOVEMBER, SPENDING, TODAY, seen=wave)
    assert seen.budget is None
    assert seen.progress is not None
    assert (seen.progress.laid_out, seen.progress.budget, seen.spent) == (30_000_00, None, 0)


def test_what_waits_is_told_to_whoever_acts(
    holding: Engine, clock: FrozenClock, media: MediaPlans, north: MediaPlan
) -> None:
    search, wave, _social = (each.id for each in media.items(north.id))
    told = Order("1", TODAY, "wave", 100_00, "RUB", TODAY, NOVEMBER.last, {wave: None}, cancel_by=date(2026, 11, 20))
    Commitments(holding, clock).order(north.id, told, author="anna")
    Reallocations(holding, clock).ask({search: -50_000_00, wave: 50_000_00}, author="anna", why="x")
    south = media.open("south", NOVEMBER, author="anna", currency="RUB")
    overview = month_overview(holding, NOVEMBER, SPENDING, TODAY)
    with holding.connect() as connection:
        found = waiting(connection, TODAY, overview=overview)
        others = waiting(connection, TODAY, seen=Visibility(dealers=frozenset({"south"})))
        nothing = waiting(connection, TODAY, seen=Visibility(contractors=frozenset({"wave"})))
    kinds = {(each.kind, each.who) for each in found}
    assert kinds == {
        ("cancel_by", "planner"), ("reallocation", "director"), ("lay_out", "planner"),
        ("overspend", "planner"), ("underspend", "planner"),
    }  # fmt: skip
    assert {each.link for each in found} == {"/media-plans/north/2026-11", "/media-plans/south/2026-11"}
    assert [each.kind for each in others] == ["lay_out"]
    assert nothing == []
    south = media.put(south.id, [item("tv", 5)], based_on=south.revision, author="anna")
    media.step(south.id, Step.SUBMIT, based_on=south.revision, author="anna")
    with holding.connect() as connection:
        kinds_now = [each.kind for each in waiting(connection, TODAY)]
    assert "media_plan" in kinds_now
    assert "lay_out" not in kinds_now


def test_money_can_move_between_items_of_approved_plans(holding: Engine, media: MediaPlans, north: MediaPlan) -> None:
    media.open("south", NOVEMBER, author="anna", currency="RUB")
    assert [(each.title, each.free) for each in movable_items(holding, NOVEMBER)] == [
        ("search", 60_000_00), ("social / wave", 30_000_00), ("social", 9_000_00),
    ]  # fmt: skip
