import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.clock import FrozenClock, SystemClock
from infra.errors import InvalidSettings, LogUnavailable, PartitionLost
from infra.log.base import Backlog, Claim, NewRecord, Partition
from infra.log.local import LocalLog
from tests.infra.log.contract import LogContract, claim_of, commit_all, lines_of
from tests.infra.log.keeping_contract import KeepingContract
from tests.infra.log.stores import Store, poll_all, record, texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "log.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with ExitStack() as opened:
        yield Store(f"local://{path}", opened)


class TestLocalLog(LogContract, KeepingContract):
    pass


def test_several_processes_write_one_file_without_gaps(store: Store) -> None:
    with ExitStack() as running:
        processes = [running.enter_context(store.victim("append", str(name), "150")) for name in range(4)]
        assert [len(lines_of(process)) for process in processes] == [150] * 4
    records = poll_all(store.reader(store.open()), 600)
    assert [each.offset for each in records] == list(range(600))
    for name in range(4):
        assert [each for each in texts(records) if each.split()[0] == str(name)] == [
            f"{name} {number}" for number in range(150)
        ]


def test_a_reader_sees_soon_what_another_process_appends(store: Store) -> None:
    reader = store.reader(store.open())
    reader.assigned()
    other = store.open()  # knows nothing of the first log's readers, like another process
    other.append(store.topic, [record("a")])
    began = time.monotonic()
    assert texts(reader.poll(5, 10)) == ["a"]
    assert time.monotonic() - began < 0.5


def test_a_second_reader_waits_until_the_first_is_gone(store: Store) -> None:
    log = store.open()
    first, second = store.reader(log), store.reader(store.open())
    log.append(store.topic, [record("a")])
    assert texts(first.poll(1, 10)) == ["a"]
    assert second.poll(0.2, 10) == []
    first.close()
    assert texts(second.poll(5, 10)) == ["a"]


def test_the_token_holds_where_the_lock_was_deleted(store: Store, path: Path) -> None:
    log = store.open()
    log.append(store.topic, [record("a")])
    former = store.reader(log)
    claim = claim_of(former.poll(1, 10))
    for lock in Path(f"{path}-readers").iterdir():
        lock.unlink()
    successor = store.reader(log)
    assert texts(successor.poll(1, 10)) == ["a"]
    with pytest.raises(PartitionLost):
        former.claim(claim)
    assert former.revoked() == [claim.partition]
    successor.claim(claim)
    successor.commit(claim)
    assert log.backlog(store.group, store.topic) == Backlog(0, 0)


def test_a_busy_topic_does_not_keep_the_others_waiting(store: Store) -> None:
    log = store.open()
    log.append("busy", [record(str(number)) for number in range(10)])
    log.append("quiet", [record("q")])
    with closing(log.consumer(store.group, ["busy", "quiet"])) as reader:
        assert texts(reader.poll(1, 3)) == ["0", "1", "2"]
        assert texts(reader.poll(1, 3)) == ["q", "3", "4"]


def test_a_full_disk_is_told_and_forgotten_once_there_is_space(store: Store) -> None:
    with store.victim("fill") as process:
        told, again = lines_of(process)
    count, sentence = told.split(" ", 1)
    assert int(count) > 0
    assert "cannot be used" in sentence
    assert "disk" in sentence
    assert again == "again"
    records = poll_all(store.reader(store.open()), int(count) + 1)
    assert texts(records[-1:]) == ["after"]
    assert len(records) >= int(count) + 1


def test_times_never_run_backwards_though_clocks_do(path: Path) -> None:
    clock = FrozenClock(datetime(2026, 11, 1, 12, tzinfo=UTC))
    with closing(LocalLog(path, clock)) as log:
        for minutes in (0, 10, -30, 1, 30):
            clock.advance(timedelta(minutes=minutes))
            log.append("touches", [record(str(minutes))])
        with closing(log.consumer("g", ["touches"])) as reader:
            records = poll_all(reader, 5)
            reader.claim(claim_of(records))
            reader.commit(claim_of(records))
        assert [each.appended_at for each in records] == sorted(each.appended_at for each in records)
        assert log.replay("g", ["touches"], datetime(2026, 11, 1, 12, 5, tzinfo=UTC)) == 4


