"""The service as a process: it tells how far events have come, stops cleanly, and keeps what it acknowledged."""

import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.api.cli.closedloop import closedloop_process, serving
from tests.api.test_collect import READ, WRITE, lead
from tests.ports import free_port

KILLS = 6


def await_that(holds: Callable[[], bool], what: str) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError(what)


def status(address: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{address}/api/status", headers=READ, timeout=60).json()
    return found


def send(address: str, *leads: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.post(f"{address}/collect/leads", json=list(leads), headers=WRITE, timeout=10)
    assert answer.status_code == 202
    told: dict[str, Any] = answer.json()
    return told


def test_status_says_how_far_events_have_come(tmp_path: Path) -> None:
    with serving(tmp_path, CLOSEDLOOP_LOAD_INTERVAL_MS="10") as (_, address):
        assert status(address)["run"] is None
        assert not status(address)["fresh"]
        send(address, lead(1), lead(2, kind="fax"))
        assert not status(address)["fresh"]
        await_that(lambda: bool(status(address)["fresh"]), "fresh")
        found = status(address)
        assert found["families"]["leads"] == {
            "accepted": 1, "loaded": 1, "waiting": 0, "waiting_records": 0, "attributed": True, "rejected": 1,
        }  # fmt: skip
        first = found["run"]["number"]
        send(address, lead(1, status="qualified"), lead(3))
        assert not status(address)["fresh"]
        await_that(lambda: bool(status(address)["fresh"]), "fresh again")
        assert status(address)["run"]["number"] > first
        assert status(address)["families"]["leads"]["loaded"] == 2


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_goes_on_with_what_it_has(tmp_path: Path, word: signal.Signals) -> None:
    with serving(tmp_path) as (process, address):
        send(address, *(lead(number) for number in range(50)))
        process.send_signal(word)
        out, problems = process.communicate(timeout=60)
    assert process.returncode == 0, problems
    assert out.endswith("Stopped.\n")
    assert "Traceback" not in problems
    with serving(tmp_path) as (_, address):
        await_that(lambda: bool(status(address)["fresh"]), "fresh")
        assert status(address)["families"]["leads"]["loaded"] == 50


def test_it_stops_cleanly_in_the_middle_of_a_run(tmp_path: Path) -> None:
    with serving(tmp_path, CLOSEDLOOP_LOAD_INTERVAL_MS="10") as (process, address):
        send(address, *(lead(number, phone=f"+7900{number:07}") for number in range(20_000)))
        await_that(lambda: not status(address)["families"]["leads"]["waiting_records"], "loaded")
        time.sleep(random.Random(1).uniform(1.5, 2.5))  # the scheduler asks every two seconds
        process.send_signal(signal.SIGTERM)
        _, problems = process.communicate(timeout=60)
    assert process.returncode == 0, problems
    assert "Traceback" not in problems
    with serving(tmp_path) as (_, address):
        await_that(lambda: bool(status(address)["fresh"]), "fresh")
        assert status(address)["families"]["leads"]["loaded"] == 20_000


def test_what_was_acknowledged_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    """Senders that get no answer send the same events again, as they should; each event counts once."""
    chance = random.Random(5)
    acknowledged: set[int] = set()
    sent: list[int] = []
    for round_number in range(KILLS):
        with serving(tmp_path, CLOSEDLOOP_LOAD_INTERVAL_MS="10") as (process, address):
            doomed = threading.Timer(chance.uniform(0.2, 1.2), process.kill)
            doomed.start()
            waiting = sorted(set(sent) - acknowledged)
            next_number = 1000 * round_number
            while process.poll() is None:
                batch = waiting or list(range(next_number, next_number + 10))
                sent += batch
                try:
                    told = send(address, *(lead(number) for number in batch))
                except (httpx.HTTPError, OSError):
                    break
                assert told["accepted"] + told["duplicates"] == len(batch)
                acknowledged |= set(batch)
                next_number += 0 if waiting else 10
                waiting = []
            doomed.join()
    assert len(acknowledged) > 10 * KILLS
    with serving(tmp_path) as (_, address):
        if left := sorted(set(sent) - acknowledged):
            send(address, *(lead(number) for number in left))
        await_that(lambda: bool(status(address)["fresh"]), "fresh")
        assert status(address)["families"]["leads"]["loaded"] == len(set(sent))
        assert status(address)["families"]["leads"]["rejected"] == 0


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data", megabytes=48), serving(tmp_path) as (process, address):
        text, number, refused = "x" * 100_000, 0, None
        while refused is None and number < 20_000:
            answer = httpx.post(
                f"{address}/collect/leads", headers=WRITE, timeout=60,
                json=[lead(number + each, properties={"text": text, "n": number + each}) for each in range(5)],
            )  # fmt: skip
            refused = answer if answer.status_code != 202 else None
            number += 5 if answer.status_code == 202 else 0
        assert refused is not None
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.json()["error"]["help"]
        assert number
        assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200
        enlarge(tmp_path / "data", megabytes=512)
        await_that(lambda: accepts(address), "room again")
        await_that(lambda: not status(address)["families"]["leads"]["waiting_records"], "loaded")
        assert status(address)["families"]["leads"]["loaded"] == number + 1
        assert process.poll() is None


def accepts(address: str) -> bool:
    answer = httpx.post(f"{address}/collect/leads", json=[lead(10**6)], headers=WRITE, timeout=60)
    return answer.status_code == 202


class small_disk:  # noqa: N801  # reads as a block
    """A file system of its own of few megabytes, which only root can make: elsewhere the test skips."""

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        self._folder = folder
        self._size = f"size={megabytes}m"

    def __enter__(self) -> None:
        self._folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", self._size, "tmpfs", str(self._folder)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("no file system can be mounted here")

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self._folder)], check=True)


def enlarge(folder: Path, *, megabytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(folder)], check=True)


def test_roles_apart_need_a_warehouse_that_several_can_open(tmp_path: Path) -> None:
    ran = closedloop_process(tmp_path, "serve", "--role", "loader")
    assert ran.code == 1
    assert ran.problems.startswith("Roles can only be separate processes with a ClickHouse server: ")


def test_a_collector_alone_needs_no_warehouse(tmp_path: Path) -> None:
    with serving(tmp_path, "--role", "collector") as (_, address):
        assert send(address, lead(1))["accepted"] == 1
        assert httpx.get(f"{address}/api/status", headers=READ, timeout=60).status_code == 404
        assert (
            closedloop_process(tmp_path, "load", "--drain", CLOSEDLOOP_PORT=str(free_port())).out
            == "1 events loaded.\n"
        )
