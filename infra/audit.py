"""Who changed what, when: a note beside each change of what people set, in the same transaction."""

from sqlalchemy import Column, Connection, Integer, String, Table, Text, func, insert, select

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


def note_change(
    connection: Connection, clock: Clock, *, who: str, what: str, before: str = "", after: str = ""
) -> None:
    row = {"at": clock.now(), "who": who, "what": what, "before": before, "after": after}
    connection.execute(insert(audit_log), row)


def newest_change(connection: Connection, what: str) -> int:
    """The number of the newest note on `what`; 0 where there is none."""
    newest = select(func.max(audit_log.c.id)).where(audit_log.c.what == what)
    return connection.scalar(newest) or 0
