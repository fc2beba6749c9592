"""Kafka on three brokers with three copies of each topic: one may be away; with two away senders are refused."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.api.test_collect import WRITE, lead
from tests.faults.installation import Installation
from tests.faults.test_killed import assert_well, await_progress, await_refusal, sending
from tests.kafka_fixture import Cluster

pytestmark = pytest.mark.kafka

_MOST_SECONDS = 40.0  # twice what an append may take where a client must be made anew, on a machine that is busy


@pytest.fixture
def grown(tmp_path: Path, kafka_cluster: Cluster, postgres_address: str) -> Iterator[Installation]:
    settings = {"CLOSEDLOOP_KAFKA_REPLICATION": "3"}
    log = f"kafka://{kafka_cluster.servers}"
    with closing(Installation(tmp_path, log, postgres_address, settings)) as installation:
        installation.start("collector", "loader")
        installation.await_collector()
        yield installation


def test_one_may_be_away_and_two_are_told(grown: Installation, kafka_cluster: Cluster) -> None:
    with sending(grown) as work:
        await_progress(work)
        kafka_cluster.kill(1)
        await_progress(work, 2000)
        kafka_cluster.kill(2)
        await_refusal(work)
        assert_refused_in_time(grown)
        kafka_cluster.start()
        await_progress(work)
    assert_well(grown, work)


def assert_refused_in_time(grown: Installation) -> None:
    """A topic that was not written to before needs more of the brokers: that does not hang either."""
    answer = httpx.post(f"{grown.collector}/collect/leads", json=lead(1), headers=WRITE, timeout=_MOST_SECONDS)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["error"]["code"] == "log_unavailable"
