"""How many events sources bring: by the hour of the last day, against what is usual for each."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import Connection, Engine, delete, select

from collectors.sources.tables import source_hours
from infra.clock import Clock
from infra.database import insert_or_meet

DAYS = 14
_KEPT = timedelta(days=DAYS + 2)
_hours = source_hours.c


@dataclass(frozen=True, slots=True)
class Flow:
    """`hours` are the events of each of the last 24 hours, the one that goes on last.

    `usual` is of an hour: the median day of the two weeks before; None for a source that is younger than three days.
    """

    hours: tuple[int, ...]
    usual: float | None

    @property
    def per_hour(self) -> float:
        return sum(self.hours) / len(self.hours)


def count_hour(connection: Connection, source: str, accepted: int, now: datetime) -> None:
    """Add to the events of the hour, and forget hours that nobody asks for."""
    row = {"source": source, "hour": _hour(now), "accepted": accepted}
    new = insert_or_meet(connection, source_hours)
    more = {"accepted": _hours.accepted + new.excluded.accepted}
    connection.execute(new.on_conflict_do_update(index_elements=["source", "hour"], set_=more), row)
    connection.execute(delete(source_hours).where(_hours.source == source, _hours.hour < now - _KEPT))


def source_flows(engine: Engine, clock: Clock) -> Mapping[str, Flow]:
    """By source, those that brought anything in these days."""
    hour = _hour(clock.now())
    with engine.connect() as connection:
        rows = connection.execute(select(source_hours).where(_hours.hour > hour - timedelta(days=DAYS + 1))).all()
    found: defaultdict[str, dict[datetime, int]] = defaultdict(dict)
    for row in rows:
        found[row.source][row.hour] = row.accepted
    return {source: _flow(counts, hour) for source, counts in found.items()}


def _flow(counts: Mapping[datetime, int], hour: datetime) -> Flow:
    last = tuple(counts.get(hour - timedelta(hours=back), 0) for back in range(23, -1, -1))
    before = hour - timedelta(hours=24)
    days = [sum(counts.get(before - timedelta(hours=24 * day + each), 0) for each in range(24)) for day in range(DAYS)]
    oldest = min(counts)
    known = [total for day, total in enumerate(days) if before - timedelta(days=day) >= oldest]
    return Flow(last, median(known) / 24 if len(known) >= 3 else None)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
