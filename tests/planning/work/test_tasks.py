"""Briefs and tasks from the director's words to the version that everybody has agreed to."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from infra.audit import find_changes
from infra.errors import ClosedLoopError, Conflict, InvalidInput, NotFound, NotPermitted
from planning.desk import Desk
from planning.work.brief_register import change_brief
from planning.work.briefs import Brief, find_brief, list_briefs
from planning.work.deciding import Verdict, decide, side_in_turn
from planning.work.people import Party
from planning.work.states import TaskState, TaskStep
from planning.work.stepping import step_on
from planning.work.story import story_of_brief, story_of_task
from planning.work.task_register import assign_task, change_task
from planning.work.tasks import Task, TaskFilter, find_task, list_tasks, tasks_by_due
from planning.work.versions import hand_in, versions_of
from tests.planning.work.working import (
    ANNA,
    CHERY,
    DAN,
    DIRECTOR,
    EVE,
    LADA,
    LINK,
    SOFIA,
    brief_told,
    by,
    decided,
    handed_in,
    new_file,
    task_told,
    written_brief,
    written_task,
)


def in_turn(desk: Desk, task: Task) -> Party | None:
    with desk.engine.connect() as connection:
        return side_in_turn(connection, find_brief(connection, task.brief, DIRECTOR.seen), task)


def test_both_sides_agree_in_order(desk: Desk, task: Task) -> None:
    first = handed_in(desk, task)
    assert (first.state, first.newest_version, in_turn(desk, first)) == (TaskState.ON_REVIEW, 1, Party.MARKETER)
    returned = decided(desk, first, ANNA, Verdict.RETURN, "Too red")
    assert (returned.state, in_turn(desk, returned)) == (TaskState.RETURNED, None)
    second = handed_in(desk, returned, content=b"\x89PNG\r\n\x1a\n2")
    with pytest.raises(NotPermitted, match="marketer decides now"):
        decided(desk, second, LADA)
    agreed = decided(desk, second, ANNA)
    assert (agreed.state, in_turn(desk, agreed)) == (TaskState.ON_REVIEW, Party.BRAND)
    with pytest.raises(NotPermitted, match="brand manager decides now"):
        decided(desk, agreed, ANNA)
    approved = decided(desk, agreed, LADA)
    done = step_on(desk, task.id, TaskStep.FINISH, by(DIRECTOR, approved.revision))
    assert (approved.state, done.state, done.state.is_over) == (TaskState.APPROVED, TaskState.DONE, True)
    with desk.engine.connect() as connection:
        newest, oldest = versions_of(connection, desk, done)
        steps = [each.step for each in story_of_task(connection, task.id, DAN.seen)]
    assert [(each.side, each.verdict, each.author) for each in newest.decisions] == [
        ("marketer", "agree", "anna@x.com"), ("brand", "agree", "lada@x.com")
    ]  # fmt: skip
    assert (oldest.decisions[0].comment, oldest.files[0].name) == ("Too red", "banner.png")
    assert [newest.files[0].version, oldest.files[0].version] == [1, 1]
    assert steps == ["task", "hand_in", "return", "hand_in", "agree", "approve", "finish"]


def test_without_the_brand_the_marketer_alone_approves(desk: Desk) -> None:
    task = handed_in(desk, written_task(desk, written_brief(desk, needs_brand=False)))
    assert decided(desk, task, ANNA).state is TaskState.APPROVED


def test_a_newer_version_is_not_agreed_to_unseen(desk: Desk, task: Task) -> None:
    looked_at = handed_in(desk, task)
    newer = handed_in(desk, looked_at)
    with pytest.raises(Conflict, match="Version 2 was handed in meanwhile; you have looked at version 1"):
        decided(desk, looked_at, ANNA)
    with pytest.raises(Conflict, match="Version 2"):
        decide(desk, task.id, 1, Verdict.AGREE, by(ANNA, newer.revision))
    assert decided(desk, newer, ANNA).newest_version == 2


def test_a_newer_version_needs_everybody_anew(desk: Desk, task: Task) -> None:
    agreed = decided(desk, handed_in(desk, task), ANNA)
    assert in_turn(desk, handed_in(desk, agreed)) is Party.MARKETER


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    def outcome(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except ClosedLoopError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(outcome, calls))


def test_of_two_who_decide_at_once_one_is_told_of_the_other(desk: Desk, task: Task) -> None:
    """The director's second click is no agreement of the brand."""
    shown = handed_in(desk, task)
    for _ in range(3):
        returns = partial(decided, desk, shown, ANNA, Verdict.RETURN, "no")
        outcomes = at_once(returns, partial(decided, desk, shown, DIRECTOR))
        lost = [each for each in outcomes if isinstance(each, Conflict)]
        assert len(lost) == 1, outcomes
        assert "version" in lost[0].message
        assert "meanwhile" in lost[0].message
        shown = handed_in(desk, shown)
    changes, _ = find_changes(desk.engine, what=f"task {task.id}", most=100)
    assert sum('"step":"agree"' in each.after or '"step":"return"' in each.after for each in changes) == 3


