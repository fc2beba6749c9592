"""Notices: an anomaly is told once, and stays until it is back to normal.

An open notice is known by its kind and subject; with its first day it is unique. Found again, it goes on; a week after
its like of the same subject began, an anomaly is told in that notice (calls that end take leads and CPL with them). One
that is found no more, two days in a row, has ended.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Engine,
    Float,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    select,
    true,
    update,
)  # fmt: skip

from attribution.anomalies.finding import Finding
from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.database import insert_or_meet, metadata
from infra.database.moments import UtcMoment
from infra.errors import NotFound

_LONGEST = 400
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("subject_kind", String(40), nullable=False),
    Column("subject", String(_LONGEST), nullable=False),
    Column("since", Date, nullable=False),
    Column("raised_at", UtcMoment, nullable=False),
    Column("seen_on", Date, nullable=False),
    Column("severity", String(20), nullable=False),
    Column("observed", Float, nullable=False),
    Column("expected", Float, nullable=False),
    Column("money", Numeric(18, 4)),
    Column("text", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("acknowledged_at", UtcMoment),
    Column("acknowledged_by", String(200), nullable=False),
    Column("ended_at", UtcMoment),
    UniqueConstraint("kind", "subject_kind", "subject", "since"),
    Index("notices_by_state", "state"),
)
_SAME_EPISODE = timedelta(days=7)
_QUIET = timedelta(days=2)
_ALIKE = 0.1
_OPEN = ("open", "acknowledged")


class NoticeState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Notice:
    """`observed` and `expected` are of the days from `since` to `seen_on`; `money` at stake is in whole units."""

    id: int
    kind: str
    subject_kind: str
    subject: str
    since: date
    raised_at: datetime
    seen_on: date
    severity: str
    observed: float
    expected: float
    money: Decimal | None
    text: str
    cause: str
    state: str
    acknowledged_at: datetime | None
    acknowledged_by: str
    ended_at: datetime | None


class Notices:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def all(self, states: Iterable[str] = _OPEN, *, seen: Visibility = EVERYTHING) -> Sequence[Notice]:
        """The most urgent first: critical ones, then by money at stake, then the newest."""
        chosen = select(notices).where(notices.c.state.in_(list(states)), _is_seen(seen))
        with self._engine.connect() as connection:
            found = [Notice(**row._mapping) for row in connection.execute(chosen)]
        return sorted(
            found, key=lambda each: (each.severity != "critical", -(each.money or 0), -each.since.toordinal(), each.id)
        )

    def going_on(self, found: Sequence[Finding], last_day: date) -> Sequence[Finding]:
        """Note which open notices were found again on this day, and return the findings that are new."""
        with self._engine.begin() as connection:
            known = self._known(connection)
            new = []
            for each in found:
                same = next((notice for notice in known if _is_same(notice, each)), None)
                if same is not None:
                    self._see_again(connection, same, each, last_day)
                elif not any(tells(notice, each) for notice in known):
                    new.append(each)
            return new

    def raise_new(self, found: Finding, cause: str, last_day: date) -> bool:
        """False where another worker was faster."""
        row = {
            "kind": found.kind,
            "subject_kind": found.subject_kind,
            "subject": found.subject[:_LONGEST],
            "since": found.since,
            "raised_at": self._clock.now(),
            "seen_on": last_day,
            **_measured(found),
            "text": found.text,
            "cause": cause,
            "state": NoticeState.OPEN.value,
            "acknowledged_by": "",
        }
        with self._engine.begin() as connection:
            once = insert_or_meet(connection, notices).on_conflict_do_nothing().returning(notices.c.id)
            return connection.scalar(once, row) is not None

    def end(self, last_day: date) -> int:
        """End those that were not found for two days; how many these are."""
        over = notices.c.state.in_(_OPEN) & (notices.c.seen_on <= last_day - _QUIET)
        with self._engine.begin() as connection:
            ended = update(notices).where(over).values(state=NoticeState.ENDED.value, ended_at=self._clock.now())
            return connection.execute(ended).rowcount

    def acknowledge(self, key: int, *, who: str, seen: Visibility = EVERYTHING) -> Notice:
        """Somebody looks after it. One that has ended, or is acknowledged, stays as it is.

        Raises `NotFound`, even where there is one that is not seen.
        """
        with self._engine.begin() as connection:
            its = (notices.c.id == key) & _is_seen(seen)
            chosen = its & (notices.c.state == NoticeState.OPEN.value)
            values = {
                "state": NoticeState.ACKNOWLEDGED.value,
                "acknowledged_at": self._clock.now(),
                "acknowledged_by": who,
            }
            if connection.execute(update(notices).where(chosen).values(values)).rowcount:
                note_change(connection, self._clock, who=who, what="notice", before="open", after=f"{key} acknowledged")
            row = connection.execute(select(notices).where(its)).one_or_none()
        if row is None:
            raise NotFound(f"There is no notice {key}.", where="id", help="`closedloop notices list` shows them.")
        return Notice(**row._mapping)

    def _known(self, connection: Connection) -> list[Notice]:
        return [Notice(**row._mapping) for row in connection.execute(select(notices).where(notices.c.state.in_(_OPEN)))]

    def _see_again(self, connection: Connection, notice: Notice, found: Finding, last_day: date) -> None:
        seen = update(notices).where(notices.c.id == notice.id)
        connection.execute(seen.values(seen_on=last_day, **_measured(found)))


def _is_seen(seen: Visibility) -> ColumnElement[bool]:
    """Those of a dealer or contractor that is seen whole; all others are of the whole holding."""
    if seen.is_everything:
        return true()
    if seen.dealers is not None and seen.contractors is not None:
        return false()
    kind, names = ("contractor", seen.contractors) if seen.dealers is None else ("dealer", seen.dealers)
    return (notices.c.subject_kind == kind) & notices.c.subject.in_(sorted(names or ()))


def tells(known: Finding | Notice, found: Finding) -> bool:
    """Whether what is known, at about the same time, tells what is found as well.

    A subject's anomaly tells others of the subject; everything together what its parts do alike; and a channel what the
    contractor who runs it does.
    """
    if abs(known.since - found.since) > _SAME_EPISODE:
        return False
    if (known.subject_kind, known.subject) == (found.subject_kind, found.subject[:_LONGEST]):
        return True
    if known.kind != found.kind:
        return False
    alike = abs(known.expected - found.expected) <= _ALIKE * found.expected
    return known.subject_kind == "all" or (known.subject_kind, found.subject_kind, alike) == (
        "channel",
        "contractor",
        True,
    )


def _is_same(known: Notice, found: Finding) -> bool:
    return (known.kind, known.subject_kind, known.subject) == (found.kind, found.subject_kind, found.subject[:_LONGEST])


def _measured(found: Finding) -> dict[str, object]:
    return {
        "severity": found.severity,
        "observed": found.observed,
        "expected": found.expected,
        "money": None if found.money is None else Decimal(str(round(found.money, 4))),
    }
