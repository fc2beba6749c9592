"""What each site brought and what was dropped of it, counted in memory and noted every few seconds."""

import logging
import threading
from collections import Counter, defaultdict
from datetime import datetime, timedelta

from sqlalchemy import Column, Engine, ForeignKey, Integer, String, Table, select

from collectors.sources.progress import SourceProgress
from collectors.sources.tables import sources
from infra.clock import Clock
from infra.database import insert_or_meet, metadata
from infra.errors import Unavailable

_EVERY = timedelta(seconds=5)
_log = logging.getLogger(__name__)
ACCEPTED, REJECTED = "accepted", "rejected"

site_drops = Table(
    "site_drops",
    metadata,
    Column("source", String(60), ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("reason", String(40), primary_key=True),
    Column("dropped", Integer, nullable=False),
)


class SiteTally:
    """Safe to use from several threads."""

    def __init__(self, engine: Engine, progress: SourceProgress, clock: Clock) -> None:
        self._engine = engine
        self._progress = progress
        self._clock = clock
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._noted_at: datetime | None = None
        self._lock = threading.Lock()

    def add(self, source: str, counts: Counter[str]) -> None:
        """Count what became of a site's events: `accepted`, `rejected`, or the reason for which they were dropped."""
        now = self._clock.now()
        with self._lock:
            self._counts[source] += counts
            if self._noted_at and now - self._noted_at < _EVERY:
                return
            self._noted_at = now
        try:
            self.flush()
        except Unavailable as error:
            _log.warning("what sites brought is counted later: %s", error.message)

    def flush(self) -> None:
        """Note what was counted. Raises `DatabaseUnavailable`: then it is counted still."""
        with self._lock:
            counted, self._counts = self._counts, defaultdict(Counter)
        for source in list(counted):
            try:
                self._note(source, counted[source])
            except Exception:
                with self._lock:
                    for each, counts in counted.items():
                        self._counts[each] += counts
                raise
            del counted[source]

    def drops(self) -> dict[str, dict[str, int]]:
        """By source and reason."""
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        with self._engine.connect() as connection:
            for row in connection.execute(select(site_drops)):
                found[row.source][row.reason] = row.dropped
        return found

    def _note(self, source: str, counts: Counter[str]) -> None:
        accepted, rejected = counts.get(ACCEPTED, 0), counts.get(REJECTED, 0)
        if accepted or rejected:
            self._progress.note_events(source, accepted=accepted, rejected=rejected)
        dropped = {reason: count for reason, count in counts.items() if reason not in (ACCEPTED, REJECTED) and count}
        with self._engine.begin() as connection:
            if connection.scalar(select(sources.c.id).where(sources.c.id == source)) is None:
                return
            for reason, count in dropped.items():
                put = insert_or_meet(connection, site_drops)
                again = put.on_conflict_do_update(
                    index_elements=["source", "reason"], set_={"dropped": site_drops.c.dropped + count}
                )
                connection.execute(again, {"source": source, "reason": reason, "dropped": count})
