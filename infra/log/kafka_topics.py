"""Kafka's topics: made where they are missing."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from kafka import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError
from kafka.structs import TopicPartition

from infra.errors import LogUnavailable
from infra.log.kafka_cluster import RECORD_BYTES, Cluster
from infra.log.options import LogOptions


class Topics:
    """Safe to use from several threads. Names are Kafka's."""

    def __init__(self, cluster: Cluster, partitions: int, options: LogOptions) -> None:
        self._cluster = cluster
        self._settings = {
            "num_partitions": partitions,
            "replication_factor": options.replication or -1,
            "configs": {"max.message.bytes": str(RECORD_BYTES), "retention.ms": "-1"} | _needed(options),
        }
        self._known: set[str] = set()
        self._using = threading.Lock()
        with cluster.in_plain_words():
            self._admin = KafkaAdminClient(**cluster.client_settings())

    @contextmanager
    def administration(self) -> Iterator[KafkaAdminClient]:
        """The one client that asks about topics and groups, for one asker at a time.

        Raises `LogUnavailable`, also where those before have waited so long that another one would only queue up.
        """
        if not self._using.acquire(timeout=self._cluster.timeout):
            raise LogUnavailable("The event log is being asked by others, and does not answer.", help="Try again.")
        try:
            with self._cluster.in_plain_words():
                yield self._admin
        finally:
            self._using.release()

    def ensure(self, topics: Iterable[str]) -> None:
        """Create what is not there yet."""
        missing = set(topics) - self._known
        if not missing:
            return
        with self.administration() as admin:
            for topic in missing - set(admin.list_topics()):
                self._create(topic)
            admin.wait_for_topics(sorted(missing), timeout_ms=self._cluster.timeout_ms)
        self._known |= missing

    def close(self) -> None:
        with self._using:
            self._admin.close()

    def _create(self, topic: str) -> None:
        try:
            self._admin.create_topics({topic: self._settings}, timeout_ms=self._cluster.timeout_ms)
        except TopicAlreadyExistsError:
            return  # another process was faster


def places_of(admin: KafkaAdminClient, topics: Iterable[str]) -> list[TopicPartition]:
    """Every partition of the topics."""
    return [
        TopicPartition(description["name"], each["partition_index"])
        for description in admin.describe_topics(list(topics))
        for each in description["partitions"]
    ]


def _needed(options: LogOptions) -> dict[str, str]:
    return {"min.insync.replicas": str(options.copies_needed)} if options.copies_needed else {}
