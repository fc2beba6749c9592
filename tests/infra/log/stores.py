"""Where a log under test keeps its records: known by its address, so that other processes can open it too."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infra.clock import SystemClock
from infra.log import LogOptions, open_log
from infra.log.base import Consumer, EventLog, NewRecord, Record
from infra.log.kafka import KafkaLog

ROOT = Path(__file__).parents[3]


def open_store(url: str, options: LogOptions | None = None) -> EventLog:
    """One partition, and readers that are given up soon: so that tests are short."""
    scheme, _, servers = url.partition("://")
    if scheme == "kafka":
        return KafkaLog(servers, SystemClock(), options, partitions=1, timeout=5, session_timeout=1.5)
    return open_log(url, SystemClock(), options)


@dataclass
class Store:
    url: str
    opened: ExitStack
    topic: str = field(default_factory=lambda: f"touches-{secrets.token_hex(4)}")
    group: str = field(default_factory=lambda: f"warehouse-{secrets.token_hex(4)}")

    def open(self, options: LogOptions | None = None) -> EventLog:
        return self.opened.enter_context(closing(open_store(self.url, options)))

    def reader(self, log: EventLog, group: str = "") -> Consumer:
        return self.opened.enter_context(closing(log.consumer(group or self.group, [self.topic])))

    @contextmanager
    def victim(self, role: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """A process that works on this store, and is killed without warning at the end of the block."""
        command = [sys.executable, "-m", "tests.infra.log.victim", role, self.url, self.topic, self.group]
        with subprocess.Popen(
            [*command, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def record(text: str, events: int = 1) -> NewRecord:
    return NewRecord(text.encode(), events)


def texts(records: list[Record]) -> list[str]:
    return [each.value.decode() for each in records]


def poll_all(reader: Consumer, count: int, max_events: int = 1000) -> list[Record]:
    """Poll until `count` records came, for ten seconds of silence at most."""
    records: list[Record] = []
    while len(records) < count and (more := reader.poll(10, max_events)):
        records += more
    return records
