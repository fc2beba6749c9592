"""What every event log must hold to. Run by `test_local` and `test_kafka`, which supply the `store`."""

import os
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from infra.errors import PartitionLost
from infra.log.base import Backlog, Claim, Consumer, EventLog, Partition, Record
from tests.infra.log.stores import Store, poll_all, record, texts


def claim_of(records: list[Record]) -> Claim:
    return Claim(records[0].partition, records[0].offset, records[-1].offset)


def await_claims(reader: Consumer) -> list[Claim]:
    """What a new reader is told, once it has come to its partitions."""
    deadline = time.monotonic() + 15
    while not (claims := reader.assigned()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return claims


def commit_all(store: Store, log: EventLog, count: int, group: str = "") -> None:
    """Read on for a group, which nobody does at the time, and commit `count` records."""
    reader = store.reader(log, group)
    reader.assigned()
    while count and (records := reader.poll(10, count)):
        claim = claim_of(records)
        reader.claim(claim)
        reader.commit(claim)
        count -= len(records)
    reader.close()
    assert count == 0


def pause() -> datetime:
    """A moment after all that was appended, and before all that will be."""
    time.sleep(0.01)
    moment = datetime.now(UTC)
    time.sleep(0.01)
    return moment


def lines_of(process: "subprocess.Popen[str]") -> list[str]:
    assert process.stdout is not None
    return [line.strip() for line in process.stdout]


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


class LogContract:
    def test_records_come_back_in_order_with_their_counts(self, store: Store) -> None:
        log = store.open()
        before = datetime.now(UTC) - timedelta(seconds=1)
        log.append(store.topic, [record("a", 3), record("b", 1)])
        log.append(store.topic, [record("c", 2)])
        records = poll_all(store.reader(log), 3)
        assert texts(records) == ["a", "b", "c"]
        assert [each.events for each in records] == [3, 1, 2]
        assert [each.offset for each in records] == sorted({each.offset for each in records})
        assert {each.partition.topic for each in records} == {store.topic}
        assert all(before < each.appended_at <= datetime.now(UTC) for each in records)

    def test_an_empty_append_does_nothing(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [])
        assert log.backlog(store.group, store.topic) == Backlog(0, 0)

    def test_bytes_are_kept_as_they_are(self, store: Store) -> None:
        log = store.open()
        values = ['{"name":"Ёлка 🚗 ü"}', '{"a":1}\n{"b":"\u2028"}', "x"]
        log.append(store.topic, [record(each, 2) for each in values])
        assert texts(poll_all(store.reader(log), 3)) == values

    def test_records_of_900_kb_pass(self, store: Store) -> None:
        log = store.open()
        big = [os.urandom(450_000).hex() for _ in range(3)]
        log.append(store.topic, [record(each) for each in big])
        assert texts(poll_all(store.reader(log), 3)) == big

    def test_poll_stops_at_the_number_of_events_but_gives_one_record_at_least(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record("a", 50), record("b", 5), record("c", 5), record("d", 1)])
        reader = store.reader(log)
        reader.assigned()
        assert [texts(reader.poll(5, 10)) for _ in range(3)] == [["a"], ["b", "c"], ["d"]]

    def test_poll_is_empty_after_its_time(self, store: Store) -> None:
        reader = store.reader(store.open())
        reader.assigned()
        began = time.monotonic()
        assert reader.poll(0.3, 10) == []
        assert 0.25 < time.monotonic() - began < 2

    def test_poll_wakes_when_something_comes(self, store: Store) -> None:
        log = store.open()
        reader = store.reader(log)
        reader.assigned()
        reader.poll(0.2, 10)
        timer = threading.Timer(0.3, log.append, (store.topic, [record("a")]))
        timer.start()
        began = time.monotonic()
        assert texts(reader.poll(10, 10)) == ["a"]
        assert time.monotonic() - began < 2
        timer.join()

    def test_what_was_acknowledged_survives_the_death_of_its_writer(self, store: Store) -> None:
        with store.victim("append", "v", "100000") as process:
            for _ in range(20):
                acknowledged = int(line_of(process))
        records = poll_all(store.reader(store.open()), acknowledged + 1)
        assert texts(records)[: acknowledged + 1] == [f"v {number}" for number in range(acknowledged + 1)]

    def test_a_claim_survives_the_death_of_its_reader(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record(each) for each in "abcde"])
        with store.victim("claim", "3") as process:
            first, last = map(int, line_of(process).split())
        reader = store.reader(log)
        claims = await_claims(reader)
        assert claims == [Claim(Partition(store.topic, 0), first, last)]
        assert texts(reader.read(claims[0])) == ["a", "b", "c"]
        reader.commit(claims[0])
        assert texts(poll_all(reader, 2)) == ["d", "e"]
        assert reader.assigned() == []

    def test_nothing_comes_of_a_partition_until_its_left_claim_is_read(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record(each) for each in "abc"])
        former = store.reader(log)
        former.assigned()
        former.claim(claim_of(former.poll(5, 2)))
        former.close()
        reader = store.reader(log)
        (claim,) = await_claims(reader)
        assert reader.poll(0.3, 10) == []
        assert texts(reader.read(claim)) == ["a", "b"]
        assert texts(poll_all(reader, 1)) == ["c"]

    def test_who_follows_goes_on_behind_the_last_commit(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record(each) for each in "abcd"])
        former = store.reader(log)
        former.assigned()
        claim = claim_of(former.poll(5, 2))
        former.claim(claim)
        former.commit(claim)
        former.poll(5, 1)
        former.close()
        reader = store.reader(store.open())
        assert reader.assigned() == []
        assert texts(poll_all(reader, 2)) == ["c", "d"]

    def test_groups_do_not_know_each_other(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record("a"), record("b")])
        for group in ("one", "other"):
            assert texts(poll_all(store.reader(log, store.group + group), 2)) == ["a", "b"]

    def test_only_its_owner_may_claim_or_commit(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record("a")])
        owner, stranger = store.reader(log), store.reader(log)
        claim = claim_of(poll_all(owner, 1))
        with pytest.raises(PartitionLost):
            stranger.claim(claim)
        with pytest.raises(PartitionLost):
            stranger.commit(claim)
        with pytest.raises(PartitionLost):
            stranger.read(claim)
        owner.claim(claim)
        owner.commit(claim)

    def test_two_readers_of_a_group_finish_each_record_once(self, store: Store) -> None:
        log = store.open()
        total = 60
        log.append(store.topic, [record(str(number)) for number in range(total)])
        finished: list[str] = []
        readers = [store.reader(log), store.reader(log)]
        threads = [threading.Thread(target=work, args=(each, finished, total)) for each in readers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(finished, key=int) == [str(number) for number in range(total)]

    def test_a_run_that_skips_records_is_refused(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record("a"), record("b")])
        reader = store.reader(log)
        reader.assigned()
        reader.poll(5, 1)
        later = claim_of(reader.poll(5, 1))
        with pytest.raises(ValueError, match="rewind first"):
            reader.claim(later)

    def test_rewinding_brings_back_what_was_not_committed(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record(each) for each in "abc"])
        reader = store.reader(log)
        reader.assigned()
        done = claim_of(reader.poll(5, 1))
        reader.claim(done)
        reader.commit(done)
        reader.poll(5, 1)
        reader.rewind()
        assert reader.assigned() == []
        begun = claim_of(reader.poll(5, 1))
        reader.claim(begun)
        reader.rewind()
        assert reader.assigned() == [begun]
        assert texts(reader.read(begun)) == ["b"]
        reader.commit(begun)
        assert texts(poll_all(reader, 1)) == ["c"]

    def test_backlog_counts_what_is_not_committed(self, store: Store) -> None:
        log = store.open()
        assert log.backlog(store.group, store.topic) == Backlog(0, 0)
        log.append(store.topic, [record("a", 10), record("b", 20), record("c", 5)])
        assert log.backlog(store.group, store.topic) == Backlog(3, 35)
        reader = store.reader(log)
        reader.assigned()
        claim = claim_of(reader.poll(5, 1))
        reader.claim(claim)
        assert log.backlog(store.group, store.topic) == Backlog(3, 35)
        reader.commit(claim)
        assert log.backlog(store.group, store.topic) == Backlog(2, 25)
        assert log.backlog(store.group + "other", store.topic) == Backlog(3, 35)

    def test_many_threads_lose_nothing_and_keep_their_order(self, store: Store) -> None:
        log = store.open()

        def append(name: int) -> None:
            for number in range(0, 50, 2):
                log.append(store.topic, [record(f"{name} {number}"), record(f"{name} {number + 1}")])

        threads = [threading.Thread(target=append, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        got = [each.split() for each in texts(poll_all(store.reader(log), 400))]
        for name in range(8):
            assert [int(number) for who, number in got if who == str(name)] == list(range(50))


def work(reader: Consumer, finished: list[str], total: int) -> None:
    """What a loader does, in small runs, until all is finished."""
    deadline = time.monotonic() + 25
    while len(finished) < total and time.monotonic() < deadline:
        try:
            for claim in reader.assigned():
                begun = reader.read(claim)
                reader.commit(claim)
                finished += texts(begun)
            if records := reader.poll(0.2, 5):
                claim = claim_of(records)
                reader.claim(claim)
                reader.commit(claim)
                finished += texts(records)
        except PartitionLost:
            continue
