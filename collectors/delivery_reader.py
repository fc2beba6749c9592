"""Reading deliveries: what a webhook brought becomes events, which are taken in.

A delivery that is read twice gives the same events with the same ids, which count once. One that cannot be read is kept
as a rejection of the family `deliveries`, to be replayed: its vendor's reading, or its preset, may have learned since.
"""

import logging
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
from infra.errors import ClosedLoopError, Unavailable
from infra.logs import surprise

_log = logging.getLogger(__name__)


class DeliveryReader:
    """Safe to use from several threads."""

    def __init__(
        self,
        register: SourceRegister,
        progress: SourceProgress,
        intake: Intake,
        rejections: RejectionStore,
        clock: Clock,
    ) -> None:
        self._register = register
        self._progress = progress
        self.intake = intake
        self.rejections = rejections
        self._clock = clock

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
                _log.error("a delivery of %s cannot be read: %s", delivery.source, surprise(error))
                outcome.add(self._reject(delivery, line, f"The delivery cannot be read: {type(error).__name__}."))
        for (key, family), items in told.items():
            taken = self.intake.accept(family, items, naive_zone=sources[key].timezone)
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
        self.rejections.keep([rejection], self._clock.now())
        self._progress.note_events(delivery.source, accepted=0, rejected=1)
        return Outcome(rejected=[rejection])