def test_versions_that_come_at_once_have_numbers_of_their_own(desk: Desk, task: Task) -> None:
    outcomes = at_once(*[lambda: handed_in(desk, task)] * 5)
    assert sorted(each.newest_version for each in outcomes) == [1, 2, 3, 4, 5]
    with desk.engine.connect() as connection:
        found = versions_of(connection, desk, find_task(connection, task.id, DIRECTOR.seen))
    assert [(each.number, len(each.files)) for each in found] == [(5, 1), (4, 1), (3, 1), (2, 1), (1, 1)]


def test_nothing_is_half_handed_in(desk: Desk, task: Task) -> None:
    for files in ([], [new_file(desk)] * 21, [new_file(desk, "\x00")]):
        with pytest.raises(InvalidInput):
            hand_in(desk, task.id, files, "", by(DAN))
    with desk.engine.connect() as connection:
        same = find_task(connection, task.id, DAN.seen)
        assert (same.state, same.newest_version, same.revision) == (TaskState.NEW, 0, 1)
        assert versions_of(connection, desk, same) == []
        assert desk.files.list(connection, same.subject) == []


@pytest.mark.parametrize("worker", [EVE, SOFIA, CHERY])
def test_others_see_nothing(desk: Desk, brief: Brief, task: Task, worker: Any) -> None:
    shown = handed_in(desk, task)
    for call in (
        lambda: step_on(desk, task.id, TaskStep.TAKE, by(worker)),
        lambda: decided(desk, shown, worker),
        lambda: handed_in(desk, shown, worker),
        lambda: change_task(desk, task.id, task_told(), by(worker)),
        lambda: assign_task(desk, task.id, "", by(worker)),
        lambda: change_brief(desk, brief.id, brief_told(), by(worker)),
    ):
        with pytest.raises(NotFound):
            call()
    with desk.engine.connect() as connection:
        assert list_briefs(connection, worker.seen) == ([], 0)
        assert list_tasks(connection, worker.seen, TaskFilter()) == ([], 0)
        assert story_of_brief(connection, brief.id, [], worker.seen) == [] or not worker.is_contractor


def test_a_contractor_sees_their_task_and_not_whose_brief_it_is(desk: Desk, brief: Brief) -> None:
    theirs = written_task(desk, brief, contractor="rival", title="Video")
    written_task(desk, brief)
    with desk.engine.connect() as connection:
        seen = find_brief(connection, brief.id, EVE.seen).as_dict(EVE.seen)
        tasks, total = list_tasks(connection, EVE.seen, TaskFilter())
        story = story_of_brief(connection, brief.id, [], EVE.seen)
    assert (seen["title"], seen["contractor"], seen["budget"]) == ("Spring", "", None)
    assert ([each.id for each in tasks], total) == ([theirs.id], 1)
    assert {each.task for each in story} == {theirs.id}


def test_a_brief_of_a_brand_is_of_its_dealers(desk: Desk) -> None:
    brief = written_brief(desk, LADA, dealers=(), brand="Lada")
    with desk.engine.connect() as connection:
        for worker in (ANNA, SOFIA, LADA, DAN, DIRECTOR):
            assert find_brief(connection, brief.id, worker.seen) == brief
        for worker in (CHERY, EVE):
            with pytest.raises(NotFound):
                find_brief(connection, brief.id, worker.seen)
        found, total = list_briefs(connection, DIRECTOR.seen, dealer="south", month="2027-03", contractor="agency")
        assert ([each.id for each in found], total) == ([brief.id], 1)
        assert list_briefs(connection, DIRECTOR.seen, dealer="west") == ([], 0)
    with pytest.raises(NotPermitted, match="of other dealers, too"):
        change_brief(desk, brief.id, brief_told(), by(ANNA))
    with pytest.raises(NotFound, match="You do not see all dealers of Lada"):
        written_brief(desk, ANNA, dealers=(), brand="Lada")


@pytest.mark.parametrize(("told", "where"), [
    ({"dealers": ("nobody",)}, "dealers"), ({"brand": "Ferrari"}, "brand"), ({"contractor": "nobody"}, "contractor"),
    ({"brand": "Chery"}, "brand"),
])  # fmt: skip
def test_a_brief_names_what_there_is(desk: Desk, told: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidInput) as error:
        written_brief(desk, **told)
    assert (error.value.where, bool(error.value.help)) == (where, True)
    with desk.engine.connect() as connection:
        assert list_briefs(connection, DIRECTOR.seen) == ([], 0)


