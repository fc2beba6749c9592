"""Versions of a creative: each is what was handed in at once, in one or several files, and none is ever changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, insert, select

from infra.errors import InvalidInput
from planning.desk import Desk
from planning.files import Content, StoredFile
from planning.work.asking import Asked
from planning.work.people import Party, check_may
from planning.work.states import TaskStep
from planning.work.stepping import take
from planning.work.tables import work_decisions, work_versions
from planning.work.tasks import Task, find_task

_MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class NewFile:
    """Bytes that are durable already, with the name that people know them by."""

    name: str
    content: Content


@dataclass(frozen=True, slots=True)
class Decision:
    """`side` is whose it is, `verdict` `agree` or `return`; `at` is in UTC."""

    side: str
    verdict: str
    comment: str
    at: datetime
    author: str

    def as_dict(self) -> dict[str, Any]:
        names = ("side", "verdict", "comment", "author")
        return {**{name: getattr(self, name) for name in names}, "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Version:
    """`at` is in UTC."""

    number: int
    note: str
    at: datetime
    author: str
    files: Sequence[StoredFile]
    decisions: Sequence[Decision]

    def as_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "note": self.note,
            "at": self.at.isoformat(),
            "author": self.author,
            "files": [each.as_dict() for each in self.files],
            "decisions": [each.as_dict() for each in self.decisions],
        }


def hand_in(desk: Desk, key: int, files: Sequence[NewFile], note: str, asked: Asked) -> Task:
    """The next version, which waits for its decision; what was decided on the one before stays with that one.

    Whoever hands in need not have seen the newest revision. Raises `InvalidInput`, `NotFound`, `NotPermitted`.
    """
    if not 1 <= len(files) <= _MOST_FILES:
        raise InvalidInput(
            f"A version has from 1 to {_MOST_FILES} files.",
            where="file",
            help="Choose what you want to hand in; put more into one archive.",
        )
    with desk.engine.begin() as connection:
        before = find_task(connection, key, asked.worker.seen, held=True)
        check_may(asked.worker, Party.CONTRACTOR)
        number = before.newest_version + 1
        on_newest = replace(asked, based_on=before.revision, comment=note)
        after = take(connection, desk, before, TaskStep.HAND_IN, on_newest, number, newest_version=number)
        row = {"task": key, "number": number, "note": note, "at": after.changed_at, "author": asked.author}
        connection.execute(insert(work_versions), row)
        for each in files:
            desk.files.attach(
                connection, before.subject, each.content, each.name, author=asked.author, purpose=purpose_of(number)
            )
    return after


def versions_of(connection: Connection, desk: Desk, task: Task) -> Sequence[Version]:
    """The newest first, with the decisions on each in their order."""
    its, decided = work_versions.c, work_decisions.c
    files: dict[str, list[StoredFile]] = {}
    for file in desk.files.list(connection, task.subject):
        files.setdefault(file.purpose, []).append(file)
    decisions: dict[int, list[Decision]] = {}
    of_task = select(work_decisions).where(decided.task == task.id)
    for row in connection.execute(of_task.order_by(decided.at, _is_brands(decided.side))):
        decision = Decision(row.side, row.verdict, row.comment, row.at, row.author)
        decisions.setdefault(row.version, []).append(decision)
    rows = connection.execute(select(work_versions).where(its.task == task.id).order_by(its.number.desc()))
    return [
        Version(
            row.number, row.note, row.at, row.author, files.get(purpose_of(row.number), ()),
            decisions.get(row.number, ()),
        )
        for row in rows
    ]  # fmt: skip


def _is_brands(side: ColumnElement[str]) -> ColumnElement[int]:
    """Orders decisions of one moment: the brand's comes second."""
    return case((side == Party.BRAND.value, 1), else_=0)


def purpose_of(number: int) -> str:
    """By which files are known as those of a version."""
    return f"version {number}"
