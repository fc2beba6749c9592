"""Plans, their versions, and the cells of drafts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import ClosedLoopError, Conflict, InvalidInput, NotFound
from planning.editing import Cell, Editor
from planning.grid import LineKey
from planning.lines import read_lines
from planning.plans import Plans, PlanVersion, State, move

NORTH, SOUTH = LineKey("sales", "north", "new_car"), LineKey("sales", "south", "new_car")


@pytest.fixture
def draft(plans: Plans) -> PlanVersion:
    return plans.create("План 2027", 2027, currency="RUB", author="director")


def values(engine: Engine, version: int) -> dict[LineKey, list[int]]:
    with engine.connect() as connection:
        grid = read_lines(connection, version)
    return dict(zip(grid.keys, grid.values.tolist(), strict=True))


def moved(engine: Engine, clock: FrozenClock, version: int, *states: State) -> None:
    with engine.begin() as connection:
        for state in states:
            move(connection, version, state, clock, author="director")


def test_cells_are_kept_and_noted(holding: Engine, plans: Plans, editor: Editor, draft: PlanVersion) -> None:
    told = editor.put(draft.id, [Cell(NORTH, 1, 10), Cell(NORTH, 12, 7, locked=True)], author="anna", why="first")
    assert told.lines == 1
    assert values(holding, draft.id) == {NORTH: [10, *[0] * 10, 7]}
    assert plans.version(draft.id).newest_edit == told.edit
    assert editor.put(draft.id, [Cell(NORTH, 1, 10)], author="anna").edit == 0
    assert plans.version(draft.id).newest_edit == told.edit


def test_a_plan_of_one_month_begins_with_that_month_of_the_year(
    holding: Engine, plans: Plans, editor: Editor, draft: PlanVersion
) -> None:
    editor.put(draft.id, [Cell(NORTH, 3, 30), Cell(NORTH, 4, 40)], author="anna")
    month = plans.create("Март", 2027, month=3, currency="rub", author="anna", based_on=draft.id)
    assert values(holding, month.id) == {NORTH: [0, 0, 30, *[0] * 9]}
    with pytest.raises(InvalidInput, match="no month 4"):
        editor.put(month.id, [Cell(NORTH, 4, 1)], author="anna")


@pytest.mark.parametrize(("cell", "said"), [
    (Cell(NORTH, 13, 1), "no month 13"),
    (Cell(NORTH, 1, -1), "not negative"),
    (Cell(LineKey("sales", "north", "boats"), 1, 1), "no direction 'boats'"),
    (Cell(LineKey("joy", "north"), 1, 1), "no planned measure 'joy'"),
    (Cell(LineKey("sales", "nowhere"), 1, 1), "no dealer 'nowhere'"),
    (Cell(LineKey("sales", "east", "new_car"), 7, 1), "Восток closes on 2027-06-30: 2027-07 cannot have a plan"),
    (Cell(LineKey("sales", "west", "new_car"), 3, 1), "Запад opens on 2027-04-15: 2027-03 cannot have a plan"),
])  # fmt: skip
def test_what_cannot_be_planned_is_refused_and_nothing_is_kept(
    holding: Engine, editor: Editor, draft: PlanVersion, cell: Cell, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        editor.put(draft.id, [Cell(NORTH, 1, 5), cell], author="anna")
    assert values(holding, draft.id) == {}


def test_months_in_which_a_dealer_opens_or_closes_can_be_planned(editor: Editor, draft: PlanVersion) -> None:
    east, west = LineKey("sales", "east", "new_car"), LineKey("sales", "west", "new_car")
    assert editor.put(draft.id, [Cell(east, 6, 1), Cell(west, 4, 1)], author="anna").lines == 2


def test_a_dealers_marketer_changes_only_their_own(editor: Editor, draft: PlanVersion) -> None:
    mine = Visibility(dealers=frozenset({"north"}))
    assert editor.put(draft.id, [Cell(NORTH, 1, 5)], author="anna", seen=mine).lines == 1
    with pytest.raises(NotFound, match="no dealer 'south'"):
        editor.put(draft.id, [Cell(SOUTH, 1, 5)], author="anna", seen=mine)


def test_the_second_to_change_a_cell_is_told_what_the_first_wrote(editor: Editor, draft: PlanVersion) -> None:
    seen = editor.put(draft.id, [Cell(NORTH, 1, 10)], author="anna").edit
    editor.put(draft.id, [Cell(NORTH, 1, 12, based_on=seen)], author="boris")
    with pytest.raises(Conflict, match="boris has meanwhile changed sales of north for month 1 to 12"):
        editor.put(draft.id, [Cell(NORTH, 1, 11, based_on=seen)], author="anna")
    assert editor.put(draft.id, [Cell(NORTH, 2, 11, based_on=seen)], author="anna").lines == 1


def test_no_update_is_lost_when_many_write_at_once(holding: Engine, editor: Editor, draft: PlanVersion) -> None:
    """Each adds one to the same cell, and looks again where somebody was faster."""

    def add_one(_: int) -> None:
        while True:
            with holding.connect() as connection:
                grid = read_lines(connection, draft.id)
            known, edit = (int(grid.values[0, 0]), int(grid.edits[0])) if len(grid.keys) else (0, 0)
            try:
                editor.put(draft.id, [Cell(NORTH, 1, known + 1, based_on=edit)], author="one")
                return
            except Conflict:
                continue

    editor.put(draft.id, [Cell(NORTH, 1, 1)], author="one")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(24)))
    assert values(holding, draft.id)[NORTH][0] == 25


def test_what_was_submitted_never_changes(
    holding: Engine, clock: FrozenClock, plans: Plans, editor: Editor, draft: PlanVersion
) -> None:
    editor.put(draft.id, [Cell(NORTH, 1, 10)], author="anna")
    moved(holding, clock, draft.id, State.SUBMITTED)
    with pytest.raises(Conflict, match="Version 1 is submitted"):
        editor.put(draft.id, [Cell(NORTH, 1, 11)], author="anna")
    with pytest.raises(Conflict, match="Version 1 of this plan is submitted"):
        plans.new_version(draft.plan, author="anna")
    moved(holding, clock, draft.id, State.RETURNED)
    second = plans.new_version(draft.plan, author="anna")
    editor.put(second.id, [Cell(NORTH, 1, 11)], author="anna")
    assert (values(holding, draft.id)[NORTH][0], values(holding, second.id)[NORTH][0]) == (10, 11)


def test_an_amendment_says_why_and_takes_the_place_of_what_was_approved(
    holding: Engine, clock: FrozenClock, plans: Plans, draft: PlanVersion
) -> None:
    moved(holding, clock, draft.id, State.SUBMITTED, State.APPROVED)
    with pytest.raises(InvalidInput, match="amended for a reason"):
        plans.new_version(draft.plan, author="anna", why=" ")
    amendment = plans.new_version(draft.plan, author="anna", why="a new model")
    assert amendment.is_amendment
    moved(holding, clock, amendment.id, State.SUBMITTED, State.APPROVED)
    assert [each.state for each in plans.versions(draft.plan)] == [State.APPROVED, State.SUPERSEDED]
    with pytest.raises(Conflict, match="is superseded, so it cannot become submitted"):
        moved(holding, clock, draft.id, State.SUBMITTED)
    told = [change.after for change in find_changes(holding, what=f"plan {draft.plan}")[0]]
    assert told[:2] == ["version 2 approved.", "version 2 submitted."]


@pytest.mark.parametrize(("name", "year", "month", "currency", "where"), [
    ("", 2027, None, "RUB", "name"),
    ("x", 1, None, "RUB", "year"),
    ("x", 2027, 13, "RUB", "month"),
    ("x", 2027, None, "roubles", "currency"),
])  # fmt: skip
def test_a_plan_that_cannot_be_is_refused(
    plans: Plans, name: str, year: int, month: int | None, currency: str, where: str
) -> None:
    with pytest.raises(ClosedLoopError) as refused:
        plans.create(name, year, month=month, currency=currency, author="anna")
    assert refused.value.where == where
    assert plans.all() == []
