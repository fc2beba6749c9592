"""Kafka's topics and how far groups have come with them."""

import threading
import time
from collections.abc import Iterable, Mapping

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.structs import TopicPartition

from infra.log.base import Backlog
from infra.log.kafka_cluster import RECORD_BYTES, Cluster
from infra.log.kafka_record import count_of

_MOST_COUNTED = 100_000
_COUNT_SECONDS = 5.0
_RETRY_SECONDS = 0.1


class Topics:
    """Safe to use from several threads."""

    def __init__(self, cluster: Cluster, partitions: int, replication_factor: int) -> None:
        self._cluster = cluster
        self._options = {
            "num_partitions": partitions,
            "replication_factor": replication_factor,
            "configs": {"max.message.bytes": str(RECORD_BYTES), "retention.ms": "-1"},
        }
        self._known: set[str] = set()
        self._using = threading.Lock()
        with cluster.in_plain_words():
            self._admin = KafkaAdminClient(**cluster.client_settings())

    def ensure(self, topics: Iterable[str]) -> None:
        """Create what is not there yet."""
        missing = {self._cluster.topic(topic) for topic in topics} - self._known
        if not missing:
            return
        with self._using, self._cluster.in_plain_words():
            for topic in missing - set(self._admin.list_topics()):
                self._create(topic)
            self._admin.wait_for_topics(sorted(missing), timeout_ms=self._cluster.timeout_ms)
        self._known |= missing

    def backlog(self, group: str, topic: str) -> Backlog:
        self.ensure([topic])
        with self._using, self._cluster.in_plain_words():
            ranges = self._ask_until_ready(self._cluster.topic(group), self._cluster.topic(topic))
        records = sum(end - first for first, end in ranges.values())
        if records > _MOST_COUNTED:
            return Backlog(records, None)
        return Backlog(records, self._count_events(ranges) if records else 0)

    def close(self) -> None:
        with self._using:
            self._admin.close()

    def _create(self, topic: str) -> None:
        try:
            self._admin.create_topics({topic: self._options}, timeout_ms=self._cluster.timeout_ms)
        except TopicAlreadyExistsError:
            return  # another process was faster

    def _ask_until_ready(self, group: str, topic: str) -> dict[TopicPartition, tuple[int, int]]:
        """As `_uncommitted`; a broker that has just started needs some seconds until it knows its groups."""
        deadline = time.monotonic() + self._cluster.timeout
        while True:
            try:
                return self._uncommitted(group, topic)
            except KafkaError as error:
                if not error.retriable or time.monotonic() > deadline:
                    raise
            time.sleep(_RETRY_SECONDS)

    def _uncommitted(self, group: str, topic: str) -> dict[TopicPartition, tuple[int, int]]:
        """Per partition the first offset that the group has not committed, and the one behind the end."""
        (description,) = self._admin.describe_topics([topic])
        places = [TopicPartition(topic, each["partition_index"]) for each in description["partitions"]]
        committed = self._admin.list_group_offsets({group: places}).get(group, {})
        starts = self._admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))
        ends = self._admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
        ranges = {}
        for place in places:
            done = committed[place].offset if place in committed else -1
            ranges[place] = (min(max(done, starts[place].offset), ends[place].offset), ends[place].offset)
        return ranges

    def _count_events(self, ranges: Mapping[TopicPartition, tuple[int, int]]) -> int | None:
        """Read the records for their counts, or None where that takes too long."""
        with self._cluster.in_plain_words():
            reader = KafkaConsumer(**self._cluster.reader_settings())
            try:
                return _count(reader, {place: each for place, each in ranges.items() if each[0] < each[1]})
            finally:
                reader.close(autocommit=False, timeout_ms=self._cluster.timeout_ms)


def _count(reader: KafkaConsumer, ranges: Mapping[TopicPartition, tuple[int, int]]) -> int | None:
    reader.assign(list(ranges))
    for place, (first, _) in ranges.items():
        reader.seek(place, first)
    deadline = time.monotonic() + _COUNT_SECONDS
    events = 0
    while any(reader.position(place) < end for place, (_, end) in ranges.items()):
        if time.monotonic() > deadline:
            return None
        for place, messages in reader.poll(timeout_ms=100, max_records=_MOST_COUNTED).items():
            events += sum(count_of(each) for each in messages if each.offset < ranges[place][1])
    return events
