"""Replays: whatever the warehouse still holds and whoever dies on the way, it has every event afterwards, each once."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.clock import SystemClock
from infra.loader import GROUP
from infra.log.base import EventLog
from infra.log.local import LocalLog
from infra.warehouse import Warehouse
from tests.infra.log.contract import claim_of
from tests.infra.test_loader import append, load, warehouse_in


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalLog]:
    with closing(LocalLog(tmp_path / "log.db", SystemClock())) as opened:
        yield opened


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with closing(warehouse_in(tmp_path_factory.mktemp("replays"))) as opened:
        yield opened


@pytest.fixture
def warehouse(held: Warehouse) -> Warehouse:
    held.command("truncate table touches")
    return held


def there(warehouse: Warehouse) -> int:
    """Events, each counted once; there are no others than those appended."""
    return int(warehouse.value("select count() from touches final"))


def die_in_a_claim(log: EventLog) -> None:
    """As a loader that is killed before it inserts what it has claimed."""
    with closing(log.consumer(GROUP, ["touches"])) as reader:
        left = reader.assigned()
        records = reader.read(left[0]) if left else reader.poll(0, 1000)
        if records:
            reader.claim(claim_of(records))


@pytest.mark.parametrize(
    "emptied", ["truncate table touches", "alter table touches delete where true settings mutations_sync = 1"]
)
def test_an_emptied_warehouse_is_filled_again(log: LocalLog, warehouse: Warehouse, emptied: str) -> None:
    """The engine remembers which blocks it was given, but not that their rows are gone."""
    append(log, range(10))
    assert load(log, warehouse) == 10
    warehouse.command(emptied)
    assert there(warehouse) == 0
    log.replay(GROUP, ["touches"])
    assert load(log, warehouse) == 10
    assert there(warehouse) == 10


def test_a_full_warehouse_counts_nothing_twice(log: LocalLog, warehouse: Warehouse) -> None:
    append(log, range(10))
    load(log, warehouse)
    append(log, range(10, 20))
    log.replay(GROUP, ["touches"])
    assert load(log, warehouse) == 20
    assert there(warehouse) == 20
    assert warehouse.value("select uniqExact(id) from touches") == 20


def test_a_loader_that_dies_where_old_and_new_meet_loses_nothing(log: LocalLog, warehouse: Warehouse) -> None:
    """Marks of the first time say that half of the run is there."""
    append(log, range(10))
    load(log, warehouse)
    append(log, range(10, 20))
    log.replay(GROUP, ["touches"])
    die_in_a_claim(log)
    load(log, warehouse)
    assert there(warehouse) == 20


Steps = st.lists(
    st.tuples(st.sampled_from(["append", "load", "die", "replay", "empty"]), st.integers(0, 5)), min_size=4, max_size=12
)


@given(steps=Steps)
@settings(max_examples=15)
def test_whatever_happens_a_last_replay_brings_everything(held: Warehouse, steps: list[tuple[str, int]]) -> None:
    held.command("truncate table touches")
    total = 0
    with tempfile.TemporaryDirectory() as folder, closing(LocalLog(Path(folder) / "log.db", SystemClock())) as log:
        for step, size in steps:
            if step == "append":
                append(log, range(total, total + size + 1))
                total += size + 1
            elif step == "load":
                load(log, held)
            elif step == "die":
                die_in_a_claim(log)
            elif step == "replay":
                log.replay(GROUP, ["touches"])
            else:
                held.command("truncate table touches")
        log.replay(GROUP, ["touches"])
        load(log, held)
    assert there(held) == held.value("select uniqExact(id) from touches") == total


@given(steps=st.lists(st.sampled_from(["append", "load", "die", "replay"]), min_size=4, max_size=12))
@settings(max_examples=15)
def test_whatever_happens_loading_alone_brings_everything(held: Warehouse, steps: list[str]) -> None:
    """Nothing is taken from the warehouse: then no replay is needed, whatever replays and deaths went before."""
    held.command("truncate table touches")
    total = 0
    with tempfile.TemporaryDirectory() as folder, closing(LocalLog(Path(folder) / "log.db", SystemClock())) as log:
        for step in steps:
            if step == "append":
                append(log, range(total, total + 3))
                total += 3
            elif step == "load":
                load(log, held)
            elif step == "die":
                die_in_a_claim(log)
            else:
                log.replay(GROUP, ["touches"])
        load(log, held)
    assert there(held) == total
