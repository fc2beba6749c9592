"""What happened to a brief, its tasks and its acts, in order; each line is told only to the contractor whose it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, or_, select

from attribution.visibility import Visibility
from planning.work.acts import Act, seen_acts
from planning.work.briefs import Brief
from planning.work.tables import work_acts, work_story
from planning.work.tasks import Task

_its = work_story.c


@dataclass(frozen=True, slots=True)
class Happened:
    """`step` is what was done, `state` how the task, act or brief stood after it; `at` is in UTC."""

    step: str
    state: str
    at: datetime
    author: str
    comment: str = ""
    version: int | None = None
    task: int | None = None
    act: int | None = None

    def as_dict(self) -> dict[str, Any]:
        names = ("step", "state", "author", "comment", "version", "task", "act")
        return {**{name: getattr(self, name) for name in names}, "at": self.at.isoformat()}


def note_brief(connection: Connection, brief: Brief, step: str, comment: str = "") -> None:
    _note(
        connection, brief.contractor, step, brief.stands,
        brief=brief.id, at=brief.changed_at, author=brief.changed_by, comment=comment,
    )  # fmt: skip


def note_task(connection: Connection, task: Task, step: str, comment: str = "", version: int | None = None) -> None:
    _note(
        connection, task.contractor, step, task.state.value,
        brief=task.brief, task=task.id, version=version, at=task.changed_at, author=task.changed_by, comment=comment,
    )  # fmt: skip


def note_act(connection: Connection, act: Act, step: str, comment: str = "") -> None:
    _note(
        connection, act.contractor, step, act.state.value,
        act=act.id, at=act.changed_at, author=act.changed_by, comment=comment,
    )  # fmt: skip


def story_of_brief(connection: Connection, brief: int, acts: list[int], seen: Visibility) -> list[Happened]:
    """Its own, its tasks' and that of acts about it, from the beginning."""
    return _read(connection, [or_(_its.brief == brief, _its.act.in_(acts))], seen)


def story_of_task(connection: Connection, task: int, seen: Visibility) -> list[Happened]:
    return _read(connection, [_its.task == task], seen)


def story_of_act(connection: Connection, act: int, seen: Visibility) -> list[Happened]:
    return _read(connection, [_its.act == act], seen)


def _read(connection: Connection, where: list[ColumnElement[bool]], seen: Visibility) -> list[Happened]:
    mine = [] if seen.contractors is None else [_its.contractor.in_(sorted(seen.contractors))]
    acts = select(work_acts.c.id).where(*seen_acts(seen))
    rows = select(work_story).where(*where, *mine, or_(_its.act.is_(None), _its.act.in_(acts))).order_by(_its.id)
    return [
        Happened(row.step, row.state, row.at, row.author, row.comment, row.version, row.task, row.act)
        for row in connection.execute(rows)
    ]


def _note(connection: Connection, contractor: str, step: str, state: str, **told: Any) -> None:
    row = {"brief": None, "task": None, "act": None, "version": None, **told}
    connection.execute(insert(work_story), {**row, "contractor": contractor, "step": step, "state": state})
