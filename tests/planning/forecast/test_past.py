"""What happened, month by month: whole months, gaps and late starts told apart from months in which nothing was."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from attribution.visibility import Visibility
from infra.errors import InvalidInput
from planning.directions import DEFAULT_DIRECTIONS
from planning.forecast.outlook import Series
from planning.forecast.past import Past, pasts_of, read_past
from planning.history import Span, history
from planning.media.months import Month
from tests.attribution.world import World, call, lead, stage
from tests.told import OpenTold

APRIL = Month(2026, 4)
COLUMNS = ["measure", "dealer", "kind", "month_number", "happened", "first_day"]


def tell(world: World) -> None:
    world.refer(dealers=[{"id": "north"}, {"id": "south"}])
    world.tell({
        "leads": [
            lead("l1", 1, dealer="north", phone="+79990000001"), lead("l2", 33, dealer="south", phone="+79990000002"),
            lead("l3", 95, dealer="north", phone="+79990000003"),
        ],
        "deals": [
            stage("d1", "sale", 2, dealer="north", kind="new_car"),
            stage("d2", "sale", 33, dealer="north", kind="used_car"),
            stage("d3", "sale", 34, dealer="north", kind="service"), stage("d4", "sale", 61, kind="new_car"),
        ],
        "calls": [call("c1", 3, "+74950000001", dealer="north"), call("c2", 4, "+74950000001", dealer="north")],
    })  # fmt: skip
    world.attribute()


def of(pasts: tuple[Past, ...], measure: str) -> Past:
    return next(each for each in pasts if each.measure == measure)


def test_counts_are_those_of_reports(open_told: OpenTold) -> None:
    warehouse = open_told(tell).services.warehouse
    pasts = read_past(warehouse, APRIL, DEFAULT_DIRECTIONS, "UTC")
    rows = history(warehouse, Span(Month(2026, 1), Month(2026, 3)), "UTC", ("dealer",))
    for measure in ("sales", "leads", "service_visits"):
        assert np.nansum(of(pasts, measure).counts) == rows[measure].sum()
    assert of(pasts, "calls").counts.tolist() == [[2, 0, 0]]
    sales = of(pasts, "sales")
    assert sales.lines == (
        Series("sales", "(none)", "new_car"), Series("sales", "north", "new_car"), Series("sales", "north", "used_car"),
    )  # fmt: skip
    assert np.nan_to_num(sales.counts, nan=-1).tolist() == [[-1, -1, 1], [1, 0, 0], [0, 1, 0]]
    assert of(pasts, "leads").lines == (Series("leads", "north"), Series("leads", "south"))


def test_the_outlook_is_of_what_is_seen(open_told: OpenTold) -> None:
    services = open_told(tell, datetime(2026, 4, 11, tzinfo=UTC)).services
    whole = services.outlook(6)
    assert whole.months[0] == APRIL
    assert len(whole.months) == 6
    own = services.outlook(6, Visibility(dealers=frozenset({"north"})))
    north, total = own.of("sales", "north"), own.of("sales")
    assert north is not None
    assert total is not None
    assert total == pytest.approx(north)
    assert own.of("leads", "south") is None
    assert whole.of("leads", "south") is not None
    assert services.outlook(6, Visibility(dealers=frozenset())).series == ()
    with pytest.raises(InvalidInput, match="19 months"):
        services.outlook(19)


def past_of(*rows: tuple[str, str, int, int, int]) -> Past:
    """Of sales: dealer, kind, month of 2025 (from 0), how many, first day."""
    told = [("sales", dealer, kind, 2025 * 12 + month, number, day) for dealer, kind, month, number, day in rows]
    return pasts_of(pd.DataFrame(told, columns=COLUMNS), Month(2026, 1), DEFAULT_DIRECTIONS)[0]


def test_a_month_that_begins_late_is_left_out() -> None:
    past = past_of(*(("a", "new_car", month, 9, 20) for month in range(12)))
    assert past.months[0] == Month(2025, 2)
    assert past.counts.shape == (1, 11)
    assert past_of(*(("a", "new_car", month, 9, 2) for month in range(12))).months[0] == Month(2025, 1)


def test_a_gap_is_missing_and_a_quiet_month_is_nought() -> None:
    busy = past_of(*(("a", "new_car", month, 9, 1) for month in range(12) if month not in (4, 5)))
    assert np.flatnonzero(np.isnan(busy.counts[0])).tolist() == [4, 5]
    assert busy.gaps == {"a": 2}
    rare = past_of(*(("a", "new_car", month, 1, 1) for month in range(12) if month not in (4, 5)))
    assert rare.counts[0, 4] == 0
    assert not rare.gaps


def test_a_direction_that_began_later_has_no_noughts_before() -> None:
    past = past_of(
        *(("a", "new_car", month, 9, 1) for month in range(12)),
        *(("a", "used_car", month, 5, 1) for month in range(6, 12)),
    )
    assert np.isnan(past.counts[1, :6]).all()
    assert (past.counts[1, 6:] == 5).all()


def test_first_months_that_lack_what_began_before_are_left_out() -> None:
    told = (18, 60, 80, 70, 75, 80, 70, 80, 90, 80, 70, 80)
    past = past_of(*(("a", "new_car", month, number, 1) for month, number in enumerate(told)))
    assert past.months[0] == Month(2025, 2)


def test_nothing_but_the_month_that_begins_late() -> None:
    past = past_of(("a", "new_car", 11, 9, 20))
    assert past.counts.shape == (1, 1)
    assert np.isnan(past.counts).all()
