"""What a group notes in Kafka of a partition: how far it has come, the run it works on, how far a replay goes."""

import json
from dataclasses import dataclass
from typing import Any

from kafka.structs import OffsetAndMetadata

from infra.log.base import Claim, Partition


@dataclass(frozen=True, slots=True)
class Progress:
    """Nothing before `offset` is left to do. `last` ends the run that was begun there; what lies before
    `again_until` had been handed out before the group was set back.
    """

    offset: int
    last: int | None = None
    again_until: int = 0

    @classmethod
    def read(cls, committed: Any) -> "Progress | None":
        """From what Kafka keeps for a group, or None where it keeps nothing."""
        if committed is None or committed.offset < 0:
            return None
        noted = json.loads(committed.metadata) if committed.metadata else {}
        return cls(committed.offset, noted.get("last"), noted.get("again_until", 0))

    def noted(self) -> OffsetAndMetadata:
        noted = {}
        if self.last is not None:
            noted["last"] = self.last
        if self.again_until > self.offset:
            noted["again_until"] = self.again_until
        return OffsetAndMetadata(self.offset, json.dumps(noted) if noted else "", -1)

    def left_claim(self, partition: Partition) -> Claim | None:
        return None if self.last is None else Claim(partition, self.offset, self.last)

    def set_back(self, offset: int) -> "Progress":
        """Records up to the end of a run that was begun may have been worked on."""
        done = self.offset if self.last is None else self.last + 1
        return Progress(offset, again_until=max(self.again_until, done))
