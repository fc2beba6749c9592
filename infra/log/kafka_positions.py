"""How far groups have come with Kafka's topics: what is left to do, setting back, and removing what all have done."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from kafka import KafkaAdminClient
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError, NoError, RebalanceInProgressError, UnknownMemberIdError
from kafka.structs import TopicPartition

from infra.errors import LogHeld
from infra.log.base import Backlog
from infra.log.kafka_backlog import count_events
from infra.log.kafka_cluster import Cluster
from infra.log.kafka_progress import Progress
from infra.log.kafka_record import to_timestamp
from infra.log.kafka_topics import Topics, places_of

T = TypeVar("T")
_MOST_COUNTED = 100_000
_RETRY_SECONDS = 0.1
_READ = (UnknownMemberIdError, RebalanceInProgressError)


class Positions:
    """Safe to use from several threads. Names are ours, not Kafka's."""

    def __init__(self, cluster: Cluster, topics: Topics) -> None:
        self._cluster = cluster
        self._topics = topics

    def backlog(self, group: str, topic: str) -> Backlog:
        ranges = self._ask([topic], lambda admin, places: _uncommitted(admin, self._cluster.topic(group), places))
        records = sum(end - first for first, end in ranges.values())
        if records > _MOST_COUNTED:
            return Backlog(records, None)
        return Backlog(records, count_events(self._cluster, ranges) if records else 0)

    def end(self, place: TopicPartition) -> int:
        """The offset behind a partition's last record.

        A consumer of the client could say it too, but goes on asking a broker that no longer leads the partition.
        """
        with self._topics.administration() as admin:
            return _offsets(admin, [place], OffsetSpec.LATEST)[place]

    def replay(self, group: str, topics: Sequence[str], since: datetime | None) -> int:
        """See `EventLog.replay`."""
        return self._ask(topics, lambda admin, places: self._set_back(admin, group, places, since))

    def remove(self, topics: Sequence[str], before: datetime) -> int:
        """See `EventLog.remove`. Kafka frees the disk a segment at a time, when nothing of it is left."""
        return self._ask(topics, lambda admin, places: self._remove(admin, places, before))

    def _ask(self, topics: Iterable[str], question: Callable[[KafkaAdminClient, list[TopicPartition]], T]) -> T:
        """A broker that has just started needs some seconds until it knows its groups: ask again until then."""
        names = [self._cluster.topic(topic) for topic in topics]
        self._topics.ensure(names)
        deadline = time.monotonic() + self._cluster.timeout
        while True:
            with self._topics.administration() as admin:
                try:
                    return question(admin, places_of(admin, names))
                except KafkaError as error:
                    if not error.retriable or time.monotonic() > deadline:
                        raise
            time.sleep(_RETRY_SECONDS)

    def _set_back(
        self, admin: KafkaAdminClient, group: str, places: list[TopicPartition], since: datetime | None
    ) -> int:
        firsts = _offsets_since(admin, places, since)
        progress = _progress(admin, self._cluster.topic(group), places)
        back = {place: each for place, each in progress.items() if firsts[place] < each.offset}
        told = admin.alter_group_offsets(
            self._cluster.topic(group),
            {place: each.set_back(firsts[place]).noted() for place, each in back.items()},
        )
        for error in told.values():
            if issubclass(error, _READ):
                raise _held(group)
            if error is not NoError:
                raise error
        return sum(each.offset - firsts[place] for place, each in back.items())

    def _remove(self, admin: KafkaAdminClient, places: list[TopicPartition], before: datetime) -> int:
        starts = _offsets(admin, places, OffsetSpec.EARLIEST)
        young = _offsets_since(admin, places, before)
        done = self._done_by_all(admin, places)
        ends = {place: min(done[place], young[place]) for place in done}
        old = {place: end for place, end in ends.items() if end > starts[place]}
        if old:
            admin.delete_records(old, timeout_ms=self._cluster.timeout_ms)
        return sum(end - starts[place] for place, end in old.items())

    def _done_by_all(self, admin: KafkaAdminClient, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Per partition that anybody reads, the offset up to which all groups of ours have committed it."""
        names = [each["group_id"] for each in admin.list_groups()]
        groups = [_progress(admin, name, places) for name in names if name.startswith(self._cluster.topic_prefix)]
        readers = {place: [group[place].offset for group in groups if place in group] for place in places}
        return {place: min(offsets) for place, offsets in readers.items() if offsets}


def _held(group: str) -> LogHeld:
    return LogHeld(
        f"Somebody is reading the event log for {group}.",
        where="CLOSEDLOOP_LOG",
        help="Stop every loader, wait ten seconds where one was killed, and run this again.",
    )


def _progress(admin: KafkaAdminClient, group: str, places: list[TopicPartition]) -> dict[TopicPartition, Progress]:
    committed = admin.list_group_offsets({group: places}).get(group, {})
    read = {place: Progress.read(each) for place, each in committed.items()}
    return {place: each for place, each in read.items() if each is not None}


def _uncommitted(
    admin: KafkaAdminClient, group: str, places: list[TopicPartition]
) -> Mapping[TopicPartition, tuple[int, int]]:
    """Per partition the first offset that the group has not committed, and the one behind the end."""
    progress = _progress(admin, group, places)
    starts = _offsets(admin, places, OffsetSpec.EARLIEST)
    ends = _offsets(admin, places, OffsetSpec.LATEST)
    ranges = {}
    for place in places:
        done = progress[place].offset if place in progress else 0
        ranges[place] = (min(max(done, starts[place]), ends[place]), ends[place])
    return ranges


def _offsets_since(
    admin: KafkaAdminClient, places: list[TopicPartition], since: datetime | None
) -> dict[TopicPartition, int]:
    """Per partition the first offset that is kept and not older, or the one behind the end."""
    if since is None:
        return _offsets(admin, places, OffsetSpec.EARLIEST)
    ends = _offsets(admin, places, OffsetSpec.LATEST)
    found = _offsets(admin, places, max(0, to_timestamp(since)))
    return {place: ends[place] if offset < 0 else offset for place, offset in found.items()}


def _offsets(
    admin: KafkaAdminClient, places: list[TopicPartition], which: OffsetSpec | int
) -> dict[TopicPartition, int]:
    found = admin.list_partition_offsets(dict.fromkeys(places, which))
    return {place: each.offset for place, each in found.items()}
