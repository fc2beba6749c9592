"""A step of a task: its state, its story and the audit log change together, or not at all."""

from typing import Any

from sqlalchemy import Connection

from infra.audit import note_change
from infra.errors import InvalidInput
from planning.desk import Desk
from planning.work.asking import Asked, changed_meanwhile, in_json, put_revised
from planning.work.people import check_may
from planning.work.states import TASK_WAYS, TaskStep, check_task_way
from planning.work.story import note_task
from planning.work.tables import work_tasks
from planning.work.tasks import Task, find_task

BY_ITSELF = (TaskStep.TAKE, TaskStep.REOPEN, TaskStep.FINISH, TaskStep.CANCEL)
"""Steps that need no version and no verdict."""


def step_on(desk: Desk, key: int, step: TaskStep, asked: Asked) -> Task:
    """Raises `InvalidInput`, `NotFound`, `NotPermitted`, `Conflict`."""
    if step not in BY_ITSELF:
        raise InvalidInput(
            f"“{step.value}” is no step by itself.",
            where="step",
            help="Hand in a version, or decide on one.",
        )
    with desk.engine.begin() as connection:
        before = find_task(connection, key, asked.worker.seen, held=True)
        check_may(asked.worker, TASK_WAYS[step].party)
        return take(connection, desk, before, step, asked)


def take(
    connection: Connection,
    desk: Desk,
    before: Task,
    step: TaskStep,
    asked: Asked,
    version: int | None = None,
    **changes: Any,
) -> Task:
    """The task is held by the caller. Raises `InvalidInput`, and `Conflict` for a stale revision."""
    now = desk.clock.now()
    if before.revision != asked.based_on:
        raise changed_meanwhile("task", before.changed_by, before.stands)
    state = check_task_way(before.state, step, asked.comment).target or before.state
    moved = {"state": state.value, "state_since": now} if state is not before.state else {}
    if not put_revised(connection, work_tasks, before.id, asked, now, {**changes, **moved}):
        raise changed_meanwhile("task", before.changed_by, before.stands)
    after = find_task(connection, before.id, asked.worker.seen)
    note_task(connection, after, step.value, asked.comment, version)
    told = {"step": step.value, "version": version, "comment": asked.comment}
    note_change(
        connection, desk.clock, who=asked.author, what=f"task {before.id}",
        before=in_json(before.as_dict(desk.today)), after=in_json(after.as_dict(desk.today) | told),
    )  # fmt: skip
    return after
