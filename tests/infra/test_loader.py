"""Loading is exactly once, whatever is killed at whatever moment."""

import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any, cast

import pytest

from infra.clock import SystemClock
from infra.loader import Loaded, Loader, Quarantine
from infra.log.base import EventLog, NewRecord, Partition, Record
from infra.log.local import LocalLog
from infra.settings import read_settings
from infra.warehouse import Warehouse, open_warehouse
from infra.warehouse.migrate import migrate
from tests.infra.loader_victim import ROOT, open_shared
from tests.migrated import lay_warehouse

KILLS = 20
RECORDS = 400  # a round
MISFIT = b'{"id":"bad","visitor_id":"v","occurred_at":"no time"}'


def warehouse_in(folder: Path) -> Warehouse:
    lay_warehouse(folder)
    warehouse = open_warehouse(read_settings(data=folder, _env_file=None))
    migrate(warehouse, ["infra", "collectors"])
    return warehouse


def event(number: int) -> bytes:
    return (
        b'{"id":"t%d","visitor_id":"v","occurred_at":"2026-01-01T00:00:00Z","received_at":"2026-01-01T00:00:00Z"}'
        % number
    )


def append(log: EventLog, numbers: range) -> None:
    log.append("touches", [NewRecord(b"\n".join(event(number) for number in numbers), len(numbers))])


def counted(warehouse: Warehouse) -> tuple[int, int]:
    return warehouse.value("select count() from touches"), warehouse.value("select uniqExact(id) from touches")


@pytest.fixture(params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an event log, as victims are told it."""
    if request.param == "local":
        return f"local://{tmp_path / 'log.db'}"
    return f"kafka://{request.getfixturevalue('kafka_servers')}/{secrets.token_hex(4)}."


@contextmanager
def victims(folder: Path, address: str) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """One after another, each loading already; at the end of its block it is killed."""
    command = [sys.executable, "-m", "tests.infra.loader_victim", str(folder), address]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, cwd=ROOT, bufsize=1) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        told, said = parent.stdin, parent.stdout

        @contextmanager
        def next_victim() -> Iterator[None]:
            told.write("next\n")
            word, process = said.readline().split()
            assert word == "ready"
            try:
                yield
            finally:
                os.kill(int(process), signal.SIGKILL)
            assert said.readline() == f"gone {signal.SIGKILL}\n"

        yield next_victim


def test_killed_at_random_moments(tmp_path: Path, address: str) -> None:
    """A victim has more to do than it lives for, a record at a time: it dies between a claim and its commit."""
    log = open_shared(address)
    chance = random.Random(7)
    total = 0
    lay_warehouse(tmp_path)
    with victims(tmp_path, address) as next_victim:
        for _ in range(KILLS):
            log.append("touches", [NewRecord(event(total + number), 1) for number in range(RECORDS)])
            total += RECORDS
            with next_victim():
                time.sleep(chance.uniform(0.05, 0.6))
    warehouse = warehouse_in(tmp_path)
    assert 0 < counted(warehouse)[0] <= total
    loader = Loader(log, warehouse, ["touches"], lambda *_: None, interval_ms=2000)
    loader.drain()
    assert counted(warehouse) == (total, total)
    loader.close()
    log.close()
    warehouse.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalLog]:
    with closing(LocalLog(tmp_path / "log.db", SystemClock())) as opened:
        yield opened


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with closing(warehouse_in(tmp_path)) as opened:
        yield opened


def load(log: EventLog, warehouse: Warehouse, quarantine: Quarantine = lambda *_: None) -> int:
    """Load all that there is, and return how many events that were."""
    with closing(Loader(log, warehouse, ["touches"], quarantine, interval_ms=50)) as loader:
        return loader.drain()


def test_a_line_that_does_not_fit_is_kept_aside_and_the_others_load(log: LocalLog, warehouse: Warehouse) -> None:
    kept: list[bytes] = []
    log.append("touches", [NewRecord(b"\n".join([event(1), MISFIT, event(2)]), 3)])
    load(log, warehouse, lambda _, lines, __: kept.extend(lines))
    assert counted(warehouse) == (2, 2)
    assert len(kept) == 1
    assert b'"bad"' in kept[0]


@pytest.mark.parametrize("records", [1, 50])
def test_the_first_row_of_each_record_says_where_it_came_from(
    log: LocalLog, warehouse: Warehouse, records: int
) -> None:
    for number in range(records):
        append(log, range(number * 3, number * 3 + 3))
    assert load(log, warehouse) == records * 3
    places = warehouse.rows("select id, log_offset from touches where log_partition = 0 order by log_offset")
    firsts = [f"t{number * 3}" for number in range(records)]
    assert [(row["id"], row["log_offset"]) for row in places] == [(name, n) for n, name in enumerate(firsts)]


def test_a_batch_whose_first_line_does_not_fit_is_marked_too(log: LocalLog, warehouse: Warehouse) -> None:
    """A loader that dies before its commit must find that the rest is there, or it would insert it again."""
    log.append("touches", [NewRecord(b"\n".join([MISFIT, event(1), event(2)]), 3)])
    load(log, warehouse)
    assert warehouse.rows("select log_partition, log_offset from touches where log_partition != 65535") == [
        {"log_partition": 0, "log_offset": 0}
    ]


def test_a_batch_of_misfits_alone_is_over_too(log: LocalLog, warehouse: Warehouse) -> None:
    kept: list[bytes] = []
    log.append("touches", [NewRecord(MISFIT, 1)])
    load(log, warehouse, lambda _, lines, __: kept.extend(lines))
    append(log, range(3))
    load(log, warehouse, lambda _, lines, __: kept.extend(lines))
    assert counted(warehouse) == (3, 3)
    assert len(kept) == 1


class TakenAndGivenBack:
    """A log whose reader loses its partition, and gets it again, while it polls."""

    def __init__(self, log: LocalLog) -> None:
        self._log = log

    def consumer(self, group: str, topics: Sequence[str]) -> Any:
        consumer = self._log.consumer(group, topics)
        poll, gone = consumer.poll, [[Partition(topic, 0)] for topic in topics]

        def poll_after_a_loss(timeout: float, max_events: int) -> list[Record]:
            consumer._lost += gone.pop() if gone else []
            return poll(timeout, max_events)

        consumer.poll = poll_after_a_loss  # type: ignore[method-assign]
        return consumer


def test_what_was_polled_after_a_partition_came_back_is_loaded(log: LocalLog, warehouse: Warehouse) -> None:
    append(log, range(3))
    loader = Loader(cast(EventLog, TakenAndGivenBack(log)), warehouse, ["touches"], lambda *_: None, interval_ms=50)
    with closing(loader):
        assert loader.step(timeout=1) == [Loaded("touches", 3)]
        append(log, range(3, 6))
        assert loader.step(timeout=1) == [Loaded("touches", 3)]
    assert counted(warehouse) == (6, 6)


def test_a_batch_is_one_part(log: LocalLog, warehouse: Warehouse) -> None:
    for start in range(0, 60_000, 5000):
        append(log, range(start, start + 5000))
    load(log, warehouse)
    assert warehouse.rows("select rows from system.parts where table = 'touches'") == [{"rows": 60_000}]
