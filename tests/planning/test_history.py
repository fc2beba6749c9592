"""History is the ROMI report's, month by month; what cannot be asked is said."""

import pytest

from attribution.sharing import DealerShare
from infra.errors import InvalidInput
from planning.history import Span, history, months_before
from planning.media.months import Month
from tests.attribution.world import World, lead, spend, visit
from tests.told import OpenTold

JANUARY, MARCH = Month(2026, 1), Month(2026, 3)


def tell(world: World) -> None:
    """In January north spent 900 on vk, which brought a lead; 600 of February name nobody."""
    world.refer(dealers=[{"id": "north"}, {"id": "south"}])
    world.tell({
        "touches": [visit("t1", "v1", 3, "vk")],
        "leads": [
            lead("l1", 3.1, visitor_id="v1", dealer="north"), lead("l2", 40, dealer="south", phone="+79990000001"),
        ],
        "spend": [
            spend("2026-01-01", "2026-01-31", 900, "vk", dealer="north"), spend("2026-02-01", "2026-02-28", 600, "vk"),
        ],
    })  # fmt: skip
    world.attribute()


def test_it_has_a_row_a_month_and_group(open_told: OpenTold) -> None:
    services = open_told(tell).services
    rows = history(services.warehouse, Span(JANUARY, MARCH), "UTC", ("dealer", "channel"))
    found = {(row.month, row.dealer, row.cost, row.leads) for row in rows.itertuples()}
    assert found == {
        ("2026-01", "north", 900, 1), ("2026-02", "north", 300, 0), ("2026-02", "south", 300, 0),
        ("2026-02", "south", 0, 1),
    }  # fmt: skip
    unshared = history(services.warehouse, Span(JANUARY, MARCH), "UTC", ("dealer",), share=DealerShare.NONE)
    assert dict(zip(unshared["dealer"], unshared["cost"], strict=True)) == {"north": 900, "south": 0, "(none)": 600}


def test_months_are_whole_and_in_order() -> None:
    assert months_before(Month(2026, 2), 3).months == (Month(2025, 11), Month(2025, 12), Month(2026, 1))
    with pytest.raises(InvalidInput, match="2026-01 comes before 2026-03"):
        Span(MARCH, JANUARY)


def test_what_history_is_not_kept_by_is_refused(open_told: OpenTold) -> None:
    with pytest.raises(InvalidInput, match="'manager'"):
        history(open_told(tell).services.warehouse, Span(JANUARY, MARCH), "UTC", ("manager",))
