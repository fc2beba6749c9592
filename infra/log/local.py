"""The event log in one local file: SQLite in WAL mode, one partition per topic.

Any number of processes may append to and read from the same file, where it lies on a disk of this machine.
"""

import sqlite3
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from infra.clock import Clock
from infra.log.base import Backlog, NewRecord
from infra.log.local_append import check_room, store
from infra.log.local_consumer import Arrivals, LocalConsumer
from infra.log.local_file import SQL, in_plain_words, open_file, to_stamp
from infra.log.local_owner import check_name
from infra.log.local_removal import remove
from infra.log.local_replay import replay
from infra.log.local_writer import Writer
from infra.log.options import LogOptions
from infra.log.waiting import Waiting


class LocalLog:
    """See `EventLog`. Raises `InvalidSettings` where the file is no log of ours."""

    def __init__(self, path: Path, clock: Clock, options: LogOptions | None = None) -> None:
        self._path = path
        self._clock = clock
        options = options or LogOptions()
        self._max_bytes = options.max_bytes
        self._waiting = Waiting(options.waiting_bytes)
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

        def work(connection: sqlite3.Connection) -> None:
            if self._max_bytes:
                check_room(connection, size, self._max_bytes)
            store(connection, topic, records, stamp)

        with self._waiting.room_for(size):
            self._writer.run(work, size)
        self._arrivals.announce()

    def consumer(self, group: str, topics: Sequence[str]) -> LocalConsumer:
        return LocalConsumer(self._path, self._writer, self._arrivals, group, topics)

    def backlog(self, group: str, topic: str) -> Backlog:
        with self._reading, in_plain_words(self._path):
            row = self._connection.execute(SQL["backlog"], {"group": group, "topic": topic}).fetchone()
        return Backlog(*row) if row else Backlog(0, 0)

    def replay(self, group: str, topics: Sequence[str], since: datetime | None = None) -> int:
        return replay(self._path, self._writer, group, topics, since)

    def remove(self, topics: Sequence[str], before: datetime) -> int:
        return remove(self._writer, topics, before)

    def close(self) -> None:
        """Consumers are closed by those who asked for them."""
        self._writer.close()
        with self._reading:
            self._connection.close()
