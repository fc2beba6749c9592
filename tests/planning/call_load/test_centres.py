"""What people say of call centres: kept whole, by whoever saw what is in force, and noted."""

from typing import Any

import pytest
from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput, NotFound, NotPermitted
from planning.call_load.centres import CallCentre, Centres, Shift, in_force, read_centre

STAFF = ((0,) * 9 + (2,) * 9 + (0,) * 6,) * 7
OF_SOUTH = Visibility(dealers=frozenset({"south"}))


def test_a_dealer_aims_at_what_the_holding_does_until_it_is_told_otherwise(holding: Engine, clock: FrozenClock) -> None:
    centres = Centres(holding, clock)
    told = read_centre({"service_level": 0.9, "staff": STAFF, "holidays": ["2026-12-31"]})
    centres.keep("", told, based_on=0, author="anna")
    north, revision = centres.get("north")
    assert (north.service_level, north.staff, revision) == (0.9, None, 0)
    centres.keep("north", CallCentre(patience_s=60, staff=STAFF), based_on=0, author="boris")
    assert centres.get("north")[1] == 1
    known = in_force(centres.known(), "north")
    assert (known.service_level, known.patience_s, known.staff) == (0.8, 60, STAFF)
    assert known.holidays == told.holidays
    (change, *_), count = find_changes(holding, what="call centre")
    assert (count, change.who, change.what) == (2, "boris", "call centre north")


def test_what_somebody_else_changed_is_not_overwritten(holding: Engine, clock: FrozenClock) -> None:
    centres = Centres(holding, clock)
    centres.keep("north", CallCentre(within_s=10), based_on=0, author="anna")
    for based_on in (0, 2):
        with pytest.raises(Conflict, match="anna has changed this call centre"):
            centres.keep("north", CallCentre(within_s=30), based_on=based_on, author="boris")
    centres.keep("north", CallCentre(within_s=15), based_on=1, author="boris")
    assert (centres.get("north")[0].within_s, centres.get("north")[1]) == (15, 2)


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({"service_level": 80}, "service_level"),
        ({"within_s": 1.5}, "within_s"),
        ({"patience_s": float("nan")}, "patience_s"),
        ({"staff": [[1] * 24] * 6}, "staff"),
        ({"staff": [[True] * 24] * 7}, "staff"),
        ({"shifts": [{"name": "Day", "start": 24, "hours": 8}]}, "shifts"),
        ({"shifts": [{"name": "Day", "start": 9, "hours": 8}, {"name": "day", "start": 7, "hours": 8}]}, "shifts"),
        ({"holidays": ["tomorrow"]}, "holidays"),
        ({"people": 3}, "people"),
    ],
)
def test_what_no_call_centre_can_be_is_said(told: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidInput, match="Nothing was changed") as refused:
        read_centre(told)
    assert str(refused.value.where).startswith(where)
    assert refused.value.help


def test_others_dealers_are_not_there(holding: Engine, clock: FrozenClock) -> None:
    centres = Centres(holding, clock)
    for name, kind in (("north", NotFound), ("", NotPermitted)):
        with pytest.raises(kind):
            centres.keep(name, CallCentre(), based_on=0, author="anna", seen=OF_SOUTH)
    with pytest.raises(NotFound):
        centres.get("nowhere")
    with pytest.raises(InvalidInput, match="whole holding"):
        centres.keep("south", read_centre({"holidays": ["2026-12-31"]}), based_on=0, author="anna", seen=OF_SOUTH)
    assert centres.known() == {}


def test_shifts_that_ship_have_names_of_their_own() -> None:
    assert [each.start for each in CallCentre().shifts] == [8, 10, 13]
    assert Shift(name="Night", start=22, hours=9).hours == 9
