"""Running commands as a user does, on a data folder of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
from typer.testing import CliRunner

from api.cli.main import app
from tests.migrated import lay_warehouse
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    problems: str


def closedloop(folder: Path, *words: str, **environment: str) -> Ran:
    """Run one command in `folder`, whose data lie in `folder/data` unless the environment says otherwise.

    Where there are no data, it finds migrated stores, unless the environment names a place for them. It runs in this
    process: most of a short command's time is Python's start. An error that it does not expect is ours.
    """
    _lay(folder, environment)
    with chdir(folder):
        ran = CliRunner().invoke(app, words, env=_environment(folder) | environment)
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return Ran(ran.exit_code, ran.stdout, ran.stderr)


def closedloop_process(folder: Path, *words: str, **environment: str) -> Ran:
    """The same, in a process of its own."""
    with start(folder, *words, **environment) as process:
        try:
            out, problems = process.communicate(timeout=120)
        finally:
            process.kill()
    return Ran(process.returncode, out, problems)


def start(folder: Path, *words: str, **environment: str) -> "subprocess.Popen[str]":
    _lay(folder, environment)
    return subprocess.Popen(
        [*COMMAND, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **_environment(folder), **environment},
    )


def _lay(folder: Path, environment: Mapping[str, str]) -> None:
    """Where somebody has put a thing of their own, it stays alone."""
    named = environment.keys() & {"CLOSEDLOOP_DATA", "CLOSEDLOOP_WAREHOUSE", "CLOSEDLOOP_DATABASE"}
    if not named and not (folder / "data").exists():
        lay_warehouse(folder / "data")


def _environment(folder: Path) -> dict[str, str]:
    return {"COLUMNS": "200", "CLOSEDLOOP_DATA": str(folder / "data")}


@contextmanager
def serving(folder: Path, *words: str, **environment: str) -> "Iterator[tuple[subprocess.Popen[str], str]]":
    """A service that answers, and its address; its keys are `w` and `r`. It is stopped at the end of the block."""
    port = environment.pop("CLOSEDLOOP_PORT", None) or str(free_port())
    address = f"http://127.0.0.1:{port}"
    keys = {"CLOSEDLOOP_WRITE_KEY": "w", "CLOSEDLOOP_API_KEY": "r"}
    with start(folder, "serve", *words, CLOSEDLOOP_PORT=port, **keys, **environment) as process:
        try:
            await_answer(process, address)
            yield process, address
        finally:
            process.terminate()
            process.communicate(timeout=60)


def await_answer(process: "subprocess.Popen[str]", address: str) -> None:
    for _ in range(600):
        assert process.poll() is None, process.communicate()
        try:
            httpx.get(f"{address}/healthz", timeout=60).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{address} does not answer")
