"""Connections of the service: bounded in number, in the time a request may take to come in, and in its headers.

What is dropped is told why, where its sender still listens. Nothing of an incomplete request reaches the collectors.
"""

import asyncio
import resource
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.errors import error_body, headers_of

BYTES_PER_SECOND = 32 * 1024
LONGEST_HEAD = 64 * 1024
_OTHER_FILES = 512  # the log, the databases, the threads' pipes


class Connection(HttpToolsProtocol):
    """Adds the bounds to uvicorn's protocol. `bounded` sets the two figures."""

    request_seconds: float
    most_connections: int

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._begun: float | None = None
        self._received = 0
        self._in_head = False
        self._head = 0
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self._turn_away(503, "too_many_connections", "The service has as many connections as it can hold.")
            return
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._received += len(data)
        self._head = self._head + len(data) if self._in_head else 0
        if self._head > LONGEST_HEAD:
            self._turn_away(431, "head_too_large", f"The headers are longer than {LONGEST_HEAD // 1024} KiB.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._await_request()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._begun = None
        super().on_message_complete()
        if self.cycle.response_complete and self.timeout_keep_alive_task is None:  # it was refused unread
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _await_request(self) -> None:
        self._begun = self.loop.time()
        self._received = 0
        if self._watch is None:
            self._watch = self.loop.call_later(self.request_seconds, self._look)

    def _look(self) -> None:
        """One timer a connection looks now and then, so that a quick request costs none of its own."""
        self._watch = None
        if self._begun is None or self.transport.is_closing():
            return
        if self.flow.read_paused:  # it is we who are slow
            self._begun = self.loop.time()
        answered = self.cycle is not None and self.cycle.response_complete
        more = 0 if answered else self._received / BYTES_PER_SECOND
        left = self._begun + self.request_seconds + more - self.loop.time()
        if left > 0:
            self._watch = self.loop.call_later(left, self._look)
        else:
            self._turn_away(408, "too_slow", "The request did not come in in time.")

    def _turn_away(self, status: int, code: str, message: str) -> None:
        if self.transport.is_closing():
            return
        cycle = self.cycle
        if cycle is None or not cycle.response_started or not cycle.more_body:
            self.transport.write(_answer(status, code, message))
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()


def bounded(request_seconds: float) -> type[Connection]:
    """The protocol of a process that may hold as many connections as it may open files, which is made the most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most = max(hard - _OTHER_FILES, hard // 2)
    return type("BoundedConnection", (Connection,), {"request_seconds": request_seconds, "most_connections": most})


def _answer(status: int, code: str, message: str) -> bytes:
    body = orjson.dumps(error_body(code, message, "connection", "Send the request again, whole and at once."))
    headers = headers_of(status) | {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[status] + lines.encode() + b"\r\n" + body
