"""A grown installation: Kafka, a warehouse over HTTP, PostgreSQL, and every role a process of its own."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from collectors.sample import SAMPLED
from tests.api.cli.closedloop import closedloop, closedloop_process, serving, start
from tests.api.test_collect import READ, WRITE, lead
from tests.api.test_service import await_that, send, status
from tests.kafka_fixture import Broker
from tests.ports import free_port
from tests.warehouses import clickhouse_front

pytestmark = pytest.mark.kafka

REPORT = "/api/reports/romi?by=channel,month&from=2026-01-01&to=2026-06-30&model=linear"


@dataclass
class Installation:
    """Processes that share three stores, all of them on this machine."""

    folder: Path
    broker: Broker
    front_port: int
    database: str
    opened: ExitStack = field(default_factory=ExitStack)
    warehouse: "subprocess.Popen[str]" = field(init=False)

    def __post_init__(self) -> None:
        self.run_warehouse()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "CLOSEDLOOP_LOG": f"kafka://{self.broker.servers}",
            "CLOSEDLOOP_WAREHOUSE": f"clickhouse://127.0.0.1:{self.front_port}/default",
            "CLOSEDLOOP_DATABASE": self.database,
            "CLOSEDLOOP_LOAD_INTERVAL_MS": "50",
        }

    def run_warehouse(self) -> None:
        self.warehouse = self.opened.enter_context(clickhouse_front(self.folder / "front", self.front_port))

    def run(self, role: str) -> "subprocess.Popen[str]":
        """A role that nobody connects to."""
        process = start(self.folder, "serve", "--role", role, **self.environment)
        self.opened.callback(end, process)
        return process

    def serve(self, role: str) -> str:
        """The address of a role that answers over HTTP."""
        _, address = self.opened.enter_context(serving(self.folder, "--role", role, **self.environment))
        return address


def end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    out, problems = process.communicate(timeout=60)
    assert process.returncode in (0, -9), problems
    assert "Traceback" not in out + problems, problems


@pytest.fixture
def installation(tmp_path: Path, own_broker: Broker, postgres_address: str) -> Iterator[Installation]:
    grown = Installation(tmp_path, own_broker, free_port(), postgres_address)
    with grown.opened:
        yield grown


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The folder of a small holding's half year."""
    small = ("--dealers", "4", "--months", "6", "--until", "2026-06-30")
    written = closedloop_process(tmp_path, "sample", "--out", "sample", *small)
    assert written.code == 0, written.problems
    return tmp_path / "sample"


def collect(collector: str, folder: Path) -> None:
    for family in SAMPLED:
        lines = (folder / f"{family}.ndjson").read_bytes()
        answer = httpx.post(f"{collector}/collect/{family}", content=lines, headers=WRITE, timeout=120)
        assert answer.status_code == 202, answer.text
        assert answer.json()["rejected"] == []


def report(web: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{web}{REPORT}", headers=READ, timeout=30).raise_for_status().json()
    return {"items": found["items"], "totals": found["totals"]}


def test_it_reports_the_same_as_the_embedded_one(installation: Installation, tmp_path: Path, sample: Path) -> None:
    """Two loaders share the log; one of them, and the worker, are killed on the way and replaced."""
    grown, reference = installation, str(sample / "reference.json")
    assert closedloop(tmp_path, "reference", "set", reference, **grown.environment).code == 0
    collector, web = grown.serve("collector"), grown.serve("web")
    doomed = [grown.run("loader"), grown.run("worker")]
    for role in ("loader", "scheduler"):
        grown.run(role)
    collect(collector, sample)
    await_that(lambda: loaded(web)["touches"] > 0, "the first load")
    for process in doomed:
        process.kill()
    grown.run("worker")
    await_that(lambda: bool(status(web)["fresh"]), "fresh")
    told, counted = report(web), loaded(web)
    assert len(told["items"]) > 30
    embedded = tmp_path / "embedded"
    embedded.mkdir()
    with serving(embedded) as (_, address):
        assert closedloop(embedded, "reference", "set", reference).code == 0
        collect(address, sample)
        await_that(lambda: bool(status(address)["fresh"]), "fresh")
        assert loaded(address) == counted
        assert report(address) == told


def test_a_broker_that_goes_away_and_comes_back(installation: Installation) -> None:
    """The collector says 503 and when to come again; nothing it acknowledged is lost, and loading goes on."""
    grown = installation
    collector, web = grown.serve("collector"), grown.serve("web")
    loader = grown.run("loader")
    send(collector, lead(1))
    await_that(lambda: loaded(web)["leads"] == 1, "loaded")
    grown.broker.kill()
    try:
        refused = httpx.post(f"{collector}/collect/leads", json=[lead(2)], headers=WRITE, timeout=60)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.json()["error"]["code"] == "log_unavailable"
        assert httpx.get(f"{collector}/healthz", timeout=60).status_code == 200
    finally:
        grown.broker.start()
    await_that(lambda: accepted(collector, lead(2)), "accepted")
    await_that(lambda: loaded(web)["leads"] == 2, "loaded")
    assert loader.poll() is None


def test_a_warehouse_that_goes_away_and_comes_back(installation: Installation) -> None:
    """Collecting goes on without it; pages say so; once it is back, what came meanwhile is loaded."""
    grown, warehouse = installation, installation.warehouse
    collector, web = grown.serve("collector"), grown.serve("web")
    roles = [grown.run(role) for role in ("loader", "scheduler", "worker")]
    send(collector, lead(1))
    await_that(lambda: bool(status(web)["fresh"]), "fresh")
    warehouse.kill()
    warehouse.wait()
    for number in range(2, 30):
        send(collector, lead(number))
    answer = httpx.get(f"{web}{REPORT}", headers=READ, timeout=60)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "warehouse_unavailable"
    grown.run_warehouse()
    await_that(lambda: bool(status(web)["fresh"]), "fresh again")
    assert loaded(web)["leads"] == 29
    assert [process.poll() for process in roles] == [None] * 3


def test_a_database_that_is_gone_is_said(installation: Installation) -> None:
    elsewhere = {"CLOSEDLOOP_DATABASE": f"postgresql+psycopg://u:secret-word@127.0.0.1:{free_port()}/closedloop"}
    ran = closedloop_process(installation.folder, "serve", "--role", "worker", **installation.environment | elsewhere)
    assert ran.code == 1
    assert ran.problems.startswith("The operational database cannot be used: ")
    assert "secret-word" not in ran.problems


def accepted(collector: str, event: dict[str, Any]) -> bool:
    answer = httpx.post(f"{collector}/collect/leads", json=[event], headers=WRITE, timeout=60)
    return answer.status_code == 202


def loaded(address: str) -> Counter[str]:
    answer = httpx.get(f"{address}/api/status", headers=READ, timeout=60)
    families = answer.json()["families"] if answer.status_code == 200 else {}
    return Counter({family: figures["loaded"] for family, figures in families.items()})
