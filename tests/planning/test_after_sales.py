"""Service visits that are to be expected: of requests, and of cars that are due."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from api.service_view import outlook_for
from attribution.visibility import EVERYTHING, Visibility
from infra.clock import FrozenClock
from infra.errors import InvalidInput, NotFound
from planning.after_sales import ServiceAssumption, ServiceOutlook, explained, outlook_of
from planning.directions import Direction
from planning.editing import Cell, Editor
from planning.grid import LineKey
from planning.lines import read_lines
from planning.plans import Plans
from planning.service_plan import keep_assumptions, known_assumptions, plan_service_visits, service_direction
from tests.attribution.world import World, lead, stage
from tests.told import OpenTold

TODAY = date(2027, 1, 15)
COLUMNS = ["dealer", "month_number", "leads", "from_leads", "direct", "cars", "due", "came"]


def month(year: int, number: int) -> int:
    return year * 12 + number - 1


Told = tuple[str, int, int, int, int, int, int, int]


def told(*rows: Told) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=COLUMNS)


def outlook(frame: pd.DataFrame, dealers: tuple[str, ...] = ("north",), **assumed: ServiceAssumption) -> ServiceOutlook:
    return outlook_of(frame, 2027, TODAY, assumed, dealers, {})


def test_cars_are_due_by_their_interval() -> None:
    sold = told(("north", month(2026, 3), 0, 0, 0, 10, 0, 0), ("north", month(2025, 7), 0, 0, 0, 4, 0, 0))
    yearly = outlook(sold)
    assert yearly.due[0].tolist() == [0, 0, 10, 0, 0, 0, 4, 0, 0, 0, 0, 0]
    halves = outlook(sold, north=ServiceAssumption(interval_months=6))
    assert halves.due[0].tolist() == [4, 0, 10, 0, 0, 0, 4, 0, 10, 0, 0, 0]
    others = outlook(sold, north=ServiceAssumption(other_cars=120))
    assert others.due[0].tolist() == [10, 10, 20, 10, 10, 10, 14, 10, 10, 10, 10, 10]


def test_every_visit_counts_once() -> None:
    """Of 200 requests 100 came, of 600 cars due 300, and 40 others: with as many due again, 440 come again."""
    at = (2, 5, 8, 11)
    happened = [("north", month(2026, each), 50, 25, 85, 0, 150, 75) for each in at]
    sold = [("north", month(2026, each), 0, 0, 0, 150, 0, 0) for each in at]
    found = outlook(told(*happened, *sold))
    (row,) = explained(found)
    assert row["conversion"] == pytest.approx(0.5, abs=0.01)
    assert row["return_share"] == pytest.approx(0.5, abs=0.01)
    assert (row["others"], row["cars_due"]) == (40, 600)
    assert row["visits"] == pytest.approx(440, rel=0.02)
    assert row["visits_low"] < 440 < row["visits_high"]
    assert found.requests[0].nonzero()[0].tolist() == [1, 4, 7, 10]


def test_few_cars_due_beside_many_visits_do_not_multiply_them() -> None:
    """A dealer whose cars were sold before anything was told: 1 200 visits, one car due, and 300 due next year."""
    happened = [("north", month(2026, each), 0, 0, 100, 25, 0, 0) for each in range(1, 13)]
    found = outlook(told(*happened, ("north", month(2026, 3), 0, 0, 0, 0, 1, 1)))
    assert 1200 <= found.visits.sum() <= 1500


def test_a_dealer_with_few_requests_leans_on_the_others() -> None:
    rows = [(f"d{at}", month(2026, 6), 200, 100, 0, 0, 0, 0) for at in range(8)]
    found = outlook(told(*rows, ("small", month(2026, 6), 3, 0, 0, 0, 0, 0)), (*(f"d{at}" for at in range(8)), "small"))
    assert 0.3 < found.conversion.mean[-1] < 0.5


@given(st.lists(
    st.tuples(st.sampled_from(["north", "south"]), st.integers(month(2024, 1), month(2027, 1)),
              st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 30), st.integers(0, 30),
              st.integers(0, 30)), max_size=12),
)  # fmt: skip
def test_whatever_happened_something_sane_is_expected(rows: list[Told]) -> None:
    found = outlook(told(*rows), ("north", "south"))
    low, high = found.bounds
    year = found.visits.sum(axis=1)
    assert np.isfinite(found.visits).all()
    assert (found.visits >= 0).all()
    assert (low <= year + 1e-9).all()
    assert (year <= high + 1e-9).all()


def tell(world: World) -> None:
    """Two requests for service, one of which came; a visit without one; cars sold; one brought back after a year."""
    world.refer(dealers=[{"id": "north", "name": "Север"}, {"id": "south"}])
    of_service = {"dealer": "north", "properties": {"direction": "service"}}
    asked = [lead(f"l{at}", at, phone=f"+7999000000{at}", **of_service) for at in (1, 2)]
    sold = {"dealer": "north", "amount": "1", "margin": "1", "currency": "RUB"}
    buyer = {"phone": "+79990001111"}
    deals = [
        stage("s1", "sale", 3, kind="service", lead_id="l1", **sold),
        stage("s2", "sale", 40, kind="parts", **sold),
        stage("bought", "sale", -270, kind="new_car", contact=buyer, **sold),
        stage("brought", "sale", 100, kind="service", contact=buyer, **sold),
        *(stage(f"c{at}", "sale", 60, kind="new_car", **sold) for at in range(3)),
    ]
    world.tell({"leads": asked, "deals": deals})
    world.attribute()


def test_what_deals_tell_is_put_into_the_plan(open_told: OpenTold) -> None:
    services = open_told(tell, currency="RUB").services
    version = services.plans.create("План", 2027, currency="RUB", author="anna")
    found = outlook_for(services, EVERYTHING, version)
    north = found.dealers.index("north")
    assert found.due[north].tolist() == [0, 0, 3, 1, *[0] * 8]
    assert found.others[north].tolist() == [0, 1, *[0] * 10]
    assert found.return_share.mean[north] > 0.5
    assert found.requests[north].tolist()[:2] == [2, 0]
    edit = plan_service_visits(services.database, services.clock, version.id, found, "after_sales", author="anna")
    assert edit.lines >= 1
    with services.database.connect() as connection:
        lines = read_lines(connection, version.id)
    line = lines.values[lines.places[LineKey("service_visits", "north", "after_sales")]]
    assert int(line.sum()) == round(found.visits[north].sum())
    mine = outlook_for(services, Visibility(dealers=frozenset({"south"})), version)
    assert (mine.dealers, mine.requests.sum()) == (("south",), 0)


def test_leads_that_are_planned_for_service_count(open_told: OpenTold) -> None:
    services = open_told(tell, currency="RUB").services
    version = services.plans.create("План", 2027, currency="RUB", author="anna")
    services.plan_editor.put(version.id, [Cell(LineKey("leads", "north", "after_sales"), 5, 40)], author="anna")
    found = outlook_for(services, EVERYTHING, version)
    assert found.requests[found.dealers.index("north")].tolist() == [0, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0]


def test_locked_and_closed_months_stay(holding: Engine, clock: FrozenClock, plans: Plans, editor: Editor) -> None:
    draft = plans.create("План", 2027, currency="RUB", author="anna")
    north = LineKey("service_visits", "north", "after_sales")
    editor.put(draft.id, [Cell(north, 1, 7, locked=True)], author="anna")
    found = outlook(
        told(("north", month(2026, 5), 10, 5, 0, 0, 0, 0)), ("north", "east"), east=ServiceAssumption(other_cars=1200)
    )
    plan_service_visits(holding, clock, draft.id, found, "after_sales", author="anna")
    with holding.connect() as connection:
        lines = read_lines(connection, draft.id)
    assert int(lines.values[lines.places[north], 0]) == 7
    east = lines.places.get(north._replace(dealer="east"))
    assert east is None or not lines.values[east, 6:].any()


def test_assumptions_are_kept(holding: Engine, clock: FrozenClock) -> None:
    keep_assumptions(holding, clock, {"": ServiceAssumption(0, 10), "north": ServiceAssumption(500, 12)}, author="anna")
    with holding.connect() as connection:
        assert known_assumptions(connection)["north"].other_cars == 500
    for wrong in ({"nowhere": ServiceAssumption()}, {"": ServiceAssumption(-1)}, {"": ServiceAssumption(0, 0)}):
        with pytest.raises((InvalidInput, NotFound)):
            keep_assumptions(holding, clock, wrong, author="anna")
    with holding.connect() as connection:
        assert len(known_assumptions(connection)) == 2


def test_a_holding_without_service_says_so() -> None:
    with pytest.raises(InvalidInput, match="No direction stands for service"):
        service_direction((Direction(id="boats", name="Boats", kinds=("boat",)),))
