"""How large the local log may grow, and how much may wait for it."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from infra.errors import LogUnavailable
from infra.log import LogOptions
from infra.log.base import Backlog, EventLog, NewRecord
from tests.infra.log.contract import commit_all, pause
from tests.infra.log.stores import Store, record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with ExitStack() as opened:
        yield Store(f"local://{path}", opened)


def test_what_waits_to_become_durable_is_bounded(store: Store, path: Path) -> None:
    """While the disk stands still, so to say: another program holds the file."""
    log = store.open(LogOptions(waiting_mb=1))
    outcomes: list[str] = []

    def append() -> None:
        try:
            log.append(store.topic, [NewRecord(b"x" * 800_000, 1)])
            outcomes.append("appended")
        except LogUnavailable as refused:
            outcomes.append(refused.where)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        threads = [threading.Thread(target=append) for _ in range(5)]
        for thread in threads:
            thread.start()
        while len(outcomes) < 4:
            time.sleep(0.01)
        assert outcomes == ["CLOSEDLOOP_LOG_WAITING_MB"] * 4
        other.execute("rollback")
        for thread in threads:
            thread.join()
    assert outcomes[4:] == ["appended"]
    log.append(store.topic, [NewRecord(b"x" * 2_000_000, 1)])  # more than may wait, but it comes alone
    assert log.backlog(store.group, store.topic).records == 2


def fill(log: EventLog, topic: str, each: NewRecord) -> None:
    """Until it is refused."""
    while True:
        log.append(topic, [each])


def test_at_its_limit_it_takes_no_more_until_room_is_made(store: Store) -> None:
    log = store.open(LogOptions(max_mb=2))
    big = NewRecord(b"x" * 100_000, 1)
    with pytest.raises(LogUnavailable, match="limit of 2 MiB") as refused:
        fill(log, store.topic, big)
    assert "CLOSEDLOOP_LOG_RETENTION_DAYS" in refused.value.help
    kept = log.backlog(store.group, store.topic).records
    assert 10 < kept < 21
    log.append(store.topic, [record("small ones still fit")])
    assert log.remove([store.topic], pause()) == 0
    commit_all(store, log, kept + 1)
    assert log.remove([store.topic], pause()) == kept + 1
    for _ in range(kept):
        log.append(store.topic, [big])
    assert log.backlog(store.group, store.topic) == Backlog(kept, kept)


def test_one_that_finds_no_room_does_not_hold_up_the_others(store: Store, path: Path) -> None:
    """They share a transaction: all wait for the same lock, and are written when it is free."""
    log = store.open(LogOptions(max_mb=1))
    sizes = [900_000, 2_000_000, 900, 9_000_000, 9]
    outcomes: dict[int, bool] = {}

    def append(size: int) -> None:
        try:
            log.append(store.topic, [NewRecord(b"x" * size, 1)])
            outcomes[size] = True
        except LogUnavailable:
            outcomes[size] = False

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        threads = [threading.Thread(target=append, args=(size,)) for size in sizes]
        for thread in threads:
            thread.start()
        other.execute("rollback")
        for thread in threads:
            thread.join()
    assert outcomes == {size: size < 1_000_000 for size in sizes}


def test_room_of_removed_records_is_used_again(store: Store, path: Path) -> None:
    log = store.open()
    for _ in range(10):
        log.append(store.topic, [NewRecord(os.urandom(50_000), 1) for _ in range(40)])
        commit_all(store, log, 40)
        log.remove([store.topic], pause())
    log.close()
    assert path.stat().st_size < 3 * 40 * 50_000
