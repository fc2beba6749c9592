"""Calls an hour against those who answer them."""

from typing import Any

import pytest

from attribution.answer import Answer, Period
from attribution.staffing import StaffingQuestion, staffing_report
from infra.errors import InvalidInput
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, call


def staffing(world: World, *by: str) -> Answer:
    question = StaffingQuestion(Period(FIRST_DAY, LAST_DAY), by)
    return staffing_report(world.services.warehouse, question, world.services.settings)


def at(day: int, hour: float) -> float:
    return day + hour / 24


def taken(name: str, moment: float, operator: str = "", status: str = "answered", **fields: Any) -> dict[str, Any]:
    return call(name, moment, "+74950000000", operator=operator, status=status, dealer="north", **fields)


def test_hours_and_people(world: World) -> None:
    """Two days: at nine three calls by two people on the first, two of which one was missed on the second."""
    world.tell({
        "calls": [
            taken("c1", at(0, 9.1), "ann"), taken("c2", at(0, 9.2), "ann"), taken("c3", at(0, 9.5), "bob"),
            taken("c4", at(1, 9.1), "ann"), taken("c5", at(1, 9.4), status="missed"),
            taken("c6", at(1, 15), status="busy"),
            taken("out", at(1, 15), "ann", direction="out"),
        ],
    })  # fmt: skip
    world.attribute()
    answer = staffing(world, "hour")
    nine, three = answer.items()
    assert nine == {
        "hour": "09", "calls": 5, "answered": 4, "unanswered": 1, "share_unanswered": 0.2, "calls_per_hour": 2.5,
        "staff": 1.5, "answered_per_person": pytest.approx(4 / 3),
    }  # fmt: skip
    assert (three["hour"], three["calls"], three["unanswered"], three["staff"]) == ("15", 1, 1, None)
    assert answer.about["days"] == 2
    assert (answer.totals["calls"], answer.totals["unanswered"]) == (6, 2)


def test_weekdays_and_hours(world: World) -> None:
    """Two Thursdays, of which the second had no call at nine: the mean is of both."""
    world.tell({"calls": [taken("c1", at(0, 9), "ann"), taken("c2", at(0, 9.3), "ann"), taken("c3", at(7, 11), "ann")]})
    world.attribute()
    rows = {(row["weekday"], row["hour"]): row for row in staffing(world, "weekday", "hour").items()}
    assert set(rows) == {("4 Thursday", "09"), ("4 Thursday", "11")}
    assert (rows["4 Thursday", "09"]["calls_per_hour"], rows["4 Thursday", "09"]["staff"]) == (1, 0.5)
    assert staffing(world, "weekday").items()[0]["calls_per_hour"] == pytest.approx(3 / 48)


def test_without_a_call(world: World) -> None:
    world.tell({"calls": [taken("c1", at(0, 9))]})
    world.attribute()
    question = StaffingQuestion(Period(FIRST_DAY, FIRST_DAY))
    answer = staffing_report(world.services.warehouse, question, world.services.settings)
    assert (answer.items(), answer.about["days"], answer.totals["calls"]) == ([], 0, 0)


@pytest.mark.parametrize("by", [(), ("dealer",), ("hour", "hour")])
def test_what_cannot_be_asked(by: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        StaffingQuestion(Period(FIRST_DAY, LAST_DAY), by)
