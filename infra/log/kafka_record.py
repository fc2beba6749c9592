"""Our records as Kafka's, and back."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.log.base import Partition, Record
from infra.log.kafka_cluster import EVENTS_HEADER

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_timestamp(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def to_headers(events: int) -> list[tuple[str, bytes]]:
    return [(EVENTS_HEADER, b"%d" % events)]


def count_of(message: Any) -> int:
    """The events of a Kafka message. Where a foreign writer left out their number, its lines are counted."""
    for name, value in message.headers:
        if name == EVENTS_HEADER:
            return int(value)
    return (message.value or b"").count(b"\n") + 1


def to_records(partition: Partition, messages: Iterable[Any], again_until: int) -> list[Record]:
    return [
        Record(
            partition,
            message.offset,
            _EPOCH + message.timestamp * _MILLISECOND,
            count_of(message),
            message.value or b"",
            message.offset < again_until,
        )
        for message in messages
    ]
