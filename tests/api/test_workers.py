"""Several collectors behind one port: one that is killed is replaced, and none outlives the service."""

import os
import signal
import socket
from pathlib import Path

import httpx2 as httpx

from tests.api.cli.closedloop import serving
from tests.api.test_collect import WRITE, lead
from tests.api.test_service import await_that

TWO = {"CLOSEDLOOP_COLLECTOR_WORKERS": "2"}


def workers_of(process: int) -> set[int]:
    """The processes that it started and that take events: the resource tracker of Python is another one."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return {int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()}


def accepts(address: str, number: int) -> bool:
    try:
        answer = httpx.post(f"{address}/collect/leads", json=lead(number), headers=WRITE, timeout=10)
    except httpx.HTTPError:
        return False
    return answer.status_code == 202


def is_free(address: str) -> bool:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return bool(probe.connect_ex((host, int(port))))


def test_a_killed_worker_is_replaced_and_the_others_go_on(tmp_path: Path) -> None:
    with serving(tmp_path, "--role", "collector", **TWO) as (process, address):
        first, other = workers_of(process.pid)
        os.kill(first, signal.SIGKILL)
        await_that(lambda: accepts(address, 1), "an answer")
        await_that(lambda: len(workers_of(process.pid) - {first}) == 2, "a new worker")
        assert other in workers_of(process.pid)
        process.terminate()
        out, problems = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.endswith("Stopped.\n")
    assert "Traceback" not in problems
    assert is_free(address)


def test_workers_do_not_outlive_a_killed_service(tmp_path: Path) -> None:
    with serving(tmp_path, "--role", "collector", **TWO) as (process, address):
        process.kill()
        process.wait()
        await_that(lambda: is_free(address), "the port")


def test_workers_that_cannot_begin_end_the_service_with_their_words(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    log = f"local://{tmp_path / 'log.db'}"
    with serving(tmp_path, "--role", "collector", CLOSEDLOOP_LOG=log, **TWO) as (_, address):
        answer = httpx.post(f"{address}/collect/leads", json=lead(1), headers=WRITE, timeout=10)
        assert answer.status_code == 503
