"""Writing and changing tasks, and saying who does them."""

from typing import Any

from sqlalchemy import Connection, insert

from infra.audit import note_change
from infra.errors import InvalidInput
from planning.desk import Desk
from planning.work.asking import Asked, changed_meanwhile, in_json, put_revised
from planning.work.audience import audience, checked_assignee
from planning.work.brief_register import check_contractor, check_sees_all_of
from planning.work.briefs import Brief, find_brief
from planning.work.documents import TaskTold
from planning.work.people import Party, check_may
from planning.work.states import TaskState
from planning.work.story import note_task
from planning.work.tables import work_tasks
from planning.work.tasks import Task, find_task, task_of


def add_task(desk: Desk, brief: int, told: TaskTold, asked: Asked) -> Task:
    """Raises `InvalidInput`, `NotFound`, `NotPermitted`."""
    with desk.engine.begin() as connection:
        of = find_brief(connection, brief, asked.worker.seen, held=True)
        check_may(asked.worker, Party.HOLDING)
        check_sees_all_of(connection, of, asked)
        _check_open(of)
        now = desk.clock.now()
        row = _row(connection, of, told, asked) | {
            "brief": brief, "state": TaskState.NEW.value, "state_since": now, "newest_version": 0,
            "author": asked.author, "created_at": now, "revision": 1, "changed_at": now, "changed_by": asked.author,
        }  # fmt: skip
        made = task_of(connection.execute(insert(work_tasks).returning(work_tasks), row).one())
        note_task(connection, made, "task")
        after = in_json(made.as_dict(desk.today))
        note_change(connection, desk.clock, who=asked.author, what=f"task {made.id}", after=after)
    return made


def change_task(desk: Desk, key: int, told: TaskTold, asked: Asked) -> Task:
    """All that is told of it, while it is not over. Raises `InvalidInput`, `NotFound`, `NotPermitted`, `Conflict`."""
    with desk.engine.begin() as connection:
        before = find_task(connection, key, asked.worker.seen, held=True)
        check_may(asked.worker, Party.HOLDING)
        of = find_brief(connection, before.brief, asked.worker.seen)
        row = _row(connection, of, told, asked)
        if before.newest_version and row["contractor"] != before.contractor:
            raise InvalidInput(
                "Versions of it were handed in already: another contractor would see them.",
                where="contractor",
                help="Cancel this task, and write another one for the other contractor.",
            )
        return _put(connection, desk, before, row, asked, "change_task")


def assign_task(desk: Desk, key: int, assignee: str, asked: Asked) -> Task:
    """To a user who sees it; empty is nobody. Raises `InvalidInput`, `NotFound`, `NotPermitted`, `Conflict`."""
    with desk.engine.begin() as connection:
        before = find_task(connection, key, asked.worker.seen, held=True)
        check_may(asked.worker, Party.CONTRACTOR)
        of = find_brief(connection, before.brief, asked.worker.seen)
        found = audience(connection, of, before.contractor)
        values = {"assignee": checked_assignee(asked.worker, found, assignee)}
        return _put(connection, desk, before, values, asked, "assign")


def _put(connection: Connection, desk: Desk, before: Task, values: dict[str, Any], asked: Asked, step: str) -> Task:
    if before.state.is_over:
        raise InvalidInput("The task is over: it stays as it is.", where="state", help="Write another task.")
    if not put_revised(connection, work_tasks, before.id, asked, desk.clock.now(), values):
        raise changed_meanwhile("task", before.changed_by, before.stands)
    after = find_task(connection, before.id, asked.worker.seen)
    note_task(connection, after, step, asked.comment)
    note_change(
        connection, desk.clock, who=asked.author, what=f"task {before.id}",
        before=in_json(before.as_dict(desk.today)), after=in_json(after.as_dict(desk.today)),
    )  # fmt: skip
    return after


def _row(connection: Connection, brief: Brief, told: TaskTold, asked: Asked) -> dict[str, Any]:
    contractor = "" if told.is_own else told.contractor or brief.contractor
    check_contractor(connection, contractor)
    return {
        **told.model_dump(exclude={"is_own", "formats"}),
        "kind": told.kind.value,
        "contractor": contractor,
        "formats": list(dict.fromkeys(told.formats)),
        "assignee": checked_assignee(asked.worker, audience(connection, brief, contractor), told.assignee),
    }


def _check_open(brief: Brief) -> None:
    if brief.is_closed:
        raise InvalidInput("The brief is closed.", where="brief", help="Open it again, or write another one.")
