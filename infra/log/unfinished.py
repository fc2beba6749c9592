"""What a reader was handed and has not committed: the guard against skipping records.

A commit moves a group past everything before it. A run that begins behind records which were handed out and
never finished would therefore lose them without a trace: it is refused. So is a run that was handed out
before the partition went away and came back: its records come again.
"""

from collections import defaultdict, deque
from collections.abc import Iterable

from infra.errors import PartitionLost
from infra.log.base import Claim, Partition, Record


class Unfinished:
    def __init__(self) -> None:
        self._offsets: defaultdict[Partition, deque[int]] = defaultdict(deque)

    def add(self, records: Iterable[Record]) -> None:
        for record in records:
            self._offsets[record.partition].append(record.offset)

    def begin(self, claim: Claim, records: Iterable[Record]) -> None:
        """A left claim was read, whether or not its records are still there."""
        self._offsets[claim.partition] = deque([record.offset for record in records] or [claim.first])

    def check(self, claim: Claim) -> None:
        """Raises `ValueError` where the run would skip records, `PartitionLost` where it is not ours."""
        offsets = self._offsets[claim.partition]
        if not offsets or claim.last < offsets[0]:
            raise PartitionLost(f"{claim} was handed out before the partition was taken away.")
        if claim.first > offsets[0]:
            raise ValueError(f"{claim} skips offset {offsets[0]}, handed out and not committed: rewind first")

    def drop(self, claim: Claim) -> None:
        """The run is done."""
        offsets = self._offsets[claim.partition]
        while offsets and offsets[0] <= claim.last:
            offsets.popleft()

    def forget(self, partition: Partition) -> None:
        self._offsets.pop(partition, None)
