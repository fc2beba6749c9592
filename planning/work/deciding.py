"""Agreeing to a version, or returning it: the dealer's marketer first, then, where the brief says so, the brand's
manager.

Law: what is agreed to is the version that was looked at, and each side decides on it once.
"""

from enum import StrEnum

from sqlalchemy import Connection, insert, select

from infra.errors import Conflict
from planning.desk import Desk
from planning.work.asking import Asked
from planning.work.briefs import Brief, find_brief
from planning.work.people import Party, check_may
from planning.work.states import TaskState, TaskStep, check_task_way
from planning.work.stepping import take
from planning.work.tables import work_decisions
from planning.work.tasks import Task, find_task


class Verdict(StrEnum):
    AGREE = "agree"
    RETURN = "return"


def sides_of(brief: Brief) -> tuple[Party, ...]:
    """Who agrees to its versions, in order."""
    return (Party.MARKETER, Party.BRAND) if brief.needs_brand else (Party.MARKETER,)


def side_in_turn(connection: Connection, brief: Brief, task: Task) -> Party | None:
    """Whose decision on the newest version is awaited; None where none is."""
    if task.state is not TaskState.ON_REVIEW:
        return None
    agreed = agreed_sides(connection, task)
    return next((side for side in sides_of(brief) if side not in agreed), Party.MARKETER)


def agreed_sides(connection: Connection, task: Task) -> frozenset[str]:
    """Those that have agreed to the newest version."""
    its = work_decisions.c
    mine = its.task == task.id, its.version == task.newest_version, its.verdict == Verdict.AGREE.value
    return frozenset(connection.scalars(select(its.side).where(*mine)))


def decide(desk: Desk, key: int, version: int, verdict: Verdict, asked: Asked) -> Task:
    """On behalf of the side in turn. Raises `InvalidInput`, `NotFound`, `NotPermitted`.

    Raises `Conflict` where a newer version was handed in, or somebody has decided meanwhile.
    """
    with desk.engine.begin() as connection:
        task = find_task(connection, key, asked.worker.seen, held=True)
        check_may(asked.worker, Party.HOLDING)
        _check_version(task, version)
        _check_not_decided(connection, task, asked)
        step = TaskStep.AGREE if verdict is Verdict.AGREE else TaskStep.RETURN
        check_task_way(task.state, step, asked.comment)
        brief = find_brief(connection, task.brief, asked.worker.seen)
        side = side_in_turn(connection, brief, task) or Party.MARKETER
        check_may(asked.worker, side)
        if step is TaskStep.AGREE and side is sides_of(brief)[-1]:
            step = TaskStep.APPROVE
        after = take(connection, desk, task, step, asked, version)
        row = {
            "task": key, "version": version, "side": side.value, "verdict": verdict.value,
            "comment": asked.comment, "at": after.changed_at, "author": asked.author,
        }  # fmt: skip
        connection.execute(insert(work_decisions), row)
    return after


def _check_version(task: Task, version: int) -> None:
    if version != task.newest_version:
        raise Conflict(
            f"Version {task.newest_version} was handed in meanwhile; you have looked at version {version}.",
            where="version",
            help="Look at the newest version, and decide on that one.",
        )


def _check_not_decided(connection: Connection, task: Task, asked: Asked) -> None:
    if task.revision == asked.based_on:
        return
    its = work_decisions.c
    mine = its.task == task.id, its.version == task.newest_version
    newest = connection.execute(
        select(work_decisions).where(*mine).order_by(its.at.desc(), its.side).limit(1)
    ).one_or_none()
    if newest is not None:
        did = "agreed to" if newest.verdict == Verdict.AGREE.value else "returned"
        raise Conflict(
            f"{newest.author} has {did} version {newest.version} meanwhile.",
            where="revision",
            help="Load the task again, and see whether there is anything left to decide.",
        )
