"""The event log in one local file: SQLite in WAL mode, one partition per topic.

Any number of processes may append to and read from the same file, where it lies on a disk of this machine.
"""

import sqlite3
import threading
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from infra.clock import Clock
from infra.log.base import Backlog, NewRecord
from infra.log.local_consumer import Arrivals, LocalConsumer, to_stamp
from infra.log.local_file import SQL, in_plain_words, open_file, place_of
from infra.log.local_owner import check_name
from infra.log.local_writer import Writer


class LocalLog:
    """See `EventLog`. Raises `InvalidSettings` where the file is no log of ours."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._writer = Writer(path)
        self._arrivals = Arrivals()
        self._reading = threading.Lock()
        self._connection = open_file(path)

    def append(self, topic: str, records: Sequence[NewRecord]) -> None:
        if not records:
            return
        check_name(topic)
        size = sum(len(record.value) for record in records)
        stamp = to_stamp(self._clock.now())
        self._writer.run(lambda connection: _store(connection, topic, records, stamp), size)
        self._arrivals.announce()

    def consumer(self, group: str, topics: Sequence[str]) -> LocalConsumer:
        return LocalConsumer(self._path, self._writer, self._arrivals, group, topics)

    def backlog(self, group: str, topic: str) -> Backlog:
        with self._reading, in_plain_words(self._path):
            row = self._connection.execute(SQL["backlog"], {"group": group, "topic": topic}).fetchone()
        return Backlog(*row) if row else Backlog(0, 0)

    def close(self) -> None:
        """Consumers are closed by those who asked for them."""
        self._writer.close()
        with self._reading:
            self._connection.close()


def _store(connection: sqlite3.Connection, topic: str, records: Sequence[NewRecord], stamp: int) -> None:
    """Offsets are taken inside the transaction: several processes may write, and none leaves a gap."""
    amount = {"topic": topic, "records": len(records), "events": sum(record.events for record in records)}
    reserved = connection.execute(SQL["reserve_offsets"], amount).fetchall()
    if not reserved:
        connection.execute(SQL["add_topic"], {"topic": topic})
        reserved = connection.execute(SQL["reserve_offsets"], amount).fetchall()
    number, next_offset, total = reserved[0]
    first = place_of(number, next_offset - len(records))
    totals = accumulate((record.events for record in records), initial=total - amount["events"])
    next(totals)
    rows = (
        (first + index, stamp, record.events, so_far, record.value)
        for index, (record, so_far) in enumerate(zip(records, totals, strict=True))
    )
    connection.executemany(SQL["add_record"], rows)