def test_a_file_of_the_first_version_is_taken_over(path: Path, store: Store) -> None:
    log = store.open()
    log.append(store.topic, [record("a"), record("b")])
    commit_all(store, log, 1)
    log.close()
    with closing(sqlite3.connect(path)) as earlier:
        earlier.execute("alter table readings drop column again_until")
        earlier.execute("pragma user_version = 1")
    log = store.open()
    assert log.replay(store.group, [store.topic]) == 1
    assert texts(poll_all(store.reader(log), 2)) == ["a", "b"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LogUnavailable, match="cannot be used") as raised:
        LocalLog(tmp_path / "file" / "log.db", SystemClock())
    assert raised.value.where == "CLOSEDLOOP_LOG"
    assert raised.value.help


def test_a_closed_log_takes_nothing(path: Path) -> None:
    log = LocalLog(path, SystemClock())
    log.close()
    with pytest.raises(LogUnavailable, match="closed"):
        log.append("touches", [record("a")])


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table precious (id)")
    before = path.read_bytes()
    with pytest.raises(InvalidSettings, match="not an event log"):
        LocalLog(path, SystemClock())
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"id;name\n" * 1000)
    with pytest.raises(LogUnavailable, match="damaged") as raised:
        LocalLog(path, SystemClock())
    assert "backup" in raised.value.help


def test_a_newer_file_is_told(path: Path) -> None:
    LocalLog(path, SystemClock()).close()
    with closing(sqlite3.connect(path)) as later:
        later.execute("pragma user_version = 99")
    with pytest.raises(InvalidSettings, match="newer version"):
        LocalLog(path, SystemClock())


def test_a_damaged_file_is_told(store: Store, path: Path) -> None:
    log = store.open()
    log.append(store.topic, [NewRecord(b"x" * 200_000, 1) for _ in range(20)])
    log.close()
    with path.open("r+b") as file:
        file.seek(16_384)
        file.write(b"\xff" * 500_000)
    with pytest.raises(LogUnavailable, match="damaged"), closing(LocalLog(path, SystemClock())) as broken:
        broken.append(store.topic, [record("a")])


def test_only_its_user_may_read_the_file(store: Store, path: Path) -> None:
    store.open()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b"])
def test_names_are_plain_words(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        store.open().append(name, [record("a")])


Sizes = st.lists(st.integers(1, 9), min_size=1, max_size=25)
Steps = st.lists(st.tuples(st.integers(1, 12), st.sampled_from(["commit", "rewind", "crash", "crash in claim"])))


@given(sizes=Sizes, steps=Steps)
@settings(max_examples=40, deadline=None)
def test_whatever_fails_each_record_is_committed_once_in_order(sizes: list[int], steps: list[tuple[int, str]]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(LocalLog(Path(folder) / "log", SystemClock())) as log,
    ):
        log.append("touches", [record(str(index), events) for index, events in enumerate(sizes)])
        done: list[int] = []
        for max_events, step in [*steps, *[(100, "commit")] * 3]:
            done += _take_step(log, max_events, step)
            left = sizes[len(done) :]
            assert log.backlog("g", "touches") == Backlog(len(left), sum(left))
        assert done == list(range(len(sizes)))


def _take_step(log: LocalLog, max_events: int, step: str) -> list[int]:
    """One reader's life; the numbers of the records that it committed."""
    with closing(log.consumer("g", ["touches"])) as reader:
        done = []
        for claim in reader.assigned():
            done += [int(each) for each in texts(reader.read(claim))]
            reader.commit(claim)
        records = reader.poll(0, max_events)
        if step == "rewind":
            reader.rewind()
            assert reader.poll(0, max_events) == records
        if not records or step == "crash":
            return done
        reader.claim(claim_of(records))
        if step == "crash in claim":
            return done
        reader.commit(claim_of(records))
        return done + [int(each) for each in texts(records)]


@given(sizes=Sizes, max_events=st.integers(1, 30))
@settings(max_examples=30, deadline=None)
def test_polls_are_as_long_as_allowed_and_no_longer(sizes: list[int], max_events: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(LocalLog(Path(folder) / "log", SystemClock())) as log,
    ):
        log.append("touches", [record(str(index), events) for index, events in enumerate(sizes)])
        with closing(log.consumer("g", ["touches"])) as reader:
            seen = 0
            while records := reader.poll(0, max_events):
                totals = list(accumulate(each.events for each in records))
                assert all(total < max_events for total in totals[:-1])
                seen += len(records)
                assert totals[-1] >= max_events or seen == len(sizes)


def test_reading_a_claim_of_nothing_gives_nothing(store: Store) -> None:
    log = store.open()
    reader = store.reader(log)
    reader.assigned()
    claim = Claim(Partition(store.topic, 0), 5, 9)
    assert reader.read(claim) == []
    reader.commit(claim)
