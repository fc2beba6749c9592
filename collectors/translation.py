"""From the log's deliveries to events, in order, by one reader of each partition.

A reader that dies before it noted that it was through is followed by one that reads the same deliveries again: their
events have the same ids, and count once.
"""

import logging
import threading
from collections.abc import Sequence

from collectors.deliveries import TOPIC
from collectors.delivery_reader import DeliveryReader
from infra.errors import PartitionLost, Unavailable
from infra.log.base import Claim, EventLog, Record

GROUP = "translation"
_MOST_DELIVERIES = 500
_log = logging.getLogger(__name__)


class Translator:
    """Used from one thread."""

    def __init__(self, log: EventLog, reader: DeliveryReader) -> None:
        self._consumer = log.consumer(GROUP, [TOPIC])
        self._reader = reader

    def run(self, stopping: threading.Event) -> None:
        """Read until `stopping` is set. What is out of reach for a time is tried again, ever more slowly."""
        pause = 1.0
        while not stopping.is_set():
            try:
                self.step(timeout=1.0)
                pause = 1.0
            except Unavailable as error:
                _log.warning("reading deliveries waits %.0f s: %s", pause, error.message)
                stopping.wait(pause)
                pause = min(pause * 2, 30)
                self._consumer.rewind()

    def drain(self) -> int:
        """Read all that waits, and return the number of deliveries."""
        total = 0
        while done := self.step(timeout=0.2):
            total += done
        return total

    def step(self, timeout: float) -> int:
        """Read what is there; 0 where nothing came within `timeout` seconds. Raises `Unavailable`."""
        for claim in self._consumer.assigned():
            self._consumer.read(claim)
        self._consumer.revoked()
        records = self._consumer.poll(timeout, _MOST_DELIVERIES)
        self._reader.take([line for record in records for line in record.value.split(b"\n")])
        self._commit(records)
        return len(records)

    def close(self) -> None:
        self._consumer.close()

    def _commit(self, records: Sequence[Record]) -> None:
        last = {record.partition: record.offset for record in records}
        first = {record.partition: record.offset for record in reversed(records)}
        for partition in last:
            try:
                self._consumer.commit(Claim(partition, first[partition], last[partition]))
            except PartitionLost:
                _log.info("another reader took over %s[%d]", partition.topic, partition.number)
