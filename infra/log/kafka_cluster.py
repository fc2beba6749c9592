"""What the Kafka log's parts share: names of topics, settings of clients, and errors in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka.codec import has_lz4
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from infra.errors import LogUnavailable
from infra.log.base import Partition

RECORD_BYTES = 2 << 20
EVENTS_HEADER = "events"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the brokers are, and how long anything may take before it counts as out of reach."""

    servers: str
    topic_prefix: str
    timeout: float
    session_timeout: float

    @property
    def timeout_ms(self) -> int:
        return int(self.timeout * 1000)

    def topic(self, name: str) -> str:
        return self.topic_prefix + name

    def place(self, partition: Partition) -> TopicPartition:
        return TopicPartition(self.topic(partition.topic), partition.number)

    def partition(self, place: TopicPartition) -> Partition:
        return Partition(place.topic.removeprefix(self.topic_prefix), place.partition)

    def client_settings(self) -> dict[str, Any]:
        return {
            "bootstrap_servers": self.servers.split(","),
            "client_id": "closedloop",
            "bootstrap_timeout_ms": self.timeout_ms,
            "request_timeout_ms": self.timeout_ms,
            "reconnect_backoff_max_ms": 1000,
            "metadata_max_age_ms": 10_000,  # leaders move when a broker dies, and nobody need have told us
        }

    def producer_settings(self) -> dict[str, Any]:
        return self.client_settings() | {
            "acks": "all",
            "enable_idempotence": True,
            "compression_type": "lz4" if has_lz4() else "gzip",
            "batch_size": RECORD_BYTES // 2,
            "max_request_size": RECORD_BYTES,
            "max_block_ms": self.timeout_ms,
            "request_timeout_ms": self.timeout_ms // 2,
            "delivery_timeout_ms": self.timeout_ms,
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        }

    def reader_settings(self) -> dict[str, Any]:
        return self.client_settings() | {
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "allow_auto_create_topics": False,
            "max_partition_fetch_bytes": 2 * RECORD_BYTES,
            "fetch_max_bytes": 8 * RECORD_BYTES,
            "metrics_enabled": False,
        }

    def member_settings(self, group: str) -> dict[str, Any]:
        return self.reader_settings() | {
            "group_id": self.topic(group),
            "max_poll_interval_ms": 600_000,
            "session_timeout_ms": int(self.session_timeout * 1000),
            "heartbeat_interval_ms": int(self.session_timeout * 1000) // 4,
        }

    @contextmanager
    def in_plain_words(self) -> Iterator[None]:
        """Turn Kafka's errors into `LogUnavailable`."""
        try:
            yield
        except (KafkaError, OSError) as error:
            raise self.unavailable(error) from error

    def unavailable(self, error: Exception) -> LogUnavailable:
        return LogUnavailable(
            f"The event log (Kafka at {self.servers}) does not answer as it should: {error}.",
            where="CLOSEDLOOP_LOG",
            help="Check that the brokers run and can be reached from here.",
        )
