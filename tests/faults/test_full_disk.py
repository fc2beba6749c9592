"""A collector whose disk is full says so; nothing it acknowledged is lost, and it goes on once there is room."""

import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import orjson
import pytest

from infra.clock import SystemClock
from infra.log.local import LocalLog
from tests.api.cli.closedloop import serving
from tests.api.test_collect import WRITE, lead

_LIMIT = 4_000_000
_TEXT = "x" * 7_000


@dataclass
class SmallDisk:
    """`fill` takes the room away from a process whose log lies in `folder`, and `free` gives it back."""

    folder: Path
    fill: Callable[[int], None]
    free: Callable[[int], None]


@pytest.fixture(params=["file system", "file size"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk]:
    """Two ways to be without room: the second one needs no right to mount anything."""
    with ExitStack() as opened:
        yield _mounted(tmp_path / "disk", opened) if request.param == "file system" else _limited(tmp_path)


def _mounted(folder: Path, opened: ExitStack) -> SmallDisk:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here: a limit on the size of files is tested instead")
    opened.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=True)
    ballast = folder / "ballast"

    def fill(_: int) -> None:
        ballast.write_bytes(bytes(_LIMIT))

    return SmallDisk(folder, fill, free=lambda _: ballast.unlink())


def _limited(folder: Path) -> SmallDisk:
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(process: int, size: int) -> None:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, most))

    return SmallDisk(folder, fill=lambda process: limit(process, _LIMIT), free=lambda process: limit(process, most))


def post(address: str, *events: dict[str, Any]) -> httpx.Response:
    return httpx.post(f"{address}/collect/leads", json=events, headers=WRITE, timeout=60)


def big(number: int) -> list[dict[str, Any]]:
    return [lead(number * 100 + part, product=_TEXT) for part in range(20)]


def send_until_refused(address: str) -> tuple[list[str], httpx.Response]:
    """The ids that were acknowledged, and the refusal."""
    acknowledged: list[str] = []
    for number in range(500):
        events = big(number)
        answer = post(address, *events)
        if answer.status_code != 202:
            return acknowledged, answer
        acknowledged += [event["id"] for event in events]
    raise AssertionError("it never was full")


def ids_in(log: Path) -> list[str]:
    with closing(LocalLog(log, SystemClock())) as opened, closing(opened.consumer("test", ["leads"])) as reader:
        lines = [line for record in reader.poll(1, 10**6) for line in record.value.split(b"\n")]
    return [orjson.loads(line)["id"] for line in lines]


def test_it_says_that_it_is_full_and_goes_on_once_there_is_room(disk: SmallDisk, tmp_path: Path) -> None:
    log = disk.folder / "log.db"
    with serving(tmp_path, "--role", "collector", CLOSEDLOOP_LOG=f"local://{log}") as (process, address):
        disk.fill(process.pid)
        before, refusal = send_until_refused(address)
        assert before
        assert refusal.status_code == 503
        assert int(refusal.headers["Retry-After"]) > 0
        assert refusal.json()["error"]["code"] == "log_unavailable"
        assert "disk" in refusal.json()["error"]["help"]
        assert post(address, *big(1000)).status_code == 503
        disk.free(process.pid)
        after = big(2000)
        assert post(address, *after).status_code == 202
        process.kill()
    found = ids_in(log)
    assert len(found) == len(set(found))
    assert {*before, *(event["id"] for event in after)} <= set(found)
