"""How sources fare: deliveries, pulls, cursors, errors, and what is still to be fetched."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, case, delete, func, or_, select, update

from collectors.sources.flow import count_hour
from collectors.sources.source import SourceState, Wanted
from collectors.sources.tables import source_states, wanted_records
from infra.clock import Clock
from infra.database import insert_or_meet

LEASE = timedelta(minutes=10)
MOST_WANTED = 1000
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
_state = source_states.c


class SourceProgress:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def states(self) -> dict[str, SourceState]:
        names = [column for column in source_states.columns if column.name != "leased_until"]
        with self._engine.connect() as connection:
            return {row.source: SourceState(**row._mapping) for row in connection.execute(select(*names))}

    def lease_due(self) -> str | None:
        """Take the source that has been due longest, for ten minutes or until its pull ends; None where none is due."""
        now = self._clock.now()
        free = (_state.next_pull_at <= now) & or_(_state.leased_until.is_(None), _state.leased_until < now)
        with self._engine.begin() as connection:
            key = connection.scalar(select(_state.source).where(free).order_by(_state.next_pull_at).limit(1))
            if key is None:
                return None
            taken = update(source_states).where(_state.source == key, free).values(leased_until=now + LEASE)
            return key if connection.execute(taken).rowcount == 1 else None

    def lease(self, key: str) -> bool:
        """Take this source, due or not; False while another worker pulls it."""
        now = self._clock.now()
        free = (_state.source == key) & or_(_state.leased_until.is_(None), _state.leased_until < now)
        with self._engine.begin() as connection:
            return connection.execute(update(source_states).where(free).values(leased_until=now + LEASE)).rowcount == 1

    def save_page(self, key: str, cursor: Mapping[str, Any], fetched: Iterable[Wanted], began: datetime) -> None:
        """A page's events are durable: go on behind it, and renew the lease.

        What was wanted again since the pull `began` stays wanted: it may have changed after it was fetched.
        """
        now = self._clock.now()
        values = {"cursor": dict(cursor), "leased_until": now + LEASE, "last_pull_at": now}
        with self._engine.begin() as connection:
            connection.execute(update(source_states).where(_state.source == key).values(values))
            for each in fetched:
                chosen = (wanted_records.c.kind == each.kind) & (wanted_records.c.key == each.key)
                chosen &= wanted_records.c.asked_at <= began
                connection.execute(delete(wanted_records).where(wanted_records.c.source == key, chosen))

    def finish_pull(self, key: str, began: datetime, *, again_after: timedelta) -> None:
        """Pull again after a time, or at once where something was wanted since the pull `began`."""
        now = self._clock.now()
        values = {"leased_until": None, "last_pull_at": now, "failures": 0, "error": ""}
        latest = select(func.max(wanted_records.c.asked_at)).where(wanted_records.c.source == key)
        with self._engine.begin() as connection:
            wanted_at = connection.scalar(latest)
            pause = timedelta(0) if wanted_at and wanted_at > began else again_after
            changed = {**values, "next_pull_at": now + pause}
            connection.execute(update(source_states).where(_state.source == key).values(changed))

    def fail_pull(self, key: str, error: str, *, not_before: timedelta) -> None:
        """Try again later, ever more slowly, and not before the vendor asks to be asked again."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            failures = connection.scalar(select(_state.failures).where(_state.source == key)) or 0
            pause = max(not_before, min(FIRST_PAUSE * 2 ** min(failures, 10), LONGEST_PAUSE))
            values = {"leased_until": None, "next_pull_at": now + pause, "failures": failures + 1}
            values |= {"error": error, "error_at": now}
            connection.execute(update(source_states).where(_state.source == key).values(values))

    def note_delivery(self, key: str, error: str = "") -> None:
        """A delivery came; it was refused where there is an `error`. A good one clears that, but no pull's failure."""
        now = self._clock.now()
        if error:
            self._change(key, {"last_delivery_at": now, "error": error, "error_at": now})
        else:
            cleared = case((_state.failures == 0, ""), else_=_state.error)
            self._change(key, {"last_delivery_at": now, "error": cleared})

    def note_events(self, key: str, *, accepted: int, rejected: int) -> None:
        """Count what was taken of a source; a repetition counts again."""
        now = self._clock.now()
        values: dict[str, Any] = {"accepted": _state.accepted + accepted, "rejected": _state.rejected + rejected}
        values |= {"last_event_at": now} if accepted else {}
        with self._engine.begin() as connection:
            known = connection.execute(update(source_states).where(_state.source == key).values(values)).rowcount
            if known and accepted:
                count_hour(connection, key, accepted, now)

    def want(self, key: str, records: Iterable[Wanted]) -> None:
        """Remember what a source named, and pull it at once."""
        now = self._clock.now()
        rows = [{"source": key, "kind": each.kind, "key": each.key, "asked_at": now} for each in dict.fromkeys(records)]
        if not rows:
            return
        with self._engine.begin() as connection:
            asked = insert_or_meet(connection, wanted_records)
            again = asked.on_conflict_do_update(index_elements=["source", "kind", "key"], set_={"asked_at": now})
            connection.execute(again, rows)
            connection.execute(update(source_states).where(_state.source == key).values(next_pull_at=now))

    def wanted(self, key: str) -> Sequence[Wanted]:
        """The oldest records that are still to be fetched."""
        chosen = select(wanted_records).where(wanted_records.c.source == key)
        with self._engine.connect() as connection:
            rows = connection.execute(
                chosen.order_by(wanted_records.c.asked_at, wanted_records.c.key).limit(MOST_WANTED)
            )
            return [Wanted(row.kind, row.key) for row in rows]

    def pull_now(self, key: str) -> None:
        self._change(key, {"next_pull_at": self._clock.now(), "failures": 0})

    def cursor(self, key: str) -> dict[str, Any]:
        with self._engine.connect() as connection:
            return connection.scalar(select(_state.cursor).where(_state.source == key)) or {}

    def set_cursor(self, key: str, cursor: Mapping[str, Any]) -> None:
        """Go on from there: `{}` reads a source anew from its beginning."""
        self._change(key, {"cursor": dict(cursor), "next_pull_at": self._clock.now()})

    def _change(self, key: str, values: Mapping[str, Any]) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(source_states).where(_state.source == key).values(values))
