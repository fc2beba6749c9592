"""What is planned for some days."""

from datetime import date

import pytest
from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.clock import FrozenClock
from planning.editing import Cell, Editor
from planning.grid import LineKey
from planning.in_force import Planned, planned_between
from planning.plans import Plans, State, move


@pytest.fixture
def approved(holding: Engine, clock: FrozenClock, plans: Plans, editor: Editor) -> Engine:
    """North sells 31 in January and 28 in February of the year; 62 in a plan of January alone; March is a draft."""

    def plan(month: int | None, *cells: Cell, states: tuple[State, ...] = (State.SUBMITTED, State.APPROVED)) -> None:
        version = plans.create("План", 2027, month=month, currency="RUB", author="anna").id
        editor.put(version, cells, author="anna")
        with holding.begin() as connection:
            for state in states:
                move(connection, version, state, clock, author="anna")

    north, south = (LineKey("sales", name, "new_car") for name in ("north", "south"))
    budget = LineKey("budget", "north")
    plan(None, Cell(north, 1, 31), Cell(north, 2, 28), Cell(south, 2, 2), Cell(budget, 2, 2800_00), Cell(north, 3, 31))
    plan(1, Cell(north, 1, 62))
    plan(3, Cell(north, 3, 999), states=())
    return holding


def between(engine: Engine, first: date, last: date, **told: object) -> Planned:
    with engine.connect() as connection:
        return planned_between(connection, first, last, "RUB", **told)  # type: ignore[arg-type]


def test_the_plan_of_a_month_goes_before_that_of_its_year(approved: Engine) -> None:
    assert between(approved, date(2027, 1, 1), date(2027, 1, 31)).figures == {"sales": 62}
    assert between(approved, date(2027, 2, 1), date(2027, 2, 28)).figures == {"sales": 30, "cost": 2800}
    assert between(approved, date(2027, 3, 1), date(2027, 3, 31)).figures == {"sales": 31, "cost": 0}


def test_a_part_of_a_month_has_its_part(approved: Engine) -> None:
    found = between(approved, date(2027, 1, 31), date(2027, 2, 7))
    assert found.figures["sales"] == pytest.approx(2 + 30 / 4)
    assert found.figures["cost"] == pytest.approx(700)


def test_whoever_sees_a_part_is_told_its_plan(approved: Engine) -> None:
    february = date(2027, 2, 1), date(2027, 2, 28)
    south = frozenset({"south"})
    assert between(approved, *february, seen=Visibility(dealers=south)).figures == {"sales": 2}
    assert between(approved, *february, dealers=south).figures == {"sales": 2}


def test_months_without_a_plan_are_named(approved: Engine) -> None:
    found = between(approved, date(2026, 12, 1), date(2027, 1, 31))
    assert (found.missing, found.is_there) == (("2026-12",), False)
    assert between(approved, date(2027, 1, 1), date(2027, 2, 28)).is_there


def test_money_in_another_currency_is_left_out(approved: Engine) -> None:
    with approved.connect() as connection:
        found = planned_between(connection, date(2027, 2, 1), date(2027, 2, 28), "EUR")
    assert found.figures == {"sales": 30}
