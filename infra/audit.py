"""Who changed what, when: a note beside each change of what people set, in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Engine, Integer, String, Table, Text, func, insert, select

from infra.clock import Clock
from infra.database import metadata
from infra.database.moments import UtcMoment

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcMoment, nullable=False),
    Column("who", String(200), nullable=False),
    Column("what", String(200), nullable=False),
    Column("before", Text),
    Column("after", Text),
)


@dataclass(frozen=True, slots=True)
class Change:
    """`at` is in UTC; `before` and `after` are JSON or a text, and empty where there was nothing."""

    id: int
    at: datetime
    who: str
    what: str
    before: str
    after: str


def note_change(
    connection: Connection, clock: Clock, *, who: str, what: str, before: str = "", after: str = ""
) -> None:
    row = {"at": clock.now(), "who": who, "what": what, "before": before, "after": after}
    connection.execute(insert(audit_log), row)


def newest_change(connection: Connection, what: str) -> int:
    """The number of the newest note on `what`; 0 where there is none."""
    newest = select(func.max(audit_log.c.id)).where(audit_log.c.what == what)
    return connection.scalar(newest) or 0


def find_changes(
    engine: Engine, *, who: str = "", what: str = "", most: int = 100, before: int = 0
) -> tuple[Sequence[Change], int]:
    """The newest first, those behind the number `before`, and how many there are in all.

    `who` and `what` are parts of names, in whatever case.
    """
    wanted = [
        column.icontains(part, autoescape=True) for column, part in ((audit_log.c.who, who), (audit_log.c.what, what))
    ]
    page = [audit_log.c.id < before] if before else []
    rows = select(audit_log).where(*wanted, *page).order_by(audit_log.c.id.desc()).limit(most)
    with engine.connect() as connection:
        total = connection.scalar(select(func.count()).select_from(audit_log).where(*wanted)) or 0
        found = [
            Change(row.id, row.at, row.who, row.what, row.before or "", row.after or "")
            for row in connection.execute(rows)
        ]
    return found, total
