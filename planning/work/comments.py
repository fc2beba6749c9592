"""Comments on briefs and tasks, in Markdown. Who is mentioned finds it in their inbox until they have seen it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from attribution.visibility import Visibility
from infra.audit import note_change
from infra.errors import InvalidInput, NotFound
from planning.desk import Desk
from planning.work.asking import Asked
from planning.work.audience import audience
from planning.work.briefs import Brief, find_brief
from planning.work.mentions import mentioned_in
from planning.work.people import Party, check_may
from planning.work.tables import work_comments, work_mentions
from planning.work.tasks import find_task

_its = work_comments.c


@dataclass(frozen=True, slots=True)
class Comment:
    """`text` is Markdown, `mentioned` are e-mails; `task` is None for one on the brief; `at` is in UTC."""

    id: int
    brief: int
    task: int | None
    text: str
    at: datetime
    author: str
    mentioned: Sequence[str] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        names = ("id", "brief", "task", "text", "author")
        told = {name: getattr(self, name) for name in names}
        return {**told, "mentioned": list(self.mentioned), "at": self.at.isoformat()}


def comment_on_task(desk: Desk, key: int, text: str, asked: Asked) -> Comment:
    """Raises `InvalidInput`, `NotFound`, `NotPermitted`."""
    with desk.engine.begin() as connection:
        task = find_task(connection, key, asked.worker.seen)
        brief = find_brief(connection, task.brief, asked.worker.seen)
        return _add(connection, desk, brief, task.id, task.contractor, text, asked)


def comment_on_brief(desk: Desk, key: int, text: str, asked: Asked) -> Comment:
    """A contractor writes where the brief is theirs. Raises `InvalidInput`, `NotFound`, `NotPermitted`."""
    with desk.engine.begin() as connection:
        brief = find_brief(connection, key, asked.worker.seen)
        if not asked.worker.seen.sees_contractor(brief.contractor):
            raise InvalidInput(
                "A task of this brief is yours, not the brief.", where="brief", help="Comment on your task instead."
            )
        return _add(connection, desk, brief, None, brief.contractor, text, asked)


def comments_on_task(connection: Connection, task: int, seen: Visibility) -> Sequence[Comment]:
    """In order."""
    return _read(connection, [_its.task == task], seen)


def comments_on_brief(connection: Connection, brief: int, seen: Visibility) -> Sequence[Comment]:
    """In order, without those on its tasks. A contractor reads those from when the brief was theirs."""
    return _read(connection, [_its.brief == brief, _its.task.is_(None)], seen)


def mark_seen(desk: Desk, comment: int, person: str) -> None:
    """Raises `NotFound` for a comment that does not mention them."""
    its = work_mentions.c
    mine = update(work_mentions).where(its.comment == comment, its.person == person)
    with desk.engine.begin() as connection:
        if not connection.execute(mine.values(seen_at=desk.clock.now())).rowcount:
            raise NotFound(f"No comment {comment} mentions you.", where="comment", help="The page Tasks lists them.")


def _add(
    connection: Connection, desk: Desk, brief: Brief, task: int | None, contractor: str, text: str, asked: Asked
) -> Comment:
    check_may(asked.worker, Party.CONTRACTOR)
    if not text.strip():
        raise InvalidInput("The comment is empty.", where="text", help="Write something.")
    now = desk.clock.now()
    row = {
        "brief": brief.id, "task": task, "contractor": contractor, "text": text.strip(), "at": now,
        "author": asked.author,
    }  # fmt: skip
    key = connection.execute(insert(work_comments).returning(_its.id), row).scalar_one()
    found = mentioned_in(text, audience(connection, brief, contractor))
    if others := [each for each in found if each != asked.author]:
        rows = [{"comment": key, "person": each, "seen_at": None} for each in others]
        connection.execute(insert(work_mentions), rows)
    _answer_mentions(connection, brief.id, task, asked.author, now)
    what = f"comment on task {task}" if task else f"comment on brief {brief.id}"
    note_change(connection, desk.clock, who=asked.author, what=what, after=text.strip())
    return Comment(key, brief.id, task, text.strip(), now, asked.author, others)


def _answer_mentions(connection: Connection, brief: int, task: int | None, person: str, now: datetime) -> None:
    """Whoever answers has seen what they answer."""
    its = work_mentions.c
    here = select(_its.id).where(_its.brief == brief, _its.task == task if task else _its.task.is_(None))
    mine = its.person == person, its.seen_at.is_(None), its.comment.in_(here)
    connection.execute(update(work_mentions).where(*mine).values(seen_at=now))


def _read(connection: Connection, where: list[Any], seen: Visibility) -> Sequence[Comment]:
    mine = [] if seen.contractors is None else [_its.contractor.in_(sorted(seen.contractors))]
    rows = connection.execute(select(work_comments).where(*where, *mine).order_by(_its.id)).all()
    mentioned: dict[int, list[str]] = {}
    its = work_mentions.c
    named = select(work_mentions).where(its.comment.in_([row.id for row in rows])).order_by(its.person)
    for row in connection.execute(named):
        mentioned.setdefault(row.comment, []).append(row.person)
    return [
        Comment(row.id, row.brief, row.task, row.text, row.at, row.author, mentioned.get(row.id, ())) for row in rows
    ]
