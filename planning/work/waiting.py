"""What waits for somebody: tasks to do or to decide on, acts to check, accept and pay, and mentions not yet seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from planning.desk import Desk
from planning.work.acts import Act, act_of, seen_acts
from planning.work.briefs import Brief, briefs_of, seen_briefs
from planning.work.deciding import Verdict, sides_of
from planning.work.people import Party, Worker, is_asked
from planning.work.states import ActState, TaskState
from planning.work.tables import (
    work_acts,
    work_briefs,
    work_comments,
    work_decisions,
    work_mentions,
    work_tasks,
)
from planning.work.tasks import Task, seen_tasks, task_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """`kind` is `do`, `correct`, `decide`, `finish`, `check`, `accept`, `pay`, `answer` or `mention`.

    `key` is the number of the task, act or comment; `about` names the brief, or of an act its contractor; `due` is a
    day of the account, or None; `since` is from when on it waits; `acts` is whose turn it is.
    """

    kind: str
    key: int
    title: str
    link: str
    due: date | None
    since: date
    acts: Party
    about: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "id": self.key,
            "title": self.title,
            "about": self.about,
            "link": self.link,
            "due": self.due.isoformat() if self.due else None,
            "since": self.since.isoformat(),
            "acts": self.acts.value,
        }


def waiting(connection: Connection, desk: Desk, worker: Worker) -> list[Waiting]:
    """What is due first comes first; what has no day comes last."""
    asked = connection, desk, worker
    told = [*_tasks(*asked), *_acts(*asked), *unseen_mentions(*asked)]
    return sorted(told, key=lambda each: (each.due or date.max, each.since, each.link))


_AWAITED = {
    TaskState.NEW: "do",
    TaskState.IN_WORK: "do",
    TaskState.RETURNED: "correct",
    TaskState.ON_REVIEW: "decide",
    TaskState.APPROVED: "finish",
}


_TO_DO = [state.value for state in (TaskState.NEW, TaskState.IN_WORK, TaskState.RETURNED)]


def _tasks(connection: Connection, desk: Desk, worker: Worker) -> Iterator[Waiting]:
    asked = select(work_tasks).where(_may_be_theirs(worker), *seen_tasks(worker.seen))
    found = [task_of(row) for row in connection.execute(asked)]
    briefs = _briefs(connection, {task.brief for task in found}, worker)
    agreed = _agreed(connection)
    for task in found:
        brief = briefs[task.brief]
        side = _whose(task, brief, agreed.get((task.id, task.newest_version), frozenset()))
        if _is_theirs(worker, side, task, brief):
            yield Waiting(
                _AWAITED[task.state],
                task.id,
                task.title,
                f"/tasks/{task.id}",
                task.due,
                desk.day_of(task.state_since),
                side,
                brief.title,
            )


def _may_be_theirs(worker: Worker) -> ColumnElement[bool]:
    """So that nobody's page reads all tasks that there are."""
    its = work_tasks.c
    ordered = select(work_briefs.c.id).where(work_briefs.c.author == worker.name)
    decides = is_asked(worker, Party.MARKETER) or is_asked(worker, Party.BRAND)
    return or_(
        its.state.in_(_TO_DO) & (its.assignee == worker.name),
        (its.state == TaskState.APPROVED.value) & its.brief.in_(ordered),
        *([its.state.in_(_TO_DO)] if is_asked(worker, Party.CONTRACTOR) else []),
        *([its.state == TaskState.ON_REVIEW.value] if decides else []),
    )


def _whose(task: Task, brief: Brief, agreed: frozenset[str]) -> Party:
    if task.state is TaskState.ON_REVIEW:
        return next((side for side in sides_of(brief) if side not in agreed), Party.MARKETER)
    return Party.HOLDING if task.state is TaskState.APPROVED else Party.CONTRACTOR


def _is_theirs(worker: Worker, side: Party, task: Task, brief: Brief) -> bool:
    """Who does a task is asked for by name; whoever ordered it closes it."""
    if side is Party.CONTRACTOR:
        return task.assignee == worker.name if task.assignee else is_asked(worker, side)
    return brief.author == worker.name if side is Party.HOLDING else is_asked(worker, side)


def _briefs(connection: Connection, keys: set[int], worker: Worker) -> dict[int, Brief]:
    """Whoever sees a task sees its brief."""
    asked = select(work_briefs).where(work_briefs.c.id.in_(keys), *seen_briefs(worker.seen))
    return {each.id: each for each in briefs_of(connection, connection.execute(asked).all())}


def _agreed(connection: Connection) -> dict[tuple[int, int], frozenset[str]]:
    its = work_decisions.c
    on_review = select(work_tasks.c.id).where(work_tasks.c.state == TaskState.ON_REVIEW.value)
    mine = its.task.in_(on_review), its.verdict == Verdict.AGREE.value
    found: dict[tuple[int, int], frozenset[str]] = {}
    for row in connection.execute(select(its.task, its.version, its.side).where(*mine)):
        place = row.task, row.version
        found[place] = found.get(place, frozenset()) | {row.side}
    return found


_ACTS = {
    ActState.HANDED_IN: ("check", Party.HOLDING),
    ActState.CHECKED: ("accept", Party.DIRECTOR),
    ActState.ACCEPTED: ("pay", Party.DIRECTOR),
    ActState.DISPUTED: ("answer", Party.CONTRACTOR),
}


def _acts(connection: Connection, desk: Desk, worker: Worker) -> Iterator[Waiting]:
    its = work_acts.c
    asked = select(work_acts).where(its.state.in_([state.value for state in _ACTS]), *seen_acts(worker.seen))
    for act in _in_order(act_of(row) for row in connection.execute(asked)):
        kind, side = _ACTS[act.state]
        if is_asked(worker, side):
            yield Waiting(
                kind,
                act.id,
                f"{act.number}, {act.month}",
                f"/acts/{act.id}",
                None,
                desk.day_of(act.state_since),
                side,
                act.contractor,
            )


def _in_order(found: Iterator[Act]) -> Sequence[Act]:
    return sorted(found, key=lambda act: act.id)


def unseen_mentions(connection: Connection, desk: Desk, worker: Worker) -> Iterator[Waiting]:
    """Of the worker, where what was commented on is still theirs to see."""
    its, of = work_comments.c, work_mentions.c
    asked = (
        select(its.id, its.brief, its.task, its.at, work_briefs.c.title, work_tasks.c.title.label("of_task"))
        .join(work_mentions, of.comment == its.id)
        .join(work_briefs, work_briefs.c.id == its.brief)
        .outerjoin(work_tasks, work_tasks.c.id == its.task)
        .where(of.person == worker.name, of.seen_at.is_(None), *seen_briefs(worker.seen))
    )
    for row in connection.execute(asked.order_by(its.id)):
        place = f"/tasks/{row.task}" if row.task else f"/briefs/{row.brief}"
        title = row.of_task or row.title
        link = f"{place}#comment-{row.id}"
        yield Waiting("mention", row.id, title, link, None, desk.day_of(row.at), _side_of(worker), row.title)


def _side_of(worker: Worker) -> Party:
    return Party.CONTRACTOR if worker.is_contractor else Party.HOLDING
