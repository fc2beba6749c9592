"""A reader of the local log."""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.errors import PartitionLost
from infra.log.base import Claim, Partition, Record
from infra.log.local_file import NO_END, SQL, from_stamp, in_plain_words, offset_at, open_file, place_of
from infra.log.local_owner import Owned, check_name, left_claim, take
from infra.log.local_writer import Writer
from infra.log.unfinished import Unfinished

_LOOK_SECONDS = 0.05
_TAKE_SECONDS = 0.5


class Arrivals:
    """Counts appends of this process, so that its readers need not wait for their next look."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.count = 0

    def announce(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, seen: int, timeout: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.count != seen, timeout)


class LocalConsumer:
    """See `Consumer`. Topics of this group that nobody else reads are taken over while polling."""

    def __init__(self, path: Path, writer: Writer, arrivals: Arrivals, group: str, topics: Sequence[str]) -> None:
        self._path = path
        self._writer = writer
        self._arrivals = arrivals
        self._group = check_name(group)
        self._wanted = [check_name(topic) for topic in topics]
        self._owned: dict[Partition, Owned] = {}
        self._left: list[Claim] = []
        self._lost: list[Partition] = []
        self._unfinished = Unfinished()
        self._take_next = 0.0
        self._connection = open_file(path)

    def poll(self, timeout: float, max_events: int) -> list[Record]:
        deadline = time.monotonic() + timeout
        known = len(self._left)
        while True:
            seen = self._arrivals.count
            self._take_free()
            records = self._collect(max_events)
            remaining = deadline - time.monotonic()
            if records or remaining <= 0 or len(self._left) > known:
                return records
            self._arrivals.wait(seen, min(remaining, _LOOK_SECONDS))

    def assigned(self) -> list[Claim]:
        self._take_next = 0.0
        self._take_free()
        left, self._left = self._left, []
        return left

    def revoked(self) -> list[Partition]:
        lost, self._lost = self._lost, []
        return lost

    def read(self, claim: Claim) -> list[Record]:
        owned = self._own(claim.partition)
        with in_plain_words(self._path):
            records = list(self._records(owned, claim.first, claim.last))
        owned.position = claim.last + 1
        owned.held = None
        self._unfinished.begin(claim, records)
        return records

    def claim(self, claim: Claim) -> None:
        self._note("claim", claim)

    def commit(self, claim: Claim) -> None:
        self._note("commit", claim)
        self._unfinished.drop(claim)
        owned = self._owned[claim.partition]
        owned.held = None
        owned.position = max(owned.position, claim.last + 1)

    def rewind(self) -> None:
        for partition in list(self._owned):
            self._return_to_committed(self._own(partition))
        self._left = [owned.held for owned in self._owned.values() if owned.held]

    def close(self) -> None:
        for owned in self._owned.values():
            owned.release()
        self._owned.clear()
        self._connection.close()

    def _take_free(self) -> None:
        """Take over what nobody else reads; looking at once in a while is enough."""
        if time.monotonic() < self._take_next:
            return
        for topic in self._wanted:
            if Partition(topic, 0) not in self._owned and (owned := take(self._path, self._writer, self._group, topic)):
                self._owned[owned.partition] = owned
                self._left += [owned.held] if owned.held else []
        self._take_next = time.monotonic() + _TAKE_SECONDS

    def _collect(self, max_events: int) -> list[Record]:
        records: list[Record] = []
        events = 0
        with in_plain_words(self._path):
            for owned in self._owned.values():
                for record in self._following(owned, max_events - events):
                    records.append(record)
                    events += record.events
                if events >= max_events:
                    break
        self._hand_out(records)
        return records

    def _following(self, owned: Owned, max_events: int) -> Iterator[Record]:
        if owned.held is not None:
            return
        events = 0
        for record in self._records(owned, owned.position, NO_END):
            events += record.events
            yield record
            if events >= max_events:
                return

    def _hand_out(self, records: list[Record]) -> None:
        self._unfinished.add(records)
        for record in records:
            self._owned[record.partition].position = record.offset + 1
        if records:
            # The topic that filled the batch comes last next time: the others must not wait for a busy one.
            filled = records[-1].partition
            self._owned[filled] = self._owned.pop(filled)

    def _records(self, owned: Owned, first: int, last: int) -> Iterator[Record]:
        places = {"first": place_of(owned.topic, first), "last": place_of(owned.topic, last)}
        rows: sqlite3.Cursor = self._connection.execute(SQL["records"], places)
        try:
            for place, stamp, events, value in rows:
                moment = from_stamp(stamp)
                offset = offset_at(place)
                yield Record(owned.partition, offset, moment, events, value, offset < owned.again_until)
        finally:
            rows.close()

    def _note(self, statement: str, claim: Claim) -> None:
        owned = self._own(claim.partition)
        self._unfinished.check(claim)
        values = {
            "group": self._group,
            "topic": owned.topic,
            "owner": owned.owner,
            "first": claim.first,
            "last": claim.last,
        }
        if self._writer.run(lambda connection: connection.execute(SQL[statement], values).fetchone()) is None:
            self._lose(owned)
            raise _lost(claim.partition)

    def _own(self, partition: Partition) -> Owned:
        if partition not in self._owned:
            raise _lost(partition)
        return self._owned[partition]

    def _return_to_committed(self, owned: Owned) -> None:
        values = {"group": self._group, "topic": owned.topic, "owner": owned.owner}
        with in_plain_words(self._path):
            row = self._connection.execute(SQL["reading"], values).fetchone()
        if row is None:
            self._lose(owned)
            return
        _, owned.position, first, last = row
        owned.held = left_claim(owned.partition, first, last)
        self._unfinished.forget(owned.partition)

    def _lose(self, owned: Owned) -> None:
        del self._owned[owned.partition]
        owned.release()
        self._unfinished.forget(owned.partition)
        self._lost.append(owned.partition)


def _lost(partition: Partition) -> PartitionLost:
    return PartitionLost(f"{partition.topic}[{partition.number}] belongs to another reader by now.")
