"""Processes that benchmarks measure: collectors, and what loads them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import orjson

from tests.ports import free_port

WORKERS = 2
COLLECTOR = ("-c", "from api.cli import main; main()", "serve", "--role", "collector")
UNREAD = ("-m", "bench.unread")
KEPT_UNREAD = ("-m", "bench.unread", "kept")


@dataclass(frozen=True, slots=True)
class Collector:
    process: "subprocess.Popen[bytes]"
    port: int

    def memory_mb(self) -> float:
        """Of all its processes, resident."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        statuses = [Path(f"/proc/{each}/status").read_text() for each in (self.process.pid, *children)]
        return sum(int(each.partition("VmRSS:")[2].split()[0]) for each in statuses) / 1024

    def load(self, touches: Path, seconds: float, form: str) -> dict[str, float]:
        command = [sys.executable, "-m", "bench.load", str(touches), str(self.port), str(seconds), form]
        ran = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        found: dict[str, float] = orjson.loads(ran.stdout)
        return found


@contextmanager
def collector(folder: Path, *, log: str = "", program: tuple[str, ...] = COLLECTOR) -> Iterator[Collector]:
    """A collector of two processes, or what takes its place, on a log of its own."""
    folder.mkdir(parents=True)
    port = free_port()
    environment = {
        "CLOSEDLOOP_DATA": str(folder),
        "CLOSEDLOOP_LOG": log,
        "CLOSEDLOOP_WRITE_KEY": "w",
        "CLOSEDLOOP_PORT": str(port),
        "CLOSEDLOOP_COLLECTOR_WORKERS": str(WORKERS),
    }
    with subprocess.Popen(
        [sys.executable, *program], stdout=subprocess.DEVNULL, env=os.environ | environment
    ) as process:
        try:
            _await_answer(port)
            yield Collector(process, port)
        finally:
            process.terminate()


@contextmanager
def kafka_broker(folder: Path) -> Iterator[str]:
    """`host:port` of a real broker."""
    script = str(Path(__file__).parents[1] / "infra" / "kafka_broker.sh")
    started = subprocess.run(
        [script, "start", str(free_port()), str(folder)], stdout=subprocess.PIPE, check=True, text=True
    )
    try:
        yield started.stdout.strip()
    finally:
        subprocess.run([script, "stop", str(folder)], check=True)


def _await_answer(port: int) -> None:
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the collector does not answer")
