"""The loader against one that decodes each event in Python: the same log, the same table, the same durable steps."""

import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from api.bootstrap import Services
from bench.holding import UNTIL, open_services
from bench.timing import seconds
from collectors.sample import write_sample
from infra.log.base import Claim, NewRecord, Record
from infra.sql import Statements

EVENTS, ROUNDS, IN_A_RECORD = 400_000, 3, 5000
_SQL = Statements("bench", "loading")
_TEXTS = (
    "id", "visitor_id", "session_id", "user_id", "url", "referrer", "source", "medium", "campaign", "content", "term",
    "dealer", "contractor", "device", "region",
)  # fmt: skip
_COLUMNS = ("log_partition", "log_offset", "received_at", "occurred_at", "click_ids", "properties", *_TEXTS)


def main(folder: Path) -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory(dir=folder) as kept:
        write_sample(Path(kept), until=UNTIL, touches=EVENTS)
        services = open_services(Path(kept) / "data")
        records = list(_records(Path(kept) / "touches.ndjson"))
        events = sum(record.events for record in records)
        rounds = []
        for _ in range(ROUNDS):
            services.log.append("touches", records)
            rounds.append((seconds(lambda: _load(services, events)), seconds(lambda: _decode(services, events))))
        services.close()
    ours, plain = (median(column) for column in zip(*rounds, strict=True))
    return [
        {
            "what": "loader, log to warehouse",
            "measured": f"{events / ours:,.0f} events/s",
            "against": f"a loader that decodes each event in Python: {events / plain:,.0f} events/s",
            "ratio": f"{plain / ours:.1f}",
            "wanted": "≥ 5",
        }
    ]


def _records(path: Path) -> Iterator[NewRecord]:
    received = b'{"received_at":"2026-07-01T00:00:00Z",'
    with path.open("rb") as stream:
        while lines := list(islice(stream, IN_A_RECORD)):
            yield NewRecord(b"\n".join(received + line[1:].rstrip() for line in lines), len(lines))


def _load(services: Services, events: int) -> None:
    """Our loader, over one round's records."""
    loader = services.new_loader()
    while loader.step(timeout=0):
        pass
    loader.close()
    _check_and_empty(services, events)


def _decode(services: Services, events: int) -> None:
    """What one would write first: decode the event, make a row of it, insert the rows."""
    consumer = services.log.consumer("decoding", ["touches"])
    consumer.assigned()
    while found := consumer.poll(0, services.settings.load_batch_events):
        for partition, group in groupby(found, key=lambda record: record.partition):
            batch = list(group)
            claim = Claim(partition, batch[0].offset, batch[-1].offset)
            consumer.claim(claim)
            rows = [_row(record, json.loads(line)) for record in batch for line in record.value.split(b"\n")]
            services.warehouse.insert_rows("touches", _COLUMNS, rows)
            consumer.commit(claim)
    consumer.close()
    _check_and_empty(services, events)


def _row(record: Record, event: dict[str, Any]) -> list[Any]:
    return [
        record.partition.number,
        record.offset,
        datetime.fromisoformat(event["received_at"]),
        datetime.fromisoformat(event["occurred_at"]),
        event.get("click_ids", {}),
        orjson.dumps(event.get("properties", {})).decode(),
        *(event.get(name, "") for name in _TEXTS),
    ]


def _check_and_empty(services: Services, events: int) -> None:
    assert services.warehouse.value(_SQL["count_touches"]) == events
    services.warehouse.command(_SQL["forget_touches"])


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
