"""The event log in Apache Kafka: one Kafka topic per topic of ours, one message per record."""

from collections.abc import Sequence
from datetime import datetime

from infra.clock import Clock
from infra.log.base import Backlog, NewRecord
from infra.log.kafka_cluster import Cluster
from infra.log.kafka_consumer import KafkaLogConsumer
from infra.log.kafka_positions import Positions
from infra.log.kafka_producing import Producing
from infra.log.kafka_record import to_timestamp
from infra.log.kafka_topics import Topics
from infra.log.options import LogOptions
from infra.log.waiting import Waiting


class KafkaLog:
    """See `EventLog`. `servers` is `host:9092,host:9092`. Raises `LogUnavailable` where no broker answers.

    Topics that are absent are created with `partitions`, and copies as the options say.
    `timeout` bounds what an append may take; a reader silent for `session_timeout` seconds is replaced.
    """

    def __init__(
        self,
        servers: str,
        clock: Clock,
        options: LogOptions | None = None,
        *,
        topic_prefix: str = "closedloop.",
        partitions: int = 3,
        timeout: float = 10.0,
        session_timeout: float = 10.0,
    ) -> None:
        self._clock = clock
        options = options or LogOptions()
        self._waiting = Waiting(options.waiting_bytes)
        self._cluster = Cluster(servers, topic_prefix, timeout, session_timeout)
        self._topics = Topics(self._cluster, partitions, options)
        self._positions = Positions(self._cluster, self._topics)
        self._producing = Producing(self._cluster)

    def append(self, topic: str, records: Sequence[NewRecord]) -> None:
        if not records:
            return
        name = self._cluster.topic(topic)
        with self._waiting.room_for(sum(len(record.value) for record in records)):
            self._topics.ensure([name])
            self._producing.append(name, records, to_timestamp(self._clock.now()))

    def consumer(self, group: str, topics: Sequence[str]) -> KafkaLogConsumer:
        self._topics.ensure([self._cluster.topic(topic) for topic in topics])
        return KafkaLogConsumer(self._cluster, group, topics, self._positions.end)

    def backlog(self, group: str, topic: str) -> Backlog:
        return self._positions.backlog(group, topic)

    def replay(self, group: str, topics: Sequence[str], since: datetime | None = None) -> int:
        return self._positions.replay(group, topics, since)

    def remove(self, topics: Sequence[str], before: datetime) -> int:
        return self._positions.remove(topics, before)

    def close(self) -> None:
        """Consumers are closed by those who asked for them."""
        self._producing.close()
        self._topics.close()
