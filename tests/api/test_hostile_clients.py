"""Clients that are slow, many, cut off or lying: others go on, memory stays bounded, and 202 means what it says."""

import json
import resource
import socket
import sqlite3
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from infra.clock import SystemClock
from infra.log.local import LocalLog
from tests.api.cli.closedloop import serving
from tests.api.test_collect import WRITE, lead
from tests.api.test_service import await_that

SLOW_CLIENTS = 10_000
HEAD = "POST /collect/leads HTTP/1.1\r\nHost: c\r\nAuthorization: Bearer w\r\n"
GONE = suppress(BrokenPipeError, ConnectionResetError)
"""The service closed the connection while its client was still talking."""


class Service:
    """A collector in a process of its own."""

    def __init__(self, folder: Path, process: Any, address: str) -> None:
        self.folder = folder
        self.process = process
        self.address = address
        self._port = int(address.rpartition(":")[2])

    def send(self, *leads: dict[str, Any]) -> httpx.Response:
        return httpx.post(f"{self.address}/collect/leads", json=list(leads), headers=WRITE, timeout=60)

    def connect(self, *sent: bytes) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        for part in sent:
            client.sendall(part)
        return client

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def stored(self) -> list[str]:
        """The ids in the log."""
        with closing(LocalLog(self.folder / "data" / "log.db", SystemClock())) as log:
            consumer = log.consumer("test", ["leads"])
            records = consumer.poll(0.2, 10**9)
            consumer.close()
        return [json.loads(line)["id"] for record in records for line in record.value.split(b"\n")]


@contextmanager
def collector(folder: Path, **environment: str) -> Iterator[Service]:
    with serving(folder, "--role", "collector", **environment) as (process, address):
        yield Service(folder, process, address)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    bounds = {"CLOSEDLOOP_MAX_BODY_MB": "1", "CLOSEDLOOP_MAX_PENDING_MB": "1", "CLOSEDLOOP_REQUEST_SECONDS": "2"}
    with collector(tmp_path_factory.mktemp("service"), **bounds) as opened:
        yield opened


def answer_of(client: socket.socket) -> bytes:
    """All that the service says until it closes the connection."""
    said = b""
    with client, GONE:
        while part := client.recv(65_536):
            said += part
    return said


def half(length: int, sent: bytes) -> bytes:
    """A request that announces `length` bytes and brings fewer."""
    return f"{HEAD}Content-Length: {length}\r\n\r\n".encode() + sent


