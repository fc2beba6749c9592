"""The process as a document: what it may say, and how its versions are kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput
from planning.approval.default_process import DEFAULT_PROCESS
from planning.approval.office import ApprovalOffice
from planning.approval.process import Stage, opened_by, read_process, stages_in_order
from planning.approval.process_register import ProcessRegister
from planning.editing import Cell, Editor
from planning.grid import empty_grid
from planning.lines import read_lines
from planning.plans import Plans, PlanVersion, State
from planning.sharing import Sharer
from planning.splitting import Basis, Split, SplitMethod
from tests.planning.approval.conftest import WhoIs, approvals, key_of, sales, states


def stage(key: str, *after: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "title": key, "role": "marketing_director", "after": list(after), **more}


def process(*stages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"year": list(stages), "month": [stage("one")], "amendment": [stage("one")], **more}


def test_what_ships_can_be_read_again() -> None:
    assert read_process(DEFAULT_PROCESS.as_dict()) == DEFAULT_PROCESS


@pytest.mark.parametrize(("told", "where", "said"), [
    (process(stage("a", "b"), stage("b", "a")), "year", "wait for each other: "),
    (process(stage("a", "a")), "year", "wait for each other: a → a"),
    (process(stage("a", "z")), "year", "'a' comes after 'z', which is not there"),
    (process(stage("a"), stage("a")), "year", "'a' is told twice"),
    (process(), "year", "at least 1 item"),
    (process(stage("a", role=None)), "year.0", "needs either a role or people"),
    (process(stage("a", people=["x@example.com"])), "year.0", "needs either a role or people"),
    (process(stage("a", role="analyst")), "year.0", "'analyst' may not work on plans"),
    (process(stage("a", role="king")), "year.0.role", "Input should be"),
    (process(stage("a", role=None, people=["nobody"])), "year.0.people", "'nobody' is no e-mail address"),
    (process(stage("a", days_before=1, days_after_opening=1)), "year.0", "two deadlines"),
    (process(stage("a", days_before=-1)), "year.0.days_before", "greater than or equal to 0"),
    (process(stage("a", only_above={"measure": "joy", "amount": 1})), "year.0.only_above.measure", "'joy'"),
    (process(stage("a", only_above={"measure": "budget", "amount": -1})), "year.0.only_above.amount", "or equal to 0"),
    (process(stage("a", colour="red")), "year.0.colour", "not permitted"),
    (process(stage("a"), reminders={"escalate_after": 0}), "reminders.escalate_after", "or equal to 1"),
    ("nothing", "", "valid dictionary"),
])  # fmt: skip
def test_what_cannot_be_says_where(told: object, where: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_process(told)
    assert refused.value.where == where
    assert said in refused.value.message


@given(st.data())
def test_stages_come_in_an_order_that_their_afters_allow(data: st.DataObject) -> None:
    keys = [f"s{n}" for n in range(data.draw(st.integers(1, 8)))]
    told = [
        Stage.model_validate(
            stage(key, *data.draw(st.sets(st.sampled_from(keys[:place])) if place else st.just(set())))
        )
        for place, key in enumerate(keys)
    ]
    shuffled = data.draw(st.permutations(told))
    levels = stages_in_order(shuffled)
    level_of = {each.id: number for number, level in enumerate(levels) for each in level}
    assert sorted(level_of) == sorted(keys)
    assert all(level_of[before] < level_of[each.id] for each in told for before in each.after)
    assert {(before, each.id) for each in told for before in each.after} == {
        (before, after) for before, opened in opened_by(told).items() for after in opened
    }


def test_versions_are_kept_and_of_two_who_change_it_one_is_told(holding: Engine, clock: FrozenClock) -> None:
    register = ProcessRegister(holding, clock)
    assert (register.newest().number, register.newest().process) == (0, DEFAULT_PROCESS)
    other = read_process(process(stage("a")))

    def put(name: str) -> str:
        try:
            return register.replace(other, author=name, based_on=0).author
        except Conflict as error:
            return error.message

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(put, ["anna", "boris"]))
    winner = register.newest().author
    assert told == sorted([winner, f"{winner} has meanwhile put version 1 of the process in force."])
    assert [number for number, _, _ in register.history()] == [1]
    assert register.newest().process == other
    assert find_changes(holding, what="process of plans")[1] == 1


@pytest.fixture
def with_process(holding: Engine, clock: FrozenClock) -> Any:
    def put(*stages: dict[str, Any]) -> None:
        register = ProcessRegister(holding, clock)
        register.replace(read_process(process(*stages)), author="boss", based_on=register.newest().number)

    return put


def test_parallel_stages_are_open_side_by_side_and_limits_skip(
    holding: Engine, office: ApprovalOffice, who: WhoIs, with_process: Any, draft: PlanVersion
) -> None:
    above = {"measure": "budget", "amount": 1_000_000, "currency": "RUB"}
    with_process(
        stage("money", per="dealer", only_above=above),
        stage("law", role=None, people=["admin@example.com"], days_after_opening=4),
        stage("last", "money", "law", days_before=5),
    )
    office.submit(draft.id, author="d")
    assert states(holding, draft.id) == {
        ("money", "north"): "open", ("money", "south"): "skipped", ("money", "east"): "skipped",
        ("money", "west"): "skipped", ("law", ""): "open", ("last", ""): "waiting",
    }  # fmt: skip
    found = approvals(holding, draft.id)
    assert found["money", "east"].comment == "Marketing budget of 1,000,000.0 RUB does not exceed 1,000,000 RUB."
    assert (found["law", ""].due_on, found["money", "north"].due_on) == (date(2026, 11, 6), None)
    office.agree(key_of(holding, draft.id, "money", "north"), person=who("director"))
    assert states(holding, draft.id)["last", ""] == "waiting"
    office.agree(key_of(holding, draft.id, "law"), person=who("admin"))
    assert states(holding, draft.id)["last", ""] == "open"


def test_a_limit_in_another_currency_is_refused(
    holding: Engine, office: ApprovalOffice, plans: Plans, with_process: Any, draft: PlanVersion
) -> None:
    with_process(stage("a", only_above={"measure": "budget", "amount": 1, "currency": "usd"}))
    with pytest.raises(InvalidInput, match="is in USD, and the plan in RUB"):
        office.submit(draft.id, author="d")
    assert plans.version(draft.id).state is State.DRAFT


def test_where_nobody_has_to_agree_it_is_approved_at_once(
    holding: Engine, office: ApprovalOffice, plans: Plans, with_process: Any, draft: PlanVersion
) -> None:
    with_process(stage("a", only_above={"measure": "budget", "amount": 10_000_000}))
    assert office.submit(draft.id, author="d").state is State.APPROVED


def test_a_stage_may_send_it_back_at_once(
    holding: Engine, office: ApprovalOffice, who: WhoIs, plans: Plans, with_process: Any, draft: PlanVersion
) -> None:
    with_process(stage("a", returns_at_once=True), stage("b"))
    office.submit(draft.id, author="d")
    office.send_back(key_of(holding, draft.id, "a"), person=who("director"), comment="no")
    assert plans.version(draft.id).state is State.RETURNED
    assert states(holding, draft.id) == {("a", ""): "returned", ("b", ""): "cancelled"}


def test_a_plan_under_way_goes_on_as_it_began(
    holding: Engine, office: ApprovalOffice, who: WhoIs, plans: Plans, with_process: Any, draft: PlanVersion
) -> None:
    with_process(stage("a"))
    office.submit(draft.id, author="d")
    with_process(stage("b"), stage("c", "b"))
    office.agree(key_of(holding, draft.id, "a"), person=who("director"))
    assert plans.version(draft.id).state is State.APPROVED


def test_differences_to_what_was_shared_out_are_accepted_or_corrected(
    holding: Engine, office: ApprovalOffice, editor: Editor, clock: FrozenClock, draft: PlanVersion
) -> None:
    split = [Split("sales", (100,), (5,), SplitMethod.EVEN, direction="new_car")]
    Sharer(holding, clock).split(draft.id, split, Basis(empty_grid()), author="d")
    with holding.connect() as connection:
        grid = read_lines(connection, draft.id)
    now = int(grid.values[grid.places[sales("north")], 4])
    editor.put(draft.id, [Cell(sales("north"), 5, now + 7)], author="d")
    with pytest.raises(InvalidInput, match="100 was shared out, and the lines below add up to 107") as refused:
        office.submit(draft.id, author="d")
    assert refused.value.where == "accept_differences"
    assert office.submit(draft.id, author="d", accept_differences=True).state is State.SUBMITTED
