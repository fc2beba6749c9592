"""What an installation may choose about its event log."""

from dataclasses import dataclass

_MEBI = 1 << 20
_COPIES_THAT_MAY_MISS_ONE = 3


@dataclass(frozen=True, slots=True)
class LogOptions:
    """`max_mb` bounds the local log's file (0: it may grow), `waiting_mb` what may wait to become durable at once.

    Kafka's topics are made with `replication` copies, or as its brokers say (0). `min_insync` of them must have a
    record before it counts as durable; see `copies_needed` for 0.
    """

    max_mb: int = 0
    waiting_mb: int = 128
    replication: int = 0
    min_insync: int = 0

    @property
    def max_bytes(self) -> int:
        return self.max_mb * _MEBI

    @property
    def copies_needed(self) -> int:
        """Of three copies or more one may be away: then nothing acknowledged is lost where another one goes too.

        0 where it is for the brokers to say.
        """
        return self.min_insync or (self.replication - 1 if self.replication >= _COPIES_THAT_MAY_MISS_ONE else 0)

    @property
    def waiting_bytes(self) -> int:
        return self.waiting_mb * _MEBI