def test_ten_thousand_slow_clients_keep_nobody_out_and_are_dropped(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < SLOW_CLIENTS + 1000:
        pytest.skip(f"only {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with collector(tmp_path, CLOSEDLOOP_REQUEST_SECONDS="12") as service:
        before = service.memory_mb()
        slow = [service.connect(half(1000, b"[")) for _ in range(SLOW_CLIENTS)]
        for number in range(20):
            for client in slow[number::200]:
                with GONE:
                    client.sendall(b" ")
            assert service.send(lead(number)).json()["accepted"] == 1
        assert service.memory_mb() - before < 600
        assert {answer_of(client)[:12] for client in slow} <= {b"HTTP/1.1 408", b""}
        assert service.send(lead(20)).status_code == 202
        assert service.stored() == [f"l-{number}" for number in range(21)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_half_a_body_is_nothing(service: Service) -> None:
    """The bounds would let two of them in at a time: what the others held was given back."""
    body = json.dumps([lead(100, name="x" * 600_000)]).encode()
    for _ in range(5):
        service.connect(half(len(body), body[: len(body) // 2])).close()
    for _ in range(5):
        with service.connect(half(len(body), body[:-1])) as client:
            client.shutdown(socket.SHUT_WR)
    await_that(lambda: service.send(lead(101, note="y" * 200_000)).status_code == 202, "room again")
    assert "l-100" not in service.stored()


def test_who_stops_in_the_middle_is_dropped(service: Service) -> None:
    stopped = [service.connect(part) for part in (half(50, b"[{"), HEAD.encode(), b"")]
    for client in stopped:
        told = answer_of(client)
        assert told.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert json.loads(told.partition(b"\r\n\r\n")[2])["error"]["code"] == "too_slow"


def test_a_gzip_bomb_goes_off_nowhere(service: Service) -> None:
    """Ten megabytes that unpack to ten gigabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = packer.compress(b" " * 10_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(b" " * 10_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    bomb = start + again * 1000
    assert len(bomb) > 9_000_000
    before = service.memory_mb()
    headers = WRITE | {"Content-Encoding": "gzip"}
    announced: tuple[bytes | Iterator[bytes], ...] = (bomb, bomb[:900_000], iter([bomb]))  # the last is sent in chunks
    for body in announced:
        answer = httpx.post(f"{service.address}/collect/leads", content=body, headers=headers, timeout=60)
        assert answer.status_code == 413
    assert service.memory_mb() - before < 100


@pytest.mark.parametrize(
    "headers",
    ["Content-Length: -5", "Content-Length: 99999999999999999999999", "Content-Length: 5\r\nContent-Length: 7",
     "Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: five"],
)  # fmt: skip
def test_a_length_that_cannot_be_is_refused(service: Service, headers: str) -> None:
    body = json.dumps(lead(110)).encode()
    assert answer_of(service.connect(f"{HEAD}{headers}\r\n\r\n".encode() + body)).startswith(b"HTTP/1.1 400 ")
    assert "l-110" not in service.stored()


def test_what_comes_behind_the_announced_length_is_no_part_of_the_body(service: Service) -> None:
    body = json.dumps([lead(111), lead(112)]).encode()
    assert b"HTTP/1.1 400 " in answer_of(service.connect(half(len(body) - 10, body)))
    assert not {"l-111", "l-112"} & set(service.stored())


def test_headers_without_end_are_refused(service: Service) -> None:
    before = service.memory_mb()
    client = service.connect(HEAD.encode())
    with GONE:
        for _ in range(3000):
            client.sendall(b"X-More: " + b"y" * 1000 + b"\r\n")
    assert answer_of(client)[:12] in (b"HTTP/1.1 431", b"")
    assert service.memory_mb() - before < 50


def test_more_bytes_than_can_be_held_are_refused_unread(service: Service) -> None:
    held = half(1_000_000, b"[" + b" " * 950_000)
    with service.connect(held), service.connect(held):
        answer = None
        for _ in range(200):
            answer = service.send(lead(120, note="y" * 200_000), lead(121, note="y" * 200_000))
            if answer.status_code == 429:
                break
            time.sleep(0.005)
        assert answer is not None
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["error"]["code"] == "busy"
        assert service.send(lead(122)).status_code == 202
    assert service.process.poll() is None


def test_more_requests_than_the_log_can_take_are_refused_and_the_others_are_kept(tmp_path: Path) -> None:
    """While somebody holds the log's file, requests wait for it, and only so many."""
    with collector(tmp_path, CLOSEDLOOP_MAX_REQUESTS="4") as service, ThreadPoolExecutor(24) as senders:
        service.send(lead(0))
        with closing(sqlite3.connect(tmp_path / "data" / "log.db", isolation_level=None)) as holder:
            holder.execute("begin immediate")
            sent = [senders.submit(service.send, lead(number)) for number in range(1, 25)]
            await_that(lambda: sum(each.done() for each in sent) >= 20, "refusals")
            refused = [answer for each in sent if each.done() and (answer := each.result()).status_code == 429]
            assert refused
            assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
            holder.execute("rollback")
        answers = {f"l-{number}": each.result().status_code for number, each in enumerate(sent, 1)}
        assert list(answers.values()).count(202) <= 4
        assert set(answers.values()) <= {202, 429, 503}  # 503 where the machine is so slow that the log gave up waiting
        acknowledged = {name for name, status in answers.items() if status == 202}
        assert set(service.stored()) == acknowledged | {"l-0"}


def test_a_length_over_the_limit_is_refused_unread(service: Service) -> None:
    with service.connect(half(10**10, b"[")) as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")
