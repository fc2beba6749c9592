"""From deliveries to events: what webhooks brought is read, in order, and taken in.

A delivery that is read twice, because a reader died before it noted that it was through, gives the same events with the
same ids, which count once. One that cannot be read is kept as a rejection of the family `deliveries`, to be replayed.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from collectors.deliveries import TOPIC, Delivery
from collectors.intake import Intake, Outcome
from collectors.rejections import FieldError, Rejection, RejectionStore
from collectors.sources.progress import SourceProgress
from collectors.sources.register import SourceRegister
from collectors.sources.source import Source, Told, Wanted, completed
from collectors.vendors.register import vendor
from infra.clock import Clock
from infra.errors import ClosedLoopError, PartitionLost, Unavailable
from infra.log.base import Claim, EventLog, Record

GROUP = "translation"
_MOST_DELIVERIES = 500
_log = logging.getLogger(__name__)


class Translator:
    """Used from one thread."""

    def __init__(
        self,
        log: EventLog,
        register: SourceRegister,
        progress: SourceProgress,
        intake: Intake,
        rejections: RejectionStore,
        clock: Clock,
    ) -> None:
        self._consumer = log.consumer(GROUP, [TOPIC])
        self._register = register
        self._progress = progress
        self._intake = intake
        self._rejections = rejections
        self._clock = clock

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
        self.take([line for record in records for line in record.value.split(b"\n")])
        self._commit(records)
        return len(records)

    def close(self) -> None:
        self._consumer.close()

    def take(self, lines: Sequence[bytes]) -> Outcome:
        """Read deliveries and take in what they tell. Raises `LogUnavailable`: then all of it can be done again."""
        told: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        sources: dict[str, Source] = {}
        outcome = Outcome()
        for line in lines:
            delivery = Delivery.from_line(line)
            try:
                source = sources.setdefault(delivery.source, self._register.get(delivery.source))
                for event in self._read(source, delivery):
                    told[source.id, event.family].append(event.item)
            except Unavailable:
                raise
            except ClosedLoopError as error:
                outcome.add(self._reject(delivery, line, error.message))
            except Exception as error:  # a payload that nobody foresaw must not stop the others
                _log.error("a delivery of %s cannot be read: %s", delivery.source, type(error).__name__)
                outcome.add(self._reject(delivery, line, f"The delivery cannot be read: {type(error).__name__}."))
        for (key, family), items in told.items():
            taken = self._intake.accept(family, items, naive_zone=sources[key].timezone)
            self._progress.note_events(key, accepted=taken.accepted, rejected=len(taken.rejected))
            outcome.add(taken)
        return outcome

    def _read(self, source: Source, delivery: Delivery) -> list[Told]:
        found = list(vendor(source.vendor).read(source, delivery))
        orjson.dumps(
            [each.item for each in found if isinstance(each, Told)], default=str
        )  # what no JSON holds ends here
        self._progress.want(source.id, [each for each in found if isinstance(each, Wanted)])
        return [completed(source, each) for each in found if isinstance(each, Told)]

    def _reject(self, delivery: Delivery, line: bytes, why: str) -> Outcome:
        rejection = Rejection(0, TOPIC, line, (FieldError("", why),))
        self._rejections.keep([rejection], self._clock.now())
        self._progress.note_events(delivery.source, accepted=0, rejected=1)
        return Outcome(rejected=[rejection])

    def _commit(self, records: Sequence[Record]) -> None:
        last = {record.partition: record.offset for record in records}
        first = {record.partition: record.offset for record in reversed(records)}
        for partition in last:
            try:
                self._consumer.commit(Claim(partition, first[partition], last[partition]))
            except PartitionLost:
                _log.info("another reader took over %s[%d]", partition.topic, partition.number)
