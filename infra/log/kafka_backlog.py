"""Counting events in Kafka, whose offsets count records."""

import time
from collections.abc import Mapping

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from infra.log.kafka_cluster import Cluster
from infra.log.kafka_record import count_of

_COUNT_SECONDS = 5.0
_RECORDS_AT_ONCE = 100_000


def count_events(cluster: Cluster, ranges: Mapping[TopicPartition, tuple[int, int]]) -> int | None:
    """The events from the first offset of each partition's range to the one before its end.

    Records are read for their counts; None where that takes too long. Raises `LogUnavailable`.
    """
    with cluster.in_plain_words():
        reader = KafkaConsumer(**cluster.reader_settings())
        try:
            return _count(reader, {place: each for place, each in ranges.items() if each[0] < each[1]})
        finally:
            reader.close(autocommit=False, timeout_ms=cluster.timeout_ms)


def _count(reader: KafkaConsumer, ranges: Mapping[TopicPartition, tuple[int, int]]) -> int | None:
    reader.assign(list(ranges))
    for place, (first, _) in ranges.items():
        reader.seek(place, first)
    deadline = time.monotonic() + _COUNT_SECONDS
    events = 0
    while any(reader.position(place) < end for place, (_, end) in ranges.items()):
        if time.monotonic() > deadline:
            return None
        for place, messages in reader.poll(timeout_ms=100, max_records=_RECORDS_AT_ONCE).items():
            events += sum(count_of(each) for each in messages if each.offset < ranges[place][1])
    return events
