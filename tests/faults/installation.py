"""Roles as processes of their own, each of which can be killed at any moment and started again."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

from infra.settings import read_settings
from infra.warehouse import Warehouse, open_warehouse
from tests.api.cli.closedloop import COMMAND, ROOT
from tests.api.test_collect import WRITE
from tests.migrated import lay_tables
from tests.ports import free_port
from tests.warehouses import EMBEDDED, clickhouse_front

ROLES = ("collector", "loader", "worker", "scheduler")


@dataclass
class Installation:
    """`log` and `database` are addresses; the warehouse is ours, and answers over HTTP. Logs are files in `folder`."""

    folder: Path
    log: str
    database: str
    settings: dict[str, str] = field(default_factory=dict)
    killed: "Counter[str]" = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._port, self._front_port = free_port(), free_port()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._opened = ExitStack()
        lay_tables(self.folder / EMBEDDED["http"])
        self.start_warehouse()

    @property
    def collector(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self, *roles: str) -> None:
        for role in roles:
            with (self.folder / f"{role}.out").open("ab") as out:
                self._processes[role] = subprocess.Popen(
                    [*COMMAND, "serve", "--role", role],
                    stdout=out,
                    stderr=out,
                    cwd=self.folder,
                    env=self._environment(),
                )

    def kill(self, role: str) -> None:
        """At once, as a power cut would, if it is not dead already."""
        self._processes[role].kill()
        self._processes[role].wait()
        self.killed[role] += 1

    def stop(self, *roles: str) -> None:
        """Those of them that run, after what they are at."""
        running = [self._processes.pop(role) for role in roles if role in self._processes]
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)

    def await_collector(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{self.collector}/healthz", timeout=5).raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the collector does not answer")

    def await_workers(self) -> None:
        """Until the roles that only work say so: before that, they need their stores, and end where one is away."""
        deadline = time.monotonic() + 120
        for role in self._processes.keys() - {"collector"}:
            while "At work" not in (self.folder / f"{role}.out").read_text():
                assert time.monotonic() < deadline, f"the {role} does not begin"
                time.sleep(0.1)

    def start_warehouse(self) -> None:
        self._front = self._opened.enter_context(clickhouse_front(self.folder / EMBEDDED["http"], self._front_port))

    def kill_warehouse(self) -> None:
        self._front.kill()
        self._front.wait()
        self.killed["warehouse"] += 1

    @contextmanager
    def warehouse(self) -> Iterator[Warehouse]:
        opened = open_warehouse(read_settings(data=self.folder, warehouse=self._warehouse_address, _env_file=None))
        try:
            yield opened
        finally:
            opened.close()

    def run(self, *words: str) -> str:
        """A command's output."""
        ran = subprocess.run(
            [*COMMAND, *words], capture_output=True, text=True, cwd=self.folder, env=self._environment(), timeout=120
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def troubles(self) -> list[str]:
        """Lines of the roles' logs that begin a traceback: there must be none, whatever happened to their stores."""
        lines = [line for path in self.folder.glob("*.out") for line in path.read_text().splitlines()]
        return [line for line in lines if "Traceback" in line]

    def close(self) -> None:
        self.stop(*ROLES)
        self._opened.close()

    @property
    def _warehouse_address(self) -> str:
        return f"clickhouse://127.0.0.1:{self._front_port}/default"

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "CLOSEDLOOP_DATA": str(self.folder / "data"),
            "CLOSEDLOOP_PORT": str(self._port),
            "CLOSEDLOOP_WRITE_KEY": WRITE["Authorization"].removeprefix("Bearer "),
            "CLOSEDLOOP_API_KEY": "r",
            "CLOSEDLOOP_LOG": self.log,
            "CLOSEDLOOP_WAREHOUSE": self._warehouse_address,
            "CLOSEDLOOP_DATABASE": self.database,
            "CLOSEDLOOP_LOAD_INTERVAL_MS": "100",
            **self.settings,
        }
