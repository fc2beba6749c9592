"""From the log's leads and calls to the ledger, in order, by one reader of each partition.

It reads on where no CRM is connected, so that connecting one later forwards nothing of the past. A reader that dies
before it noted that it was through is followed by one that reads the same again: the ledger has each lead once.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import orjson

from collectors.forwarding.ledger import Arrival, ForwardLedger
from collectors.forwarding.register import TargetRegister
from collectors.forwarding.rules import Numbers, Rules
from collectors.forwarding.target import Calls, Target
from collectors.sources.register import SourceRegister
from infra.clock import Clock
from infra.errors import PartitionLost, Unavailable
from infra.log.base import Claim, EventLog, Record
from infra.logs import surprise
from infra.secrets import SecretBox

GROUP = "forwarding"
LEADS, CALLS = "leads", "calls"
_MOST_EVENTS = 2000
_log = logging.getLogger(__name__)


class ForwardReader:
    """Used from one thread."""

    def __init__(
        self,
        log: EventLog,
        targets: TargetRegister,
        ledger: ForwardLedger,
        sources: SourceRegister,
        box: SecretBox,
        clock: Clock,
        numbers: Callable[[], Numbers],
    ) -> None:
        self._consumer = log.consumer(GROUP, [LEADS, CALLS])
        self._targets = targets
        self._ledger = ledger
        self._sources = sources
        self._box = box
        self._clock = clock
        self._numbers = numbers

    def run(self, stopping: threading.Event) -> None:
        """Read until `stopping` is set. What is out of reach for a time is tried again, ever more slowly."""
        pause = 1.0
        while not stopping.is_set():
            try:
                self.step(timeout=0.5)
                pause = 1.0
            except Unavailable as error:
                _log.warning("forwarding leads waits %.0f s: %s", pause, error.message)
                stopping.wait(pause)
                pause = min(pause * 2, 30)
                self._consumer.rewind()

    def drain(self) -> int:
        """Read all that waits, and return the number of records."""
        total = 0
        while done := self.step(timeout=0.2):
            total += done
        return total

    def step(self, timeout: float) -> int:
        """Read what is there; 0 where nothing came within `timeout` seconds. Raises `Unavailable`."""
        for claim in self._consumer.assigned():
            self._consumer.read(claim)
        self._consumer.revoked()
        records = self._consumer.poll(timeout, _MOST_EVENTS)
        if records and (targets := self._targets.all()):
            self._take(records, targets)
        self._commit(records)
        return len(records)

    def close(self) -> None:
        self._consumer.close()

    def _take(self, records: Sequence[Record], targets: Sequence[Target]) -> None:
        vendors = {each.id: each.vendor for each in self._sources.all()}
        rules = Rules(vendors, self._numbers(), self._box, self._clock.now())
        leads = list(_events(records, LEADS))
        calls = list(_events(records, CALLS)) if any(each.options.calls is not Calls.NONE for each in targets) else []
        arrivals: list[Arrival] = []
        for target in targets:
            back = [lead["id"] for lead in leads if rules.is_from_crm(lead, target)]
            if back:
                self._ledger.came_back(back, target.id)
            arrivals += _chosen(leads, target, rules.of_lead)
            arrivals += _chosen(calls, target, rules.of_call)
        if arrivals:
            repeat = {each.id: timedelta(minutes=each.options.repeat_minutes) for each in targets}
            self._ledger.arrive(arrivals, repeat)

    def _commit(self, records: Sequence[Record]) -> None:
        last = {record.partition: record.offset for record in records}
        first = {record.partition: record.offset for record in reversed(records)}
        for partition in last:
            try:
                self._consumer.commit(Claim(partition, first[partition], last[partition]))
            except PartitionLost:
                _log.info("another reader took over %s[%d]", partition.topic, partition.number)


def _chosen(
    events: Sequence[dict[str, Any]], target: Target, rule: Callable[[dict[str, Any], Target], Iterator[Arrival]]
) -> Iterator[Arrival]:
    for event in events:
        try:
            yield from rule(event, target)
        except Exception as error:  # an event that nobody foresaw must not stop the others
            _log.error("%s cannot be forwarded: %s", event.get("id"), surprise(error))


def _events(records: Sequence[Record], family: str) -> Iterator[dict[str, Any]]:
    for record in records:
        if record.partition.topic == family:
            yield from (orjson.loads(line) for line in record.value.split(b"\n"))
