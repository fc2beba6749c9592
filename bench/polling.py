"""kafka-python polling a topic and doing nothing else: `python -m bench.polling SERVERS TOPIC RECORDS CHECKSUMS`.

CHECKSUMS is `alone` for the library as it comes, which computes them in Python, or `crc32c` for those in C.
"""

import sys
from time import perf_counter


def main(servers: str, topic: str, records: str, checksums: str) -> None:
    if checksums == "alone":
        sys.modules["crc32c"] = None  # type: ignore[assignment]  # the documented way to make an import fail
    from kafka import KafkaConsumer, TopicPartition  # only now: at its import it looks which checksums there are

    consumer = KafkaConsumer(
        bootstrap_servers=servers, enable_auto_commit=False, max_partition_fetch_bytes=4 << 20, fetch_max_bytes=16 << 20
    )
    places = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    polled, begin = 0, perf_counter()
    while polled < int(records):
        polled += sum(map(len, consumer.poll(timeout_ms=500, max_records=100).values()))
    print(perf_counter() - begin)
    consumer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
