"""The event log: where accepted events are durable before anybody is told so.

One record is one accepted request's events of one family, as NDJSON. A topic has one or more
partitions; offsets grow within a partition and are never used twice.

How a reader loads exactly once
-------------------------------
1. `poll` hands out records in order, per partition.
2. `claim` durably notes which run of offsets is about to be worked on.
3. The reader does the work.
4. `commit` moves the group's position past the run and drops the claim.

Whoever reads the partition after a crash between 2 and 4 finds the claim in `assigned`, reads exactly those
records again with `read`, asks the target whether they are there, and finishes the job.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class NewRecord:
    """`value` is NDJSON without a closing newline; `events` is its number of lines."""

    value: bytes
    events: int


@dataclass(frozen=True, slots=True)
class Record:
    """A stored record. `appended_at` is in UTC.

    `again` where the group had been handed it before a replay: its work may have been done already.
    """

    partition: Partition
    offset: int
    appended_at: datetime
    events: int
    value: bytes
    again: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """The offsets `first` to `last`, both inclusive, that a reader had begun to work on."""

    partition: Partition
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a group has not committed yet. `events` is None where counting them would take too long."""

    records: int
    events: int | None


class Consumer(Protocol):
    """A member of a group. Used from one thread."""

    def poll(self, timeout: float, max_events: int) -> list[Record]:
        """Records after those handed out before, in order within each partition.

        Returns as soon as there are any; empty after `timeout` seconds, or at once when `assigned` has got
        something to tell. Stops taking further records once `max_events` events are reached (always at least
        one record). Gives nothing of a partition whose left claim has not been read or committed yet.
        """
        ...

    def assigned(self) -> list[Claim]:
        """Claims left by former readers of partitions that came to this consumer since the last call.

        The first call waits, some seconds at most, until the group has given this consumer its partitions.
        """
        ...

    def revoked(self) -> list[Partition]:
        """Partitions taken away since the last call: what was polled from them must be forgotten.

        What the newest `poll` handed out came after whatever was taken away until it returned.
        """
        ...

    def read(self, claim: Claim) -> list[Record]:
        """Exactly the records of the claim; the position of `poll` then stands behind them.

        Raises `LogUnavailable` and `PartitionLost` as `claim` does.
        """
        ...

    def claim(self, claim: Claim) -> None:
        """Durably note the run that is about to be worked on.

        Raises `LogUnavailable`; raises `PartitionLost` where the partition belongs to another reader by now;
        raises `ValueError` where the run would skip records that were handed out and not committed.
        """
        ...

    def commit(self, claim: Claim) -> None:
        """The run is done: the group goes on behind it. Raises as `claim` does."""
        ...

    def rewind(self) -> None:
        """After a failure: what was handed out and not committed comes again; claims come through `assigned`.

        Raises `LogUnavailable`.
        """
        ...

    def close(self) -> None: ...


class EventLog(Protocol):
    """Safe to use from several threads."""

    def append(self, topic: str, records: Sequence[NewRecord]) -> None:
        """Return once all records are durable.

        Raises `LogUnavailable`; then any of them may or may not be there. That is said at once where so much
        waits already that this would not fit: what waits is bounded.
        """
        ...

    def consumer(self, group: str, topics: Sequence[str]) -> Consumer: ...

    def backlog(self, group: str, topic: str) -> Backlog: ...

    def replay(self, group: str, topics: Sequence[str], since: datetime | None = None) -> int:
        """Let the group read again what was appended at or after `since`: all that is kept, where that is None.

        A group is only ever moved back; claims behind the new position are dropped, for their records come again.
        Returns how many records come again. Raises `LogHeld` while a reader of the group is alive, and
        `LogUnavailable`.
        """
        ...

    def remove(self, topics: Sequence[str], before: datetime) -> int:
        """Remove what was appended before `before` and every group that reads the topic has committed.

        What nobody has committed stays, and so does a claim's. Returns the number of records: a call takes seconds at
        most, and where it removed something another one may remove more. Raises `LogUnavailable`.
        """
        ...

    def close(self) -> None: ...
