"""Back-pressure: how much one process has under way is bounded, and what is over it is refused at once.

Requests count from the moment their body is there, so that slow senders keep nobody out; bytes count as they come in,
packed and unpacked. A refused request is answered 429 with `Retry-After`, unread wherever that can be.
"""

from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import error_body, headers_of
from infra.errors import Busy

_UNBOUNDED = ("GET", "HEAD", "OPTIONS")  # questions are answered however much comes in


@dataclass
class _UnderWay:
    most_requests: int
    most_bytes: int
    requests: int = 0
    held_bytes: int = 0

    def check_room(self, further_bytes: int = 0) -> None:
        """Raises `Busy` where no further request, or none so large, fits in."""
        if self.requests >= self.most_requests or self.held_bytes + further_bytes > self.most_bytes:
            raise Busy(
                "The service has more under way than it can take.",
                where="CLOSEDLOOP_MAX_REQUESTS",
                help="Send the same request again after the seconds of Retry-After.",
            )


class Held:
    """What one request takes of the bounds, until it is answered."""

    def __init__(self, all_of_them: _UnderWay) -> None:
        self._all = all_of_them
        self._bytes = 0
        self._complete = False

    def add(self, length: int) -> None:
        """Hold so many bytes more, or less. Raises `Busy` where they are too many."""
        self._all.check_room(length)
        self._bytes += length
        self._all.held_bytes += length

    def complete(self) -> None:
        """The body is there. Raises `Busy` where too many others are."""
        if not self._complete:
            self._all.check_room()
            self._all.requests += 1
            self._complete = True

    def release(self) -> None:
        self._all.held_bytes -= self._bytes
        self._all.requests -= self._complete


class Pressure:
    """ASGI middleware; `scope["held"]` is the request's `Held`, for what becomes larger when it is unpacked."""

    def __init__(self, app: ASGIApp, most_requests: int, most_bytes: int) -> None:
        self._app = app
        self._under_way = _UnderWay(most_requests, most_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bounded = scope["method"] not in _UNBOUNDED
        try:
            if bounded:
                self._under_way.check_room(self._announced(scope))
        except Busy as error:
            await _refuse(error)(scope, receive, send)
            return
        await self._take(scope, receive, send, bounded)

    async def _take(self, scope: Scope, receive: Receive, send: Send, bounded: bool) -> None:
        held = scope["held"] = Held(self._under_way)

        async def counted() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                held.add(len(message.get("body", b"")))
                if bounded and not message.get("more_body", False):
                    held.complete()
            return message

        try:
            await self._app(scope, counted, send)
        except ClientDisconnect:
            pass  # the sender went away before its body was there: nothing was taken, and nobody waits for an answer
        finally:
            held.release()

    def _announced(self, scope: Scope) -> int:
        """What the request says it brings; one that could never fit in is refused where its body is read."""
        text = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        length = int(text) if text.isdigit() else 0
        return length if length <= self._under_way.most_bytes else 0


def _refuse(error: Busy) -> JSONResponse:
    """In our shape and in that of client libraries at once: nobody knows yet who asks."""
    body = error_body(error.code, error.message, error.where, error.help)
    return JSONResponse(body | {"code": error.code, "message": error.message}, 429, headers_of(429))
