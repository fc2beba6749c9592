"""Which partitions Kafka's group gives to a reader and takes from it."""

from collections import deque
from collections.abc import Iterator

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.structs import TopicPartition


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python carries no types
    """Notes changes, which the client's own thread reports while the reader waits in `poll`.

    New partitions are paused at once: nothing of them may be handed out before their left claims are known.
    """

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer
        self._changes: deque[tuple[bool, list[TopicPartition]]] = deque()
        self.joined = False

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._consumer.pause(*assigned)
        self._changes.append((True, sorted(assigned)))
        self.joined = True

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        self._changes.append((False, sorted(revoked)))

    def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        self.on_partitions_revoked(lost)

    def changes(self) -> Iterator[tuple[bool, list[TopicPartition]]]:
        """What happened since the last call, in order: whether partitions came (or went), and which."""
        while self._changes:
            yield self._changes.popleft()
