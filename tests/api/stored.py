"""What the log holds."""

from typing import Any

import orjson

from collectors.events import FAMILIES
from infra.log.base import EventLog


def stored(log: EventLog) -> dict[str, list[dict[str, Any]]]:
    """All events, by family; none of families that have none."""
    found: dict[str, list[dict[str, Any]]] = {}
    consumer = log.consumer("test", list(FAMILIES))
    while records := consumer.poll(0.05, 10**6):
        for record in records:
            lines = found.setdefault(record.partition.topic, [])
            lines += [orjson.loads(line) for line in record.value.split(b"\n")]
    consumer.close()
    return found
