"""What an installation may choose about its event log."""

from dataclasses import dataclass

_MEBI = 1 << 20


@dataclass(frozen=True, slots=True)
class LogOptions:
    """`max_mb` bounds the local log's file (0: it may grow), `waiting_mb` what may wait to become durable at once.

    Kafka's topics are made with `replication` copies, of which `min_insync` must have an event before it counts as
    durable; 0 leaves the choice to us for the one, and to the brokers for the other.
    """

    max_mb: int = 0
    waiting_mb: int = 128
    replication: int = 0
    min_insync: int = 0

    @property
    def max_bytes(self) -> int:
        return self.max_mb * _MEBI

    @property
    def waiting_bytes(self) -> int:
        return self.waiting_mb * _MEBI
