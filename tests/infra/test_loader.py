"""Loading is exactly once, whatever is killed at whatever moment."""

import random
import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.clock import SystemClock
from infra.loader import Loader
from infra.log.base import EventLog, NewRecord
from infra.log.local import LocalLog
from infra.settings import read_settings
from infra.warehouse import Warehouse, open_warehouse
from infra.warehouse.migrate import migrate
from tests.infra.loader_victim import ROOT, open_shared

KILLS = 20
RECORDS = 400  # a round


def warehouse_in(folder: Path) -> Warehouse:
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


def test_killed_at_random_moments(tmp_path: Path, address: str) -> None:
    """A victim has more to do than it lives for, a record at a time: it dies between a claim and its commit."""
    log = open_shared(address)
    chance = random.Random(7)
    total = 0
    command = [sys.executable, "-m", "tests.infra.loader_victim", str(tmp_path), address]
    for _ in range(KILLS):
        log.append("touches", [NewRecord(event(total + number), 1) for number in range(RECORDS)])
        total += RECORDS
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as victim:
            assert victim.stdout is not None
            assert victim.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.05, 0.6))
            victim.kill()
    warehouse = warehouse_in(tmp_path)
    assert 0 < counted(warehouse)[0] <= total
    loader = Loader(log, warehouse, ["touches"], lambda *_: None, interval_ms=2000)
    loader.drain()
    assert counted(warehouse) == (total, total)
    loader.close()
    log.close()
    warehouse.close()


def test_a_line_that_does_not_fit_is_kept_aside_and_the_others_load(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log.db", SystemClock())
    warehouse = warehouse_in(tmp_path)
    kept: list[bytes] = []
    misfit = b'{"id":"bad","visitor_id":"v","occurred_at":"no time"}'
    log.append("touches", [NewRecord(b"\n".join([event(1), misfit, event(2)]), 3)])
    loader = Loader(log, warehouse, ["touches"], lambda _, lines, __: kept.extend(lines), interval_ms=50)
    loader.drain()
    assert counted(warehouse) == (2, 2)
    assert len(kept) == 1
    assert b'"bad"' in kept[0]
    loader.close()
    log.close()
    warehouse.close()


@pytest.mark.parametrize("records", [1, 50])
def test_the_first_row_of_each_record_says_where_it_came_from(tmp_path: Path, records: int) -> None:
    log = LocalLog(tmp_path / "log.db", SystemClock())
    warehouse = warehouse_in(tmp_path)
    for number in range(records):
        append(log, range(number * 3, number * 3 + 3))
    loader = Loader(log, warehouse, ["touches"], lambda *_: None, interval_ms=50)
    assert loader.drain() == records * 3
    places = warehouse.rows("select id, log_offset from touches where log_partition = 0 order by log_offset")
    firsts = [f"t{number * 3}" for number in range(records)]
    assert [(row["id"], row["log_offset"]) for row in places] == [(name, n) for n, name in enumerate(firsts)]
    loader.close()
    log.close()
    warehouse.close()


def test_a_batch_whose_first_line_does_not_fit_is_marked_too(tmp_path: Path) -> None:
    """A loader that dies before its commit must find that the rest is there, or it would insert it again."""
    log = LocalLog(tmp_path / "log.db", SystemClock())
    warehouse = warehouse_in(tmp_path)
    misfit = b'{"id":"bad","visitor_id":"v","occurred_at":"no time"}'
    log.append("touches", [NewRecord(b"\n".join([misfit, event(1), event(2)]), 3)])
    loader = Loader(log, warehouse, ["touches"], lambda *_: None, interval_ms=50)
    loader.drain()
    assert warehouse.rows("select log_partition, log_offset from touches where log_partition != 65535") == [
        {"log_partition": 0, "log_offset": 0}
    ]
    loader.close()
    log.close()
    warehouse.close()


def test_a_batch_is_one_part(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log.db", SystemClock())
    warehouse = warehouse_in(tmp_path)
    for start in range(0, 60_000, 5000):
        append(log, range(start, start + 5000))
    loader = Loader(log, warehouse, ["touches"], lambda *_: None, interval_ms=50)
    loader.drain()
    assert warehouse.rows("select rows from system.parts where table = 'touches'") == [{"rows": 60_000}]
    loader.close()
    log.close()
    warehouse.close()
