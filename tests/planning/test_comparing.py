"""Two versions, cell by cell."""

import pytest
from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.clock import FrozenClock
from infra.errors import InvalidInput
from planning.comparing import compare
from planning.editing import Cell, Editor
from planning.edits import edits_of
from planning.grid import LineKey
from planning.plans import Plans, State, move

NORTH, SOUTH = LineKey("sales", "north", "new_car"), LineKey("budget", "south", "", "search")


def test_each_cell_says_who_changed_it_when_and_why(
    holding: Engine, clock: FrozenClock, plans: Plans, editor: Editor
) -> None:
    first = plans.create("План", 2027, currency="RUB", author="director")
    editor.put(first.id, [Cell(NORTH, 1, 10), Cell(NORTH, 2, 20)], author="anna")
    with holding.begin() as connection:
        for state in (State.SUBMITTED, State.RETURNED):
            move(connection, first.id, state, clock, author="director")
    second = plans.new_version(first.plan, author="anna")
    editor.put(second.id, [Cell(NORTH, 1, 11)], author="boris", why="a guess")
    editor.put(second.id, [Cell(NORTH, 1, 12)], author="vera", why="stock came")
    editor.put(second.id, [Cell(SOUTH, 12, 99_50)], author="gleb")
    with holding.connect() as connection:
        found = [each.as_dict() for each in compare(connection, first.id, second.id)]
        back = [each.as_dict() for each in compare(connection, second.id, first.id)]
        north = Visibility(dealers=frozenset({"north"}))
        mine = compare(connection, first.id, second.id, seen=north)
        assert [each.author for each in edits_of(connection, second.id, seen=north)] == ["vera", "boris"]
        assert compare(connection, first.id, second.id, measure="leads") == []
    told = [(each["dealer"], each["month"], each["before"], each["after"], each["who"], each["why"]) for each in found]
    assert told == [("south", 12, 0, 99.5, "gleb", ""), ("north", 1, 10, 12, "vera", "stock came")]
    assert [each["difference"] for each in back] == [-99.5, -2]
    assert [each.key for each in mine] == [NORTH]


def test_versions_of_two_plans_are_not_compared(holding: Engine, plans: Plans) -> None:
    one, other = (plans.create(name, 2027, currency="RUB", author="d") for name in ("a", "b"))
    with holding.connect() as connection, pytest.raises(InvalidInput, match="two plans"):
        compare(connection, one.id, other.id)
