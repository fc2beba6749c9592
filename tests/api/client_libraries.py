"""Client libraries as their makers ship them, each in a program of its own that tests start."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.debian import installing, program

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "tests" / "clients"
KEPT = ROOT / ".tools" / "node"

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Library:
    """`options` go into what the program reads, `environment` into its environment."""

    name: str
    script: str
    options: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def send(self, host: str, calls: list[Call], write_key: str = "w", flush_at: int = 50) -> list[str]:
        """Send all and wait until the library is done; the failures that it reports."""
        told = {"host": host, "writeKey": write_key, "flushAt": flush_at, "calls": calls, **self.options}
        ran = subprocess.run(
            self._command(),
            input=json.dumps(told),
            text=True,
            capture_output=True,
            check=False,
            timeout=120,
            env=os.environ | {"CLIENTS": str(KEPT)} | self.environment,
        )
        assert ran.returncode == 0, ran.stderr
        failures: list[str] = json.loads(ran.stdout.splitlines()[-1])
        return failures

    def _command(self) -> list[str]:
        script = str(PROGRAMS / self.script)
        if script.endswith(".py"):
            return [sys.executable, script]
        return [node_with_clients(), script]


SEGMENT_PYTHON = Library("segment-analytics-python", "send_segment.py")
SEGMENT_PYTHON_GZIP = Library("segment-analytics-python, gzip", "send_segment.py", {"gzip": True})
SEGMENT_NODE = Library("@segment/analytics-node", "send_segment.mjs")
RUDDERSTACK_PYTHON = Library("rudder-sdk-python", "send_rudderstack.py")
RUDDERSTACK_NODE = Library("@rudderstack/rudder-sdk-node", "send_rudderstack.mjs")
POSTHOG = Library("posthog", "send_posthog.py", {"gzip": True})
POSTHOG_SECOND = Library("posthog, second protocol", "send_posthog.py", environment={"POSTHOG_CAPTURE_MODE": "v1"})
POSTHOG_FLAGS = Library("posthog, flags", "send_posthog.py", {"flags": True})
SNOWPLOW = Library("snowplow-tracker", "send_snowplow.py")
SNOWPLOW_PIXEL = Library("snowplow-tracker, pixel", "send_snowplow.py", {"pixel": True})


@cache
def node_with_clients() -> str:
    """The path of Node, once the libraries of `package.json` are there. Missing ones fail in CI, else they skip."""
    node, npm = program("node", "nodejs"), program("npm", "npm")
    with installing():
        _install_clients(npm)
    return node


def _install_clients(npm: str) -> None:
    lock = (PROGRAMS / "package-lock.json").read_bytes()
    installed = KEPT / "installed-lock.json"
    if not installed.exists() or installed.read_bytes() != lock:
        KEPT.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PROGRAMS / name, KEPT)
        install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        ran = subprocess.run(install, cwd=KEPT, check=False, capture_output=True, text=True, timeout=600)
        if ran.returncode:
            reason = f"the Node libraries cannot be installed: {ran.stderr.strip()[-500:]}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        installed.write_bytes(lock)
