"""A real Kafka broker for tests: in a container where Docker answers, else a process on this machine."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from testcontainers.community.kafka import KafkaContainer

from tests.ports import free_port
from tests.warehouses import docker_answers

_SCRIPT = Path(__file__).parent.parent / "infra" / "kafka_broker.sh"
_CLUSTER_SCRIPT = _SCRIPT.with_name("kafka_cluster.sh")
_IMAGE = "apache/kafka:4.1.0"


class Broker(Protocol):
    servers: str

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        ...

    def start(self) -> None:
        """Start it again at the same address on the same data."""
        ...

    def close(self) -> None: ...


class ProcessBroker:
    def __init__(self, data: Path) -> None:
        self._data = data
        self._port = free_port()
        self.servers = f"127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        _run(_SCRIPT, "start", str(self._port), str(self._data))

    def kill(self) -> None:
        os.kill(int((self._data / "pid").read_text()), 9)
        wait_until_closed(self._port)

    def close(self) -> None:
        _run(_SCRIPT, "stop", str(self._data))


class ContainerBroker:
    def __init__(self) -> None:
        self._port = free_port()
        self._container = KafkaContainer(_IMAGE).with_kraft().with_bind_ports(9093, self._port)
        self._container.with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
        self._container.with_env("KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "1000")
        self._container.with_env("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
        self._container.start()
        self.servers = self._container.get_bootstrap_server()

    def start(self) -> None:
        self._container.get_wrapped_container().start()

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def close(self) -> None:
        self._container.stop()


class Cluster:
    """Three brokers as processes of this machine, numbered from 1. Topics have three copies; two must have a record."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._ports = [free_port() for _ in range(3)]
        self.servers = _run(_CLUSTER_SCRIPT, "start", *(str(port) for port in self._ports), str(data))

    def kill(self, number: int) -> None:
        """End one at once, as a power cut would."""
        os.kill(int((self._data / str(number) / "pid").read_text()), 9)
        wait_until_closed(self._ports[number - 1])

    def start(self) -> None:
        """Start those again that do not run, at the same addresses on the same data."""
        _run(_CLUSTER_SCRIPT, "start", str(self._data))

    def close(self) -> None:
        _run(_CLUSTER_SCRIPT, "stop", str(self._data))


def _run(script: Path, *words: str) -> str:
    """What the script says last. Raises `RuntimeError` with its reason where it fails."""
    ran = subprocess.run([str(script), *words], check=False, capture_output=True, text=True, timeout=600)
    if ran.returncode:
        raise RuntimeError(ran.stderr.strip()[-1000:])
    return ran.stdout.strip()


def wait_until_closed(port: int) -> None:
    while True:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)):
                return


def _open_broker(data: Path) -> Broker:
    with _or_skip():
        return ContainerBroker() if docker_answers() else ProcessBroker(data)


@contextmanager
def _or_skip() -> Iterator[None]:
    """A broker that cannot be had fails in CI, else it skips."""
    try:
        yield
    except Exception as error:
        reason = f"no Kafka broker: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that a test may kill, if it starts it again. A missing one fails in CI, else it skips."""
    with closing(_open_broker(tmp_path_factory.mktemp("kafka"))) as broker:
        yield broker


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker without topics, for a test of the whole product."""
    with closing(_open_broker(tmp_path / "kafka")) as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka_servers(kafka_broker: Broker) -> str:
    """`host:port` of a real broker."""
    return kafka_broker.servers


@pytest.fixture
def kafka_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three brokers without topics."""
    with _or_skip():
        cluster = Cluster(tmp_path / "kafka")
    with closing(cluster):
        yield cluster
