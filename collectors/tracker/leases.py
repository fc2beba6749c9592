"""Leases of telephone numbers: which visit was shown which number, and when.

A number is leased to one visit at a time, and to another one only when its lease has ended: of the free ones the one
that has been free longest. A call to a number is of the visit that held it then, or that held it last, within a grace
time after the end. Leases are kept for 90 days, for calls that are told late.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, String, Table, delete, func, insert, select, update

from infra.clock import Clock
from infra.database import insert_or_meet, metadata
from infra.database.moments import UtcMoment

KEPT = timedelta(days=90)
_MOST_AT_ONCE = 500
_LOOK_AGAIN = timedelta(seconds=5)

pool_numbers = Table(
    "pool_numbers",
    metadata,
    Column("number", String(40), primary_key=True),
    Column("held_until", UtcMoment, nullable=False),
)
number_leases = Table(
    "number_leases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(40), nullable=False, index=True),
    Column("visitor_id", String(40), nullable=False),
    Column("session_id", String(40), nullable=False, index=True),
    Column("since", UtcMoment, nullable=False),
    Column("until", UtcMoment, nullable=False, index=True),
    Column("site", String(60), nullable=False, server_default=""),
    Column("dealer", String(200), nullable=False, server_default=""),
)
number_refusals = Table(
    "number_refusals",
    metadata,
    Column("session_id", String(40), primary_key=True),
    Column("site", String(60), nullable=False),
    Column("at", UtcMoment, nullable=False, index=True),
)
_pool = pool_numbers.c
_leases = number_leases.c
_refusals = number_refusals.c


@dataclass(frozen=True, slots=True)
class Holding:
    """A number that a visit to a dealer's site held, from `since` until it was released."""

    number: str
    visitor_id: str
    session_id: str
    since: datetime
    until: datetime
    dealer: str = ""


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """How many visits of a site asked for a number: those that got one, and those that never did."""

    served: int
    refused: int

    @property
    def accuracy(self) -> float | None:
        asked = self.served + self.refused
        return self.served / asked if asked else None


class NumberLeases:
    """Safe to use from several threads and processes. `lasting` is how long a lease holds unless it is renewed."""

    def __init__(self, engine: Engine, clock: Clock, *, lasting: timedelta, grace: timedelta) -> None:
        self._engine = engine
        self._clock = clock
        self._lasting = lasting
        self._grace = grace
        self._any = False
        self._looked_at: datetime | None = None

    def lease(
        self, numbers: Sequence[str], visitor: str, session: str, *, site: str = "", dealer: str = ""
    ) -> str | None:
        """The session's number, for some time more, or one that is free; None where the pool is used up.

        That a visit got none is noted.
        """
        now = self._clock.now()
        self._any = True
        lease = {"visitor_id": visitor, "session_id": session, "since": now, "site": site, "dealer": dealer}
        with self._engine.begin() as connection:
            found = self._renew(connection, numbers, session, now) or self._take(connection, numbers, lease, now)
            if found is None and numbers:
                refused = insert_or_meet(connection, number_refusals).on_conflict_do_nothing()
                connection.execute(refused, {"session_id": session, "site": site, "at": now})
            return found

    def record(self, site: str, since: datetime, until: datetime) -> PoolRecord:
        """Of the visits that asked for a number in this time; at most the last 90 days are known."""
        got = select(_leases.session_id).where(_leases.site == site, _leases.since.between(since, until)).distinct()
        refused = select(func.count()).where(
            _refusals.site == site, _refusals.at.between(since, until), _refusals.session_id.not_in(got)
        )
        with self._engine.connect() as connection:
            served = connection.scalar(select(func.count()).select_from(got.subquery())) or 0
            return PoolRecord(served, connection.scalar(refused) or 0)

    def holders(self, calls: Sequence[tuple[str, datetime]]) -> list[Holding | None]:
        """Whose each call is, by the number that was called and the moment it began. Raises `DatabaseUnavailable`."""
        held: dict[str, list[Holding]] = {}
        numbers = sorted({number for number, _ in calls})
        with self._engine.connect() as connection:
            for first in range(0, len(numbers), _MOST_AT_ONCE):
                for each in _holdings(connection, numbers[first : first + _MOST_AT_ONCE]):
                    held.setdefault(each.number, []).append(each)
        return [self._holder(held.get(number, ()), at) for number, at in calls]

    def are_any(self) -> bool:
        """Whether a number was ever leased, looked up each few seconds until it is so: most places lease none."""
        now = self._clock.now()
        if not self._any and (self._looked_at is None or now - self._looked_at >= _LOOK_AGAIN):
            with self._engine.connect() as connection:
                self._any = connection.scalar(select(_pool.number).limit(1)) is not None
            self._looked_at = now
        return self._any

    def _holder(self, holdings: Collection[Holding], at: datetime) -> Holding | None:
        begun = [each for each in holdings if each.since <= at]
        last = max(begun, key=lambda each: each.since, default=None)
        return last if last and at <= last.until + self._grace else None

    def _renew(self, connection: Connection, numbers: Sequence[str], session: str, now: datetime) -> str | None:
        mine = (_leases.session_id == session) & (_leases.until > now) & _leases.number.in_(numbers)
        row = connection.execute(select(_leases.id, _leases.number).where(mine).limit(1)).one_or_none()
        if row is None:
            return None
        until = now + self._lasting
        connection.execute(update(number_leases).where(_leases.id == row.id).values(until=until))
        connection.execute(update(pool_numbers).where(_pool.number == row.number).values(held_until=until))
        return str(row.number)

    def _take(
        self, connection: Connection, numbers: Sequence[str], lease: Mapping[str, Any], now: datetime
    ) -> str | None:
        until = now + self._lasting
        for number in _free(connection, numbers, now):
            if _hold(connection, number, now, until):
                connection.execute(insert(number_leases), {**lease, "number": number, "until": until})
                connection.execute(delete(number_leases).where(_leases.until < now - KEPT))
                connection.execute(delete(number_refusals).where(_refusals.at < now - KEPT))
                return number
        return None


def _free(connection: Connection, numbers: Sequence[str], now: datetime) -> list[str]:
    """Those that nobody holds: never leased ones first, then the one that was released first."""
    rows = connection.execute(select(_pool.number, _pool.held_until).where(_pool.number.in_(numbers)))
    held = {row.number: row.held_until for row in rows}
    free = [number for number in dict.fromkeys(numbers) if number not in held or held[number] <= now]
    return sorted(free, key=lambda number: (number in held, held.get(number, now)))


def _hold(connection: Connection, number: str, now: datetime, until: datetime) -> bool:
    """Take a number that was free a moment ago; False where somebody was quicker."""
    first = insert_or_meet(connection, pool_numbers).values(number=number, held_until=until).on_conflict_do_nothing()
    if connection.scalar(first.returning(_pool.number)):
        return True
    free = (_pool.number == number) & (_pool.held_until <= now)
    return connection.execute(update(pool_numbers).where(free).values(held_until=until)).rowcount == 1


def _holdings(connection: Connection, numbers: Sequence[str]) -> list[Holding]:
    columns = (_leases.number, _leases.visitor_id, _leases.session_id, _leases.since, _leases.until, _leases.dealer)
    rows = connection.execute(select(*columns).where(_leases.number.in_(numbers)))
    return [Holding(**row._mapping) for row in rows]
