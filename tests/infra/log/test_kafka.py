import gc
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove

from infra.clock import SystemClock
from infra.errors import LogUnavailable, PartitionLost
from infra.log.base import Backlog
from infra.log.kafka import KafkaLog
from tests.infra.log.contract import LogContract, await_claims, claim_of, work
from tests.infra.log.stores import Store, poll_all, record, texts
from tests.kafka_fixture import Broker, free_port

pytestmark = pytest.mark.kafka
# kafka-python leaves the sockets of refused connections to the garbage collector.
while_down = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def store(kafka_servers: str) -> Iterator[Store]:
    with ExitStack() as opened:
        yield Store(f"kafka://{kafka_servers}", opened)
    gc.collect()


class TestKafkaLog(LogContract):
    pass


def test_a_reader_thrown_out_of_the_group_is_told(store: Store, kafka_servers: str) -> None:
    log = store.open()
    log.append(store.topic, [record("a"), record("b")])
    reader = store.reader(log)
    reader.assigned()
    claim = claim_of(reader.poll(5, 1))
    reader.claim(claim)
    _throw_out_all(kafka_servers, f"closedloop.{store.group}")
    with pytest.raises(PartitionLost):
        reader.commit(claim)
    assert reader.revoked() == [claim.partition]
    assert texts(poll_all(reader, 1)) == []  # it comes back, but has a claim of ours to deal with first
    assert await_claims(reader) == [claim]
    assert texts(reader.read(claim)) == ["a"]
    reader.commit(claim)
    assert texts(poll_all(reader, 1)) == ["b"]


def _throw_out_all(servers: str, group: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=servers)
    members = admin.describe_groups([group])[group]["members"]
    admin.remove_group_members(group, [MemberToRemove(member_id=each["member_id"]) for each in members])
    admin.close()


def test_partitions_are_shared_and_handed_over(kafka_servers: str, store: Store) -> None:
    log = KafkaLog(kafka_servers, SystemClock(), partitions=4, replication_factor=1, session_timeout=1.5)
    store.opened.callback(log.close)
    log.append(store.topic, [record(str(number)) for number in range(40)])
    first = store.reader(log)
    seen = {each.partition for each in poll_all(first, 40)}
    second = store.reader(log)
    deadline = time.monotonic() + 15
    while not (shared := second.poll(0.2, 1000)) and time.monotonic() < deadline:
        first.poll(0.2, 1000)
    assert {each.partition for each in shared} < seen
    assert set(first.revoked()) == seen
    second.close()
    again = poll_all(first, 40)
    assert {each.partition for each in again} == seen


@while_down
def test_an_unreachable_broker_is_told(store: Store) -> None:
    with pytest.raises(LogUnavailable, match="does not answer") as raised:
        KafkaLog(f"127.0.0.1:{free_port()}", SystemClock(), timeout=1)
    assert "brokers" in raised.value.help


@while_down
def test_the_log_recovers_from_a_broker_that_was_killed(store: Store, kafka_broker: Broker) -> None:
    log = store.open()
    log.append(store.topic, [record("before", 2)])
    reader = store.reader(log)
    reader.assigned()
    before = poll_all(reader, 1)
    reader.claim(claim_of(before))
    kafka_broker.kill()
    try:
        for ask in (
            lambda: log.append(store.topic, [record("during")]),
            lambda: reader.commit(claim_of(before)),
            lambda: log.backlog(store.group, store.topic),
        ):
            began = time.monotonic()
            with pytest.raises(LogUnavailable):
                ask()
            assert time.monotonic() - began < 15
    finally:
        kafka_broker.start()
    log.append(store.topic, [record("after", 3)])
    reader.rewind()
    finished: list[str] = []
    work(reader, finished, log.backlog(store.group, store.topic).records)
    assert finished in (["before", "after"], ["before", "during", "after"])
    assert log.backlog(store.group, store.topic) == Backlog(0, 0)
