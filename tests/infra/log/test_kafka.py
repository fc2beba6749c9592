import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, MemberToRemove

from infra.clock import SystemClock
from infra.errors import LogUnavailable, PartitionLost
from infra.log import LogOptions
from infra.log.base import NewRecord
from infra.log.kafka import KafkaLog
from infra.log.kafka_cluster import RECORD_BYTES
from tests.infra.log.contract import LogContract, await_claims, claim_of, line_of
from tests.infra.log.keeping_contract import KeepingContract
from tests.infra.log.stores import ROOT, Store, poll_all, record, texts
from tests.kafka_fixture import Broker
from tests.ports import free_port

pytestmark = pytest.mark.kafka


@pytest.fixture
def store(kafka_servers: str) -> Iterator[Store]:
    with ExitStack() as opened:
        yield Store(f"kafka://{kafka_servers}", opened)


class TestKafkaLog(LogContract, KeepingContract):
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
    log = KafkaLog(kafka_servers, SystemClock(), partitions=4, session_timeout=6)
    store.opened.callback(log.close)
    for number in range(40):  # an append each: the producer keeps to one partition within a batch
        log.append(store.topic, [record(str(number))])
    first = store.reader(log)
    seen = {each.partition for each in poll_all(first, 40)}
    assert len(seen) == 4
    second = store.reader(log)
    deadline = time.monotonic() + 15
    while not (shared := second.poll(0.2, 1000)) and time.monotonic() < deadline:
        first.poll(0.2, 1000)
    assert {each.partition for each in shared} < seen
    assert set(first.revoked()) == seen
    second.close()
    again = poll_all(first, 40)
    assert {each.partition for each in again} == seen


def test_an_unreachable_broker_is_told() -> None:
    ran = _run_apart("from tests.infra.log.stores import open_store", f"open_store('kafka://127.0.0.1:{free_port()}')")
    assert "infra.errors.LogUnavailable: The event log (Kafka at 127.0.0.1:" in ran.stderr
    assert "does not answer as it should" in ran.stderr


def test_the_log_recovers_from_a_broker_that_was_killed(store: Store, kafka_broker: Broker) -> None:
    with store.victim("outlive") as process:
        assert process.stdin is not None
        assert line_of(process) == "claimed"
        kafka_broker.kill()
        try:
            print("go on", file=process.stdin, flush=True)
            assert [line_of(process) for _ in range(3)] == ["told"] * 3
        finally:
            kafka_broker.start()
        print("go on", file=process.stdin, flush=True)
        assert line_of(process) in ("before after", "before during after")
        assert line_of(process) == "0"


def test_a_producer_that_another_thread_gives_up_is_an_unavailable_log(store: Store) -> None:
    log = store.open()
    refused = NewRecord(bytes(RECORD_BYTES + 1), 1)

    def append(number: int) -> str:
        try:
            log.append(store.topic, [refused if number % 25 == 0 else record(str(number))])
        except LogUnavailable:
            return ""
        return str(number)

    with ThreadPoolExecutor(8) as pool:
        acknowledged = set(filter(None, pool.map(append, range(1000))))
    reader = store.reader(log)
    stored: set[str] = set()
    while not acknowledged <= stored and (records := reader.poll(10, 1000)):
        stored |= set(texts(records))
    assert acknowledged <= stored
    assert len(acknowledged) > 100


def test_topics_are_made_as_the_options_say(store: Store, kafka_servers: str) -> None:
    name = f"closedloop.{store.topic}"
    with closing(KafkaLog(kafka_servers, SystemClock(), LogOptions(replication=1, min_insync=2), partitions=2)) as log:
        log.append(store.topic, [record("a")])
    admin = KafkaAdminClient(bootstrap_servers=kafka_servers)
    (topic,) = admin.describe_topics([name])
    configs = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])["topic"][name]
    admin.close()
    assert [len(each["replica_nodes"]) for each in topic["partitions"]] == [1, 1]
    assert configs["min.insync.replicas"]["value"] == "2"
    assert configs["retention.ms"]["value"] == "-1"


@pytest.mark.parametrize(
    ("replication", "min_insync", "needed"),
    [(0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 2), (5, 0, 4), (3, 3, 3), (2, 2, 2)],
)
def test_of_three_copies_one_may_be_away(replication: int, min_insync: int, needed: int) -> None:
    assert LogOptions(replication=replication, min_insync=min_insync).copies_needed == needed


def _run_apart(*lines: str) -> "subprocess.CompletedProcess[str]":
    """In a process of its own: kafka-python leaves sockets of refused connections unclosed."""
    command = [sys.executable, "-c", "\n".join(lines)]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=60)
