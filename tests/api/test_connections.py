"""The bounds of single connections, on a real server in a thread."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2 as httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from api.connections import Connection, bounded
from tests.api.test_hostile_clients import answer_of
from tests.api.test_service import await_that


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@contextmanager
def serving(*, seconds: float, connections: int = 100) -> Iterator[int]:
    """The port of a server with these bounds."""
    protocol = type("Bounded", (Connection,), {"request_seconds": seconds, "most_connections": connections})
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        app = Starlette(routes=[Route("/", echo, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(app, http=protocol, ws="none", log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        await_that(lambda: server.started, "the server")
        try:
            yield door.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def test_one_connection_too_many_is_told_so() -> None:
    with serving(seconds=30, connections=2) as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        told = answer_of(socket.create_connection(("127.0.0.1", port)))
        assert told.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 5\r\n" in told
        held.pop().close()
        await_that(lambda: is_answered(port), "room for another one")
        held.pop().close()


def is_answered(port: int) -> bool:
    try:
        return httpx.post(f"http://127.0.0.1:{port}/", content=b"abc", timeout=60).text == "3"
    except httpx.HTTPError:
        return False


def test_a_large_request_has_the_longer_to_come_in() -> None:
    """A moment for any, and two seconds more for the 64 KiB that have come of the large one."""
    with serving(seconds=0.3) as port:
        small, large = (socket.create_connection(("127.0.0.1", port)) for _ in range(2))
        small.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n")
        large.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * 65_536)
        assert answer_of(small).startswith(b"HTTP/1.1 408 ")
        large.sendall(b"x" * (100_000 - 65_536))
        assert large.recv(1000).startswith(b"HTTP/1.1 200 ")
        large.close()


def test_a_quiet_connection_between_requests_is_not_called_slow() -> None:
    with serving(seconds=0.2) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert client.post("/", content=b"abc").text == "3"
        with socket.create_connection(("127.0.0.1", port)) as slow:
            assert answer_of(slow).startswith(b"HTTP/1.1 408 "), "longer than the bound has gone by"
        assert client.post("/", content=b"abcd").text == "4"


def test_the_service_takes_as_many_connections_as_it_may_open_files() -> None:
    assert bounded(5).most_connections >= 100
    assert bounded(5).request_seconds == 5
