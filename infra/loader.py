"""From the event log into the warehouse, each record once.

A batch is a run of offsets of one partition. It is claimed in the log, inserted as one block, and committed. A crash
leaves a claim; whoever comes next reads the same offsets, looks whether the block is there, and inserts it if not.
The insert carries a token made of the offsets, so that a slow former owner and its successor cannot both insert.

Python touches records, not events: only the first line of a record is marked with its offset. The last record of a
batch keeps its mark whatever versions of one event the batch holds, so any mark in the table says that all is there.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from secrets import token_hex

from infra.errors import MisfitRows, PartitionLost, Unavailable, WarehouseError
from infra.log.base import Claim, Consumer, EventLog, Partition, Record
from infra.sql import Statements
from infra.warehouse.client import Warehouse

GROUP = "warehouse"
_SQL = Statements("infra", "loader")
_TRIES = 3
_MARK = b'{"log_partition":'
_log = logging.getLogger(__name__)

Quarantine = Callable[[str, Sequence[bytes], str], None]
"""Keeps lines (topic, lines, reason) that the warehouse refuses."""


@dataclass(frozen=True, slots=True)
class Loaded:
    topic: str
    events: int


class Loader:
    """Loads `topics` into the tables of the same names. Used from one thread."""

    def __init__(
        self,
        log: EventLog,
        warehouse: Warehouse,
        topics: Sequence[str],
        quarantine: Quarantine,
        *,
        batch_events: int = 100_000,
        interval_ms: int = 1000,
    ) -> None:
        self._warehouse = warehouse
        self._quarantine = quarantine
        self._batch_events = batch_events
        self._interval = interval_ms / 1000
        self._consumer: Consumer = log.consumer(GROUP, topics)
        self._waiting: list[list[Record]] = []
        self._unfinished: list[Claim] = []

    def drain(self, on_loaded: Callable[[Loaded], None] = lambda _: None) -> int:
        """Load until the log holds nothing more for us, and return the number of events."""
        total = 0
        while loaded := self.step(timeout=self._interval):
            for each in loaded:
                on_loaded(each)
                total += each.events
        return total

    def run(self, stopping: threading.Event, on_loaded: Callable[[Loaded], None] = lambda _: None) -> None:
        """Load until `stopping` is set. What is out of reach for a time is tried again, ever more slowly."""
        pause = 1.0
        while not stopping.is_set():
            try:
                for loaded in self.step(timeout=self._interval):
                    on_loaded(loaded)
                pause = 1.0
            except (Unavailable, WarehouseError) as error:
                why = error.message if isinstance(error, Unavailable) else error.where  # the engine may quote data
                _log.warning("loading waits %.0f s: %s", pause, why)
                stopping.wait(pause)
                pause = min(pause * 2, 30)

    def close(self) -> None:
        self._consumer.close()

    def step(self, timeout: float) -> list[Loaded]:
        """Load what is there; empty when nothing came within `timeout` seconds.

        Where it raises `Unavailable`, nothing polled is forgotten: the next step goes on with it.
        """
        loaded = self._finish_unfinished()
        lost = set(self._consumer.revoked())
        self._waiting = [records for records in self._waiting if records[0].partition not in lost]
        if not self._waiting:
            records = sorted(self._consumer.poll(timeout, self._batch_events), key=_place)
            self._waiting = [list(run) for _, run in groupby(records, key=lambda record: record.partition)]
            self._consumer.revoked()  # what went away in between may have come back: these records came after that
        while self._waiting:
            loaded.append(self._load(self._waiting.pop(0)))
        return [each for each in loaded if each.events]

    def _finish_unfinished(self) -> list[Loaded]:
        self._unfinished += self._consumer.assigned()
        loaded = []
        while self._unfinished:
            loaded.append(self._finish(self._unfinished[0]))
            self._unfinished.pop(0)
        return loaded

    def _load(self, records: list[Record]) -> Loaded:
        claim = Claim(records[0].partition, records[0].offset, records[-1].offset)
        nothing = Loaded(claim.partition.topic, 0)
        try:
            self._consumer.claim(claim)
            self._insert(claim, records, attempt=_first_attempt(records))
            self._consumer.commit(claim)
        except PartitionLost:
            _log.info("another loader took over %s[%d]", claim.partition.topic, claim.partition.number)
            return nothing
        except (Unavailable, WarehouseError):
            self._unfinished.append(claim)
            raise
        return Loaded(claim.partition.topic, sum(record.events for record in records))

    def _finish(self, claim: Claim) -> Loaded:
        """Complete what a former owner, or this loader before a failure, had begun."""
        try:
            return self._complete(claim)
        except PartitionLost:
            return Loaded(claim.partition.topic, 0)

    def _complete(self, claim: Claim) -> Loaded:
        records = self._consumer.read(claim)
        self._consumer.claim(claim)
        if any(record.again for record in records):
            self._insert(claim, records, attempt=_first_attempt(records))
        else:
            self._insert_unless_there(claim, records)
        self._consumer.commit(claim)
        return Loaded(claim.partition.topic, sum(record.events for record in records))

    def _insert_unless_there(self, claim: Claim, records: Sequence[Record]) -> None:
        attempt = 0
        while records and not self._is_there(claim):
            if attempt == _TRIES:
                raise WarehouseError(f"Offsets {claim.first}–{claim.last} of {claim.partition.topic} do not load.")
            # The engine may remember a token whose block it lost in the crash: another attempt has another token.
            if not self._insert(claim, records, attempt=str(attempt)):
                break
            attempt += 1

    def _is_there(self, claim: Claim) -> bool:
        parameters = {
            "table": claim.partition.topic,
            "partition": claim.partition.number,
            "first": claim.first,
            "last": claim.last,
        }
        return bool(self._warehouse.value(_SQL["is_loaded"], parameters))

    def _insert(self, claim: Claim, records: Sequence[Record], *, attempt: str) -> bool:
        """Insert the records as one block. False where the warehouse refused every one of their lines."""
        token = f"{claim.partition.topic}/{claim.partition.number}/{claim.first}-{claim.last}/{attempt}"
        lines = with_places(records)
        try:
            self._warehouse.insert_json(claim.partition.topic, lines, token=token)
        except MisfitRows as error:
            _log.warning("%s: a line does not fit (%s)", token, error.where)
            return self._insert_without_misfits(claim, lines.split(b"\n"), token)
        return True

    def _insert_without_misfits(self, claim: Claim, lines: list[bytes], token: str) -> bool:
        """Find the lines that do not fit by halving, put them into quarantine, and insert the others as one block."""
        probe = f"{claim.partition.topic}_probe_{claim.partition.number}"
        self._warehouse.command(_SQL["create_probe"], {"probe": probe, "table": claim.partition.topic})
        try:
            fitting, misfits = self._sift(probe, lines)
        finally:
            self._warehouse.command(_SQL["drop_probe"], {"probe": probe})
        for line, reason in misfits:
            self._quarantine(claim.partition.topic, [line], reason)
        if fitting:
            if not fitting[0].startswith(_MARK):
                fitting[0] = _mark(claim.partition, claim.last) + fitting[0][1:]
            self._warehouse.insert_json(claim.partition.topic, b"\n".join(fitting), token=token)
        return bool(fitting)

    def _sift(self, probe: str, lines: list[bytes]) -> tuple[list[bytes], list[tuple[bytes, str]]]:
        try:
            self._warehouse.insert_json(probe, b"\n".join(lines))
        except MisfitRows as error:
            if len(lines) == 1:
                return [], [(lines[0], error.message)]
            middle = len(lines) // 2
            left, left_misfits = self._sift(probe, lines[:middle])
            right, right_misfits = self._sift(probe, lines[middle:])
            return left + right, left_misfits + right_misfits
        return lines, []


def _first_attempt(records: Sequence[Record]) -> str:
    """What is replayed is inserted whatever the engine remembers, and whatever marks there are: they tell of the
    first time, and nobody knows how much of it is still there. Rows that are there twice are versions of one event.
    """
    return token_hex(8) if any(record.again for record in records) else "0"


def with_places(records: Sequence[Record]) -> bytes:
    """The lines of all records, the first of each with the partition and offset it came from, copied once.

    Every line begins with `{` and holds no raw line break: so says the writer of canonical events.
    """
    parts: list[bytes | memoryview] = []
    for record in records:
        parts += (_mark(record.partition, record.offset), memoryview(record.value)[1:], b"\n")
    return b"".join(parts[:-1])


def _mark(partition: Partition, offset: int) -> bytes:
    return b'%b%d,"log_offset":%d,' % (_MARK, partition.number, offset)


def _place(record: Record) -> tuple[str, int, int]:
    return record.partition.topic, record.partition.number, record.offset
