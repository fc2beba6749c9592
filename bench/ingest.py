"""Collectors under load, to durable, against the same server that answers without reading; and their memory.

`python -m bench.ingest` measures by itself. `--minutes 10` loads a collector for so long and tells its memory.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import orjson

from bench.collector import KEPT_UNREAD, UNREAD, Collector, collector, kafka_broker
from bench.holding import UNTIL
from collectors.sample import write_sample
from infra.clock import SystemClock
from infra.log import open_log

ROUNDS, SECONDS = 3, 6.0
_WARM_SECONDS = 60.0  # until the ids that are remembered are as many as ever
_WANTED = 40_000
Found = list[dict[str, float]]


def main(folder: Path, minutes: float = 0.0) -> list[dict[str, str]]:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as kept, ExitStack() as running:
        place = Path(kept)
        write_sample(place, until=UNTIL, touches=20_000)
        touches = place / "touches.ndjson"
        if minutes:
            return [_soak(running.enter_context(collector(place / "local")), touches, minutes)]
        broker = running.enter_context(kafka_broker(place / "kafka"))
        logs = {"local": f"local://{place / 'log.db'}", "Kafka": f"kafka://{broker}"}
        servers = {name: running.enter_context(collector(place / name, log=log)) for name, log in logs.items()}
        for name, program in (("unread", UNREAD), ("kept", KEPT_UNREAD)):
            servers[name] = running.enter_context(collector(place / name, program=program))
        found = _turn_about(touches, servers)
        for name, log in logs.items():
            _check(log, [each for (kind, _), several in found.items() if kind == name for each in several])
    return _rows(found)


def _turn_about(touches: Path, servers: dict[str, Collector]) -> dict[tuple[str, str], Found]:
    ways = [("unread", "json"), ("kept", "json"), ("local", "json"), ("local", "ndjson"), ("Kafka", "json")]
    found: dict[tuple[str, str], Found] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for name, form in ways:
            found[name, form].append(servers[name].load(touches, SECONDS, form))
    return found


def _check(address: str, found: Found) -> None:
    """What was acknowledged is in the log, and nothing was refused."""
    log = open_log(address, SystemClock())
    assert sum(each["refused"] for each in found) == 0
    consumer = log.consumer("bench", ["touches"])
    held, wanted = 0, sum(each["accepted"] for each in found)
    while records := consumer.poll(5.0, 100_000):
        held += sum(record.events for record in records)
    consumer.close()
    log.close()
    assert held == wanted, f"{held} events in the log, {wanted} acknowledged"


def _rows(found: dict[tuple[str, str], Found]) -> list[dict[str, str]]:
    middles = {way: _middle(several) for way, several in found.items()}
    unread, kept = (middles[name, "json"]["events_per_second"] for name in ("unread", "kept"))
    rows = []
    for (name, form), middle in middles.items():
        if name in ("unread", "kept"):
            continue
        rate = middle["events_per_second"]
        measured = f"{rate:,.0f} events/s, p50 {middle['p50_ms']:.0f} ms, p99 {middle['p99_ms']:.0f} ms"
        what = f"collector, 100 events a request as {form.upper()}, to durable in the {name} log"
        rows += [
            _row(what, measured, f"{_WANTED:,} events/s", rate / _WANTED, "≥ 1"),
            _row(what, measured, f"the same server, answering unread: {unread:,.0f} events/s", rate / unread, "≥ 0.35"),
        ]
    against = f"the same server, answering unread: {unread:,.0f} events/s"
    rows.append(_row("bodies kept unread in the local log", f"{kept:,.0f} events/s", against, kept / unread, ""))
    return rows


def _soak(server: Collector, touches: Path, minutes: float) -> dict[str, str]:
    server.load(touches, _WARM_SECONDS, "json")
    memory, rates = [server.memory_mb()], []
    for _ in range(10):
        rates.append(server.load(touches, minutes * 6, "json")["events_per_second"])
        memory.append(server.memory_mb())
    told = " → ".join(f"{memory[place]:.0f}" for place in (0, 5, 10))
    measured = f"{told} MiB at start, middle and end, {median(rates):,.0f} events/s"
    what = f"collector's memory over {minutes:g} minutes of load"
    return _row(what, measured, "its middle", memory[10] / memory[5], "≤ 1.05")


def _middle(several: Found) -> dict[str, float]:
    return {name: median(each[name] for each in several) for name in several[0]}


def _row(what: str, measured: str, against: str, ratio: float, wanted: str) -> dict[str, str]:
    return {"what": what, "measured": measured, "against": against, "ratio": f"{ratio:.2f}", "wanted": wanted}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.ingest")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(".bench/ingest"))
    parser.add_argument("--minutes", type=float, default=0.0)
    asked = parser.parse_args()
    print(orjson.dumps(main(asked.folder.absolute(), asked.minutes)).decode())
