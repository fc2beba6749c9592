"""Numbers that visits were given: one a visit, drawn by chance, so that they tell neither how many there are nor the
next one. They begin with seven digits and grow by one where too many of a length are in use. Those of visits of more
than 400 days ago are free again.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Engine, String, Table, UniqueConstraint, delete, select

from collectors.visits.number import LONGEST, with_check_digit
from infra.clock import Clock
from infra.database import insert_or_meet, metadata
from infra.database.moments import UtcMoment

KEPT = timedelta(days=400)
_FIRST_DIGITS = 6
_MOST_AT_ONCE = 500

visit_numbers = Table(
    "visit_numbers",
    metadata,
    Column("number", String(12), primary_key=True),
    Column("visitor_id", String(200), nullable=False),
    Column("session_id", String(200), nullable=False),
    Column("issued_at", UtcMoment, nullable=False, index=True),
    UniqueConstraint("visitor_id", "session_id"),
)
_its = visit_numbers.c


@dataclass(frozen=True, slots=True)
class NumberedVisit:
    """`number` is its digits alone."""

    number: str
    visitor_id: str
    session_id: str
    issued_at: datetime


class VisitNumbers:
    """Safe to use from several threads and processes. Everything raises `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def number_of(self, visitor: str, session: str) -> str:
        """The visit's number; a new one where it has none yet."""
        with self._engine.begin() as connection:
            return _known(connection, visitor, session) or self._draw(connection, visitor, session)

    def visit(self, number: str) -> NumberedVisit | None:
        return self.visits([number]).get(number)

    def visits(self, numbers: Collection[str]) -> dict[str, NumberedVisit]:
        """The visits that were given these numbers, by number."""
        asked = sorted(set(numbers))
        found: dict[str, NumberedVisit] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(asked), _MOST_AT_ONCE):
                chosen = select(visit_numbers).where(_its.number.in_(asked[start : start + _MOST_AT_ONCE]))
                found |= {row.number: NumberedVisit(**row._mapping) for row in connection.execute(chosen)}
        return found

    def _draw(self, connection: Connection, visitor: str, session: str) -> str:
        now = self._clock.now()
        connection.execute(delete(visit_numbers).where(_its.issued_at < now - KEPT))
        for digits in range(_FIRST_DIGITS, LONGEST):
            drawn = with_check_digit(f"{10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1))}")
            row = {"number": drawn, "visitor_id": visitor, "session_id": session, "issued_at": now}
            put = insert_or_meet(connection, visit_numbers).values(row).on_conflict_do_nothing()
            if connection.scalar(put.returning(_its.number)):
                return drawn
            if known := _known(connection, visitor, session):
                return known  # somebody else was quicker
        raise RuntimeError("every visit number that can be said is in use")


def _known(connection: Connection, visitor: str, session: str) -> str | None:
    chosen = (_its.visitor_id == visitor) & (_its.session_id == session)
    return connection.scalar(select(_its.number).where(chosen))
