"""The event log in Apache Kafka: one Kafka topic per topic of ours, one message per record."""

from collections.abc import Sequence

from infra.clock import Clock
from infra.log.base import Backlog, NewRecord
from infra.log.kafka_cluster import Cluster
from infra.log.kafka_consumer import KafkaLogConsumer
from infra.log.kafka_producing import Producing
from infra.log.kafka_record import to_timestamp
from infra.log.kafka_topics import Topics


class KafkaLog:
    """See `EventLog`. `servers` is `host:9092,host:9092`. Raises `LogUnavailable` where no broker answers.

    Topics that are absent are created with `partitions` and `replication_factor` (-1: as the broker says).
    `timeout` bounds what an append may take; a reader silent for `session_timeout` seconds is replaced.
    """

    def __init__(
        self,
        servers: str,
        clock: Clock,
        *,
        topic_prefix: str = "closedloop.",
        partitions: int = 3,
        replication_factor: int = -1,
        timeout: float = 10.0,
        session_timeout: float = 10.0,
    ) -> None:
        self._clock = clock
        self._cluster = Cluster(servers, topic_prefix, timeout, session_timeout)
        self._topics = Topics(self._cluster, partitions, replication_factor)
        self._producing = Producing(self._cluster)

    def append(self, topic: str, records: Sequence[NewRecord]) -> None:
        if not records:
            return
        self._topics.ensure([topic])
        self._producing.append(self._cluster.topic(topic), records, to_timestamp(self._clock.now()))

    def consumer(self, group: str, topics: Sequence[str]) -> KafkaLogConsumer:
        self._topics.ensure(topics)
        return KafkaLogConsumer(self._cluster, group, topics)

    def backlog(self, group: str, topic: str) -> Backlog:
        return self._topics.backlog(group, topic)

    def close(self) -> None:
        """Consumers are closed by those who asked for them."""
        self._producing.close()
        self._topics.close()
