"""A recommendation goes into a month's plan once, whole or not at all, and overwrites nothing unless that is said."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event

from attribution.visibility import Visibility
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput, NotFound
from planning.approval.office import ApprovalOffice
from planning.approval.people import Person
from planning.approval.states import ApprovalState
from planning.editing import Cell, Editor
from planning.grid import LineKey
from planning.in_force import planned_between
from planning.lines import read_lines
from planning.media.months import Month
from planning.plans import Plans, State, move
from planning.recommend.applying import Applying
from planning.recommend.register import Recommendation, Recommendations
from tests.planning.recommend.conftest import Keep
from tests.planning.recommend.responses import JANUARY

TODAY = date(2026, 12, 10)


def approve(engine: Engine, clock: FrozenClock, version: int) -> None:
    with engine.begin() as connection:
        for state in (State.SUBMITTED, State.APPROVED):
            move(connection, version, state, clock, author="director")


def budgets(engine: Engine, version: int) -> dict[tuple[str, str, str, str], int]:
    with engine.connect() as connection:
        grid = read_lines(connection, version, measure="budget")
    return {key[1:]: int(grid.values[place, 0]) for place, key in enumerate(grid.keys)}


def by_dealer(engine: Engine, version: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, value in budgets(engine, version).items():
        found[key[0]] = found.get(key[0], 0) + value
    return found


def recommended(told: Recommendation, dealer: str) -> int:
    return sum(round(cell["recommended"] * 100) for cell in told.cells if cell["dealer"] == dealer)


def test_where_nothing_is_planned_it_makes_the_plan_of_the_month(
    holding: Engine, plans: Plans, keep: Keep, applying: Applying
) -> None:
    told = keep()
    use = applying.apply(told.id, JANUARY, author="anna", today=TODAY)
    plan = plans.get(use.plan)
    assert (plan.year, plan.month, use.state, use.number) == (2027, 1, State.DRAFT, 1)
    found = budgets(holding, use.version)
    assert {key[2:] for key in found} == {("vk", "agency"), ("yandex", "agency"), ("radio", "agency")}
    assert by_dealer(holding, use.version) == {name: recommended(told, name) for name in ("north", "south")}
    changes, _total = find_changes(holding, what=f"recommendation {told.id}")
    assert "applied to 2027-01" in changes[0].after


def test_an_approved_plan_is_amended_as_it_is_broken_down_approved_and_in_force(
    holding: Engine, clock: FrozenClock, plans: Plans, editor: Editor, keep: Keep, applying: Applying
) -> None:
    version = plans.create("Plan", 2027, currency="RUB", author="director")
    cells = [
        Cell(LineKey("budget", "north", "new_car"), 1, 3_000_000),
        Cell(LineKey("budget", "north", "used_car"), 1, 1_000_000),
        Cell(LineKey("budget", "south", "", "vk"), 1, 500_000), Cell(LineKey("budget", "south", "", "tv"), 1, 700),
        Cell(LineKey("budget", "east"), 1, 5_000), Cell(LineKey("sales", "north", "new_car"), 1, 10),
    ]  # fmt: skip
    editor.put(version.id, cells, author="director")
    approve(holding, clock, version.id)
    told = keep()
    use = applying.apply(told.id, JANUARY, author="anna", today=TODAY)
    draft = plans.version(use.version)
    assert (draft.based_on, draft.is_amendment, draft.why) == (version.id, True, f"Recommendation {told.id}")
    found = budgets(holding, use.version)
    north = found["north", "new_car", "", ""], found["north", "used_car", "", ""]
    assert sum(north) == recommended(told, "north")
    assert north[0] == pytest.approx(3 * north[1], abs=3)
    vk = next(cell["recommended"] for cell in told.cells if (cell["dealer"], cell["channel"]) == ("south", "vk"))
    assert found["south", "", "vk", ""] == round(vk * 100)
    assert {key[2:] for key in found if key[0] == "south"} == {
        ("vk", ""), ("tv", ""), ("yandex", "agency"), ("radio", "agency"),
    }  # fmt: skip
    assert (found["south", "", "tv", ""], found["east", "", "", ""]) == (700, 5_000)
    office = ApprovalOffice(holding, clock, ZoneInfo("UTC"))
    office.submit(draft.id, author="anna")
    link = Person("director")
    while waiting := [each for each in office.of_version(draft.id, person=link) if each.state is ApprovalState.OPEN]:
        office.agree(waiting[0].id, person=link)
    assert plans.version(draft.id).state is State.APPROVED
    with holding.connect() as connection:
        planned = planned_between(connection, JANUARY.first, JANUARY.last, "RUB")
    total = recommended(told, "north") + recommended(told, "south") + 700 + 5_000
    assert planned.figures["cost"] == pytest.approx(total / 100)


def test_applied_again_it_is_the_same(keep: Keep, applying: Applying, plans: Plans) -> None:
    told = keep()
    first, again = (applying.apply(told.id, JANUARY, author=who, today=TODAY) for who in ("anna", "oleg"))
    assert first == again
    assert len(plans.versions(first.plan)) == 1


def test_of_two_who_apply_at_once_both_are_told_the_same_version(keep: Keep, applying: Applying, plans: Plans) -> None:
    told = keep()
    with ThreadPoolExecutor(4) as pool:
        uses = list(pool.map(lambda who: applying.apply(told.id, JANUARY, author=who, today=TODAY), "abcd"))
    assert len({(use.version, use.author) for use in uses}) == 1
    assert len(plans.all()) == 1


def test_killed_between_steps_nothing_is_half_done(
    holding: Engine, keep: Keep, applying: Applying, plans: Plans
) -> None:
    told = keep()

    def cut(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "INSERT INTO recommendation_uses" in statement:
            raise KeyboardInterrupt

    event.listen(holding, "before_cursor_execute", cut)
    with pytest.raises(KeyboardInterrupt):
        applying.apply(told.id, JANUARY, author="anna", today=TODAY)
    event.remove(holding, "before_cursor_execute", cut)
    assert not plans.all()
    assert applying.apply(told.id, JANUARY, author="anna", today=TODAY).state is State.DRAFT


def test_what_somebody_has_changed_meanwhile_is_told_and_replaced_only_if_that_is_said(
    holding: Engine, clock: FrozenClock, plans: Plans, editor: Editor, keep: Keep, applying: Applying
) -> None:
    version = plans.create("Plan", 2027, currency="RUB", author="director", month=1)
    editor.put(version.id, [Cell(LineKey("budget", "north"), 1, 4_000_000)], author="director")
    told = keep()
    editor.put(version.id, [Cell(LineKey("budget", "north"), 1, 4_500_000)], author="boris")
    with pytest.raises(Conflict, match="boris has changed the budget of north for 2027-01 from 40 000 to 45 000"):
        applying.apply(told.id, JANUARY, author="anna", today=TODAY)
    use = applying.apply(told.id, JANUARY, author="anna", today=TODAY, replaces=True)
    assert use.version == version.id
    assert by_dealer(holding, version.id)["north"] == recommended(told, "north")


def test_while_a_version_waits_for_approval_it_says_so(
    holding: Engine, clock: FrozenClock, plans: Plans, editor: Editor, keep: Keep, applying: Applying
) -> None:
    version = plans.create("Plan", 2027, currency="RUB", author="director")
    editor.put(version.id, [Cell(LineKey("budget", "north"), 1, 4_000_000)], author="director")
    with holding.begin() as connection:
        move(connection, version.id, State.SUBMITTED, clock, author="director")
    with pytest.raises(Conflict, match="Version 1 of this plan is submitted"):
        applying.apply(keep().id, JANUARY, author="anna", today=TODAY)


def test_what_cannot_be_applied_is_said(
    register: Recommendations, plans: Plans, editor: Editor, keep: Keep, applying: Applying
) -> None:
    told = keep()
    with pytest.raises(InvalidInput, match="is not of 2027-02"):
        applying.apply(told.id, Month(2027, 2), author="anna", today=TODAY)
    with pytest.raises(InvalidInput, match="2027-01 is over"):
        applying.apply(told.id, JANUARY, author="anna", today=date(2027, 2, 1))
    own = Visibility(dealers=frozenset({"north"}))
    for missing, seen in ((99, Visibility()), (told.id, own)):
        with pytest.raises(NotFound):
            applying.apply(missing, JANUARY, author="anna", today=TODAY, seen=seen)
    assert not register.all(seen=own)
    part = keep(dealers=("north",), amount=float(round(100 * sum(
        cell["now"] for cell in told.cells if cell["dealer"] == "north"
    ))))  # fmt: skip
    assert [each.id for each in register.all(seen=own)] == [part.id]
    plans.create("Dollars", 2027, currency="USD", author="director", month=1)
    with pytest.raises(InvalidInput, match="in USD, and the recommendation in RUB"):
        applying.apply(told.id, JANUARY, author="anna", today=TODAY)
