"""An installation of processes on Kafka, PostgreSQL and a warehouse over HTTP."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.installation import ROLES, Installation
from tests.kafka_fixture import Broker


@pytest.fixture
def soak_seconds(request: pytest.FixtureRequest) -> float:
    return 60 * float(request.config.getoption("--soak-minutes"))


@pytest.fixture
def grown(tmp_path: Path, own_broker: Broker, postgres_address: str) -> Iterator[Installation]:
    with closing(Installation(tmp_path, f"kafka://{own_broker.servers}", postgres_address)) as installation:
        installation.start(*ROLES)
        installation.await_collector()
        installation.await_workers()
        yield installation
