"""What every event log must hold to when groups are set back and old records are removed."""

import pytest

from infra.errors import LogHeld
from infra.log.base import Backlog, Claim, Partition
from tests.infra.log.contract import await_claims, claim_of, commit_all, pause
from tests.infra.log.stores import Store, poll_all, record, texts


class KeepingContract:
    def test_a_group_that_is_set_back_reads_again_what_came_since(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record("a"), record("b")])
        between = pause()
        log.append(store.topic, [record("c"), record("d")])
        commit_all(store, log, 4)
        assert log.replay(store.group, [store.topic], between) == 2
        assert log.backlog(store.group, store.topic) == Backlog(2, 2)
        log.append(store.topic, [record("e")])
        reader = store.reader(log)
        assert reader.assigned() == []
        found = poll_all(reader, 3)
        assert [(each.value, each.again) for each in found] == [(b"c", True), (b"d", True), (b"e", False)]
        claim = claim_of(found)
        reader.claim(claim)
        assert [each.again for each in reader.read(claim)] == [True, True, False]
        reader.commit(claim)
        reader.close()
        assert log.replay(store.group, [store.topic]) == 5
        assert texts(poll_all(store.reader(log), 5)) == list("abcde")

    def test_who_dies_in_a_replay_leaves_it_to_the_next(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record(each) for each in "abcd"])
        commit_all(store, log, 3)
        log.replay(store.group, [store.topic])
        former = store.reader(log)
        former.assigned()
        done = claim_of(former.poll(5, 1))
        former.claim(done)
        former.commit(done)
        former.claim(claim_of(former.poll(5, 1)))
        former.close()
        reader = store.reader(log)
        (claim,) = await_claims(reader)
        found = reader.read(claim) + poll_all(reader, 2)
        assert [(each.value, each.again) for each in found] == [(b"b", True), (b"c", True), (b"d", False)]

    def test_a_left_claim_comes_again_record_by_record(self, store: Store) -> None:
        """The run was begun: its records may have been worked on, and the next run may be another one."""
        log = store.open()
        log.append(store.topic, [record(each) for each in "abc"])
        former = store.reader(log)
        former.assigned()
        former.claim(claim_of(former.poll(5, 2)))
        former.close()
        assert log.replay(store.group, [store.topic]) == 0
        reader = store.reader(log)
        assert len(await_claims(reader)) == 1
        reader.read(reader_claim := Claim(Partition(store.topic, 0), 0, 1))
        reader.commit(reader_claim)
        reader.claim(claim_of(poll_all(reader, 1)))
        reader.close()
        assert log.replay(store.group, [store.topic]) == 2
        reader = store.reader(log)
        assert reader.assigned() == []
        assert [(each.value, each.again) for each in poll_all(reader, 3)] == [(b"a", True), (b"b", True), (b"c", True)]

    def test_a_group_is_never_moved_forward(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record("a")])
        assert log.replay(store.group, [store.topic], pause()) == 0
        assert texts(poll_all(store.reader(log), 1)) == ["a"]

    def test_nobody_is_set_back_while_it_reads(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record("a")])
        reader = store.reader(log)
        claim = claim_of(poll_all(reader, 1))
        reader.claim(claim)
        reader.commit(claim)
        with pytest.raises(LogHeld, match="reading") as refused:
            log.replay(store.group, [store.topic])
        assert "loader" in refused.value.help
        assert log.backlog(store.group, store.topic) == Backlog(0, 0)

    def test_only_what_is_old_and_committed_by_all_is_removed(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record(each, 2) for each in "abc"])
        assert log.remove([store.topic], pause()) == 0
        commit_all(store, log, 3)
        commit_all(store, log, 2, store.group + "other")
        old = pause()
        log.append(store.topic, [record("d", 2)])
        commit_all(store, log, 1)
        assert log.remove([store.topic], old) == 2
        assert log.remove([store.topic], old) == 0
        assert log.backlog(store.group, store.topic) == Backlog(0, 0)
        assert log.backlog(store.group + "other", store.topic) == Backlog(2, 4)
        assert log.backlog(store.group + "new", store.topic) == Backlog(2, 4)
        assert log.replay(store.group, [store.topic]) == 2
        for group in ("", store.group + "other", store.group + "new"):
            assert texts(poll_all(store.reader(log, group), 2)) == ["c", "d"]

    def test_a_claims_records_are_not_removed(self, store: Store) -> None:
        log = store.open()
        log.append(store.topic, [record(each) for each in "abc"])
        commit_all(store, log, 1)
        former = store.reader(log)
        former.assigned()
        claim = claim_of(former.poll(5, 1))
        former.claim(claim)
        former.close()
        assert log.remove([store.topic], pause()) == 1
        reader = store.reader(log)
        assert await_claims(reader) == [claim]
        assert texts(reader.read(claim)) == ["b"]