def test_contractors_write_no_briefs_and_close_no_tasks(desk: Desk, brief: Brief, task: Task) -> None:
    for call in (
        lambda: written_brief(desk, DAN),
        lambda: written_task(desk, brief, DAN),
        lambda: change_task(desk, task.id, task_told(), by(DAN)),
        lambda: step_on(desk, task.id, TaskStep.CANCEL, by(DAN, 1, "no time")),
        lambda: decided(desk, handed_in(desk, task), DAN),
    ):
        with pytest.raises(NotPermitted):
            call()


def test_who_looks_at_an_older_brief_is_told_who_changed_it(desk: Desk, brief: Brief) -> None:
    changed = change_brief(desk, brief.id, brief_told(title="Summer"), by(ANNA, 1))
    assert (changed.title, changed.revision, changed.changed_by) == ("Summer", 2, "anna@x.com")
    with pytest.raises(Conflict, match=r"anna@x\.com has changed the brief meanwhile: it is open now"):
        change_brief(desk, brief.id, brief_told(title="Autumn"), by(DIRECTOR, 1))
    closed = change_brief(desk, brief.id, brief_told(is_closed=True), by(DIRECTOR, 2))
    with pytest.raises(InvalidInput, match="brief is closed"):
        written_task(desk, closed)
    with desk.engine.connect() as connection:
        story = story_of_brief(connection, brief.id, [], DIRECTOR.seen)
    assert [each.step for each in story] == ["brief", "change", "close"]


def test_a_task_stays_with_whom_it_was_handed_in_by(desk: Desk, task: Task) -> None:
    moved = change_task(desk, task.id, task_told(contractor="rival"), by(DIRECTOR))
    back = change_task(desk, task.id, task_told(), by(DIRECTOR, moved.revision))
    shown = handed_in(desk, back)
    with pytest.raises(InvalidInput, match="another contractor would see them"):
        change_task(desk, task.id, task_told(contractor="rival"), by(DIRECTOR, shown.revision))
    assert change_task(desk, task.id, task_told(title="Big banner"), by(DIRECTOR, shown.revision)).title == "Big banner"


def test_a_task_is_given_to_somebody_who_sees_it(desk: Desk, task: Task) -> None:
    assert assign_task(desk, task.id, "Dan@agency.com", by(DAN)).assignee == "dan@agency.com"
    for worker, email in ((DIRECTOR, "eve@rival.com"), (DIRECTOR, "sofia@x.com"), (DAN, "anna@x.com")):
        with pytest.raises(InvalidInput, match="is no user who sees this task"):
            assign_task(desk, task.id, email, by(worker, 2))
    assert assign_task(desk, task.id, "anna@x.com", by(LINK, 2)).assignee == "anna@x.com"


def test_a_step_that_does_not_lead_on_says_what_to_do(desk: Desk, task: Task) -> None:
    with pytest.raises(InvalidInput, match=r"A task that is new has no step “finish”\.") as error:
        step_on(desk, task.id, TaskStep.FINISH, by(DIRECTOR))
    assert error.value.help == "Take it on, or hand in a version."
    with pytest.raises(InvalidInput, match="needs a comment"):
        step_on(desk, task.id, TaskStep.CANCEL, by(DIRECTOR))
    with pytest.raises(InvalidInput, match="no step by itself"):
        step_on(desk, task.id, TaskStep.APPROVE, by(DIRECTOR))


def test_tasks_are_found_by_what_is_asked(desk: Desk, brief: Brief, task: Task) -> None:
    other = written_task(desk, written_brief(desk, dealers=("east",), contractor="rival"), due=None, title="Text")
    today = desk.today.replace(day=11)
    with desk.engine.connect() as connection:

        def found(**asked: Any) -> list[int]:
            return [each.id for each in list_tasks(connection, DIRECTOR.seen, TaskFilter(**asked))[0]]

        assert found() == [other.id, task.id]
        assert [each.id for each in tasks_by_due(connection, DIRECTOR.seen, TaskFilter(), 9)[0]] == [task.id, other.id]
        assert found(dealer="north") == found(contractor="agency") == found(brief=brief.id) == [task.id]
        assert (found(late_on=today), found(late_on=desk.today)) == ([task.id], [])
        assert found(states=(TaskState.DONE,)) == found(assignee="dan@agency.com") == []
        page, total = list_tasks(connection, DIRECTOR.seen, TaskFilter(), most=1, before=other.id)
        assert ([each.id for each in page], total) == ([task.id], 2)
    assert (task.days_late(today), other.days_late(today)) == (1, 0)
