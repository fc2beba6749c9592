"""The loader from a real Kafka broker, against kafka-python polling the same records and doing nothing with them."""

import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path
from statistics import median

import orjson

from api.bootstrap import Services
from bench.collector import kafka_broker
from bench.holding import UNTIL, open_services
from bench.timing import seconds
from collectors.sample import write_sample
from infra.loader import Loader
from infra.log.base import NewRecord
from infra.log.kafka import KafkaLog
from infra.sql import Statements

RECORDS, ROUNDS, IN_A_RECORD = 3000, 3, 100
EVENTS = RECORDS * IN_A_RECORD
_SQL = Statements("bench", "loading")


def main(folder: Path) -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory(dir=folder) as kept, kafka_broker(Path(kept) / "kafka") as servers:
        write_sample(Path(kept), until=UNTIL, touches=EVENTS)
        services = open_services(Path(kept) / "data")
        records = _records(Path(kept) / "touches.ndjson")
        rounds = [_round(services, servers, records, number) for number in range(ROUNDS)]
        services.close()
    ours, alone, in_c, inserting = (EVENTS / median(column) for column in zip(*rounds, strict=True))
    measured = f"{ours:,.0f} events/s"
    return [
        _row(measured, f"kafka-python alone, polling: {alone:,.0f} events/s", ours / alone, "≥ 0.9"),
        _row(measured, f"kafka-python with crc32c, polling: {in_c:,.0f} events/s", ours / in_c, ""),
        _row(measured, f"inserting the same lines, polling nothing: {inserting:,.0f} events/s", ours / inserting, ""),
    ]


def _row(measured: str, against: str, ratio: float, wanted: str) -> dict[str, str]:
    what = "loader, Kafka to warehouse"
    return {"what": what, "measured": measured, "against": against, "ratio": f"{ratio:.2f}", "wanted": wanted}


def _records(path: Path) -> list[NewRecord]:
    received = b'{"received_at":"2026-07-01T00:00:00Z",'
    with path.open("rb") as stream:
        lines = [received + line[1:].rstrip() for line in islice(stream, EVENTS)]
    return [NewRecord(b"\n".join(lines[at : at + IN_A_RECORD]), IN_A_RECORD) for at in range(0, EVENTS, IN_A_RECORD)]


def _round(services: Services, servers: str, records: list[NewRecord], number: int) -> tuple[float, ...]:
    """Seconds of loading, of polling with checksums in Python and in C, and of inserting, on a topic of its own."""
    prefix = f"round{number}."
    log = KafkaLog(servers, services.clock, topic_prefix=prefix)
    loader = Loader(log, services.warehouse, ["touches"], lambda *_: None, batch_events=EVENTS)
    loader.step(0)  # its group forms while there is nothing to load
    for at in range(0, RECORDS, 100):
        log.append("touches", records[at : at + 100])
    loading = seconds(lambda: _load(services, loader))
    loader.close()
    log.close()
    services.warehouse.command(_SQL["forget_touches"])
    lines = b"\n".join(record.value for record in records)
    inserting = seconds(lambda: services.warehouse.insert_json("touches", lines))
    services.warehouse.command(_SQL["forget_touches"])
    polls = [_poll(servers, f"{prefix}touches", checksums) for checksums in ("alone", "crc32c")]
    return loading, *polls, inserting


def _load(services: Services, loader: Loader) -> None:
    while services.warehouse.value(_SQL["count_touches"]) < EVENTS:
        loader.step(1.0)


def _poll(servers: str, topic: str, checksums: str) -> float:
    command = [sys.executable, "-m", "bench.polling", servers, topic, str(RECORDS), checksums]
    return float(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
