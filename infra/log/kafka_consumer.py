"""A reader of the Kafka log: a member of a consumer group whose claims are the metadata of its commits.

A claim commits the run's first offset, with its last one as metadata; a commit goes behind the run, without.
So a reader that takes a partition over sees from the committed offset whether a run was begun, and which.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import TopicPartition

from infra.errors import LogUnavailable, PartitionLost
from infra.log.base import Claim, Partition, Record
from infra.log.kafka_cluster import Cluster
from infra.log.kafka_membership import Membership
from infra.log.kafka_progress import Progress
from infra.log.kafka_record import to_records
from infra.log.unfinished import Unfinished

EndOf = Callable[[TopicPartition], int]
_NOT_OURS = (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
_RECORDS_PER_FETCH = 100
_LOOK_SECONDS = 0.1  # while a fetch waits, partitions that come to us stay paused
_JOIN_SECONDS = 10.0
_READ_SECONDS = 60.0


class KafkaLogConsumer:
    """See `Consumer`. A partition that came to us is paused until its left claim is known and dealt with."""

    def __init__(self, cluster: Cluster, group: str, topics: Sequence[str], end_of: EndOf) -> None:
        """`end_of` says the offset behind a partition's last record."""
        self._cluster = cluster
        self._end_of = end_of
        with cluster.in_plain_words():
            self._kafka = KafkaConsumer(**cluster.member_settings(group))
            self._membership = Membership(self._kafka)
            self._subscribe([cluster.topic(topic) for topic in topics])
        self._owned: set[TopicPartition] = set()
        self._unsettled: set[TopicPartition] = set()
        self._held: dict[TopicPartition, Claim] = {}
        self._again_until: dict[TopicPartition, int] = {}
        self._left: list[Claim] = []
        self._lost: list[Partition] = []
        self._fetched: deque[Record] = deque()
        self._unfinished = Unfinished()

    def poll(self, timeout: float, max_events: int) -> list[Record]:
        deadline = time.monotonic() + timeout
        known = len(self._left)
        while not self._fetched and len(self._left) == known:
            remaining = deadline - time.monotonic()
            self._fetch(min(max(0.0, remaining), _LOOK_SECONDS))
            if remaining <= 0:
                break
        while self._fetched and self._fetched_events() < max_events and self._fetch(0.0):
            pass
        return self._hand_out(max_events)

    def assigned(self) -> list[Claim]:
        deadline = time.monotonic() + _JOIN_SECONDS
        while not self._membership.joined and time.monotonic() < deadline:
            self._fetch(_LOOK_SECONDS)
        self._settle()
        left, self._left = self._left, []
        return left

    def revoked(self) -> list[Partition]:
        lost, self._lost = self._lost, []
        return lost

    def read(self, claim: Claim) -> list[Record]:
        place = self._own(claim.partition)
        self._forget(place)
        with self._cluster.in_plain_words():
            self._kafka.pause(*self._owned)
            try:
                records = self._read_alone(place, claim)
            finally:
                self._resume_settled()
        self._unfinished.begin(claim, records)
        return records

    def claim(self, claim: Claim) -> None:
        self._note(claim, claim.first, claim.last)

    def commit(self, claim: Claim) -> None:
        self._note(claim, claim.last + 1)
        self._unfinished.drop(claim)

    def rewind(self) -> None:
        self._fetched.clear()
        self._left.clear()
        for place in self._owned:
            self._forget(place)
            self._kafka.pause(place)
            self._unsettled.add(place)
        self._settle()

    def close(self) -> None:
        self._owned.clear()
        self._kafka.close(autocommit=False, timeout_ms=self._cluster.timeout_ms)

    def _subscribe(self, names: Sequence[str]) -> None:
        """Know the topics' partitions before joining: else the group's first round gives nobody anything."""
        self._kafka.subscribe(names, listener=self._membership)
        for name in names:
            self._kafka.partitions_for_topic(name)

    def _fetch(self, timeout: float) -> bool:
        """Wait for messages, and keep those of settled partitions. Whether there were any."""
        with self._cluster.in_plain_words():
            messages = self._kafka.poll(timeout_ms=int(timeout * 1000), max_records=_RECORDS_PER_FETCH)
        self._follow_membership()
        for place, found in messages.items():
            if place in self._owned:
                self._fetched += self._records(place, found)
        self._settle()
        return bool(messages)

    def _follow_membership(self) -> None:
        for came, places in self._membership.changes():
            for place in places:
                if came:
                    self._owned.add(place)
                    self._unsettled.add(place)
                elif place in self._owned:
                    self._lose(place)

    def _settle(self) -> None:
        """Learn from the group's commits where our new partitions stand, and whether a run had been begun."""
        for place in sorted(self._unsettled):
            with self._cluster.in_plain_words():
                committed = self._kafka.committed(place, metadata=True, timeout_ms=self._cluster.timeout_ms)
                progress = Progress.read(committed) or Progress(0)
                self._go_to(place, progress)
            self._again_until[place] = progress.again_until
            if claim := progress.left_claim(self._cluster.partition(place)):
                self._held[place] = claim
                self._left.append(claim)
            else:
                self._kafka.resume(place)
            self._unsettled.discard(place)

    def _go_to(self, place: TopicPartition, progress: Progress) -> None:
        if progress.offset == 0:
            self._kafka.seek_to_beginning(place)
        else:
            self._kafka.seek(place, progress.offset)

    def _records(self, place: TopicPartition, messages: Iterable[Any]) -> list[Record]:
        return to_records(self._cluster.partition(place), messages, self._again_until[place])

    def _fetched_events(self) -> int:
        return sum(record.events for record in self._fetched)

    def _hand_out(self, max_events: int) -> list[Record]:
        records: list[Record] = []
        events = 0
        while self._fetched and (events < max_events or not records):
            records.append(self._fetched.popleft())
            events += records[-1].events
        self._unfinished.add(records)
        return records

    def _read_alone(self, place: TopicPartition, claim: Claim) -> list[Record]:
        """The claim's records, while every other partition is paused."""
        end = min(claim.last + 1, self._end_of(place))
        self._kafka.seek(place, claim.first)
        self._kafka.resume(place)
        records: list[Record] = []
        deadline = time.monotonic() + _READ_SECONDS
        while self._position(place) < end:
            messages = self._kafka.poll(timeout_ms=500, max_records=_RECORDS_PER_FETCH)
            self._follow_membership()
            if place not in self._owned - self._unsettled:
                raise _lost(claim.partition)
            records += self._records(place, messages.get(place, ()))
            if time.monotonic() > deadline:
                raise LogUnavailable(f"Kafka did not hand out {claim}.", help="Check the brokers.")
        self._kafka.seek(place, claim.last + 1)
        self._held.pop(place, None)
        return [record for record in records if record.offset <= claim.last]

    def _position(self, place: TopicPartition) -> int:
        position = self._kafka.position(place, timeout_ms=self._cluster.timeout_ms)
        if position is None:
            raise LogUnavailable("Kafka does not say where the group stands.", help="Check the brokers.")
        return int(position)

    def _resume_settled(self) -> None:
        self._kafka.resume(*(self._owned - self._unsettled - self._held.keys()))

    def _note(self, claim: Claim, offset: int, last: int | None = None) -> None:
        self._own(claim.partition)
        self._unfinished.check(claim)
        place = self._cluster.place(claim.partition)
        try:
            noted = Progress(offset, last, self._again_until[place]).noted()
            self._kafka.commit({place: noted}, timeout_ms=self._cluster.timeout_ms)
        except _NOT_OURS as error:
            self._lose(place)
            raise _lost(claim.partition) from error
        except (KafkaError, OSError) as error:
            raise self._cluster.unavailable(error) from error

    def _own(self, partition: Partition) -> TopicPartition:
        place = self._cluster.place(partition)
        if place not in self._owned:
            raise _lost(partition)
        return place

    def _lose(self, place: TopicPartition) -> None:
        self._owned.discard(place)
        self._unsettled.discard(place)
        self._forget(place)
        self._lost.append(self._cluster.partition(place))

    def _forget(self, place: TopicPartition) -> None:
        partition = self._cluster.partition(place)
        self._fetched = deque(record for record in self._fetched if record.partition != partition)
        self._left = [claim for claim in self._left if claim.partition != partition]
        self._held.pop(place, None)
        self._unfinished.forget(partition)


def _lost(partition: Partition) -> PartitionLost:
    return PartitionLost(f"{partition.topic}[{partition.number}] belongs to another reader by now.")
