"""The door for client libraries: their bodies, how many of them are worked on at once, and errors that they understand.

An error holds `code` and `message` on top: some libraries send again whatever comes without them.
"""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from api.errors import headers_of, status_of
from api.routes.collect import read_body
from collectors.gunzip import Gunzip
from collectors.protocols.json_body import form_data
from infra.errors import BodyTooLarge, Busy, ClosedLoopError

_GZIP = b"\x1f\x8b"
_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


class Gate:
    """Lets at most so many in at once. Used from one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside = 0

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Raises `Busy` at once where there is no room."""
        if self._inside >= self._most:
            raise Busy(
                f"{self._most} requests are being worked on, and no more are taken at once.",
                where="CLOSEDLOOP_MAX_CLIENT_REQUESTS",
                help="Send it again after the seconds of Retry-After.",
            )
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


class ClientRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_for_clients(request: Request) -> Response:
            try:
                return await handle(request)
            except ClosedLoopError as error:
                return _refusal(error)

        return handle_for_clients


def _refusal(error: ClosedLoopError) -> JSONResponse:
    """Too large a request gets 400, as Segment says it."""
    status = 400 if isinstance(error, BodyTooLarge) else status_of(error)
    told = {"success": False, "code": error.code, "message": f"{error.message} {error.help}".strip()}
    return JSONResponse(told, status, headers_of(status))


async def client_body(request: Request, most_bytes: int) -> bytes:
    """The JSON of a body that is gzip, or a form around it, whatever the headers say. Raises `BodyTooLarge`."""
    body = await read_body(request, most_bytes)
    if body.startswith(_GZIP):
        unpacker = Gunzip()
        body = unpacker.unpack(body, most_bytes + 1)
        if len(body) > most_bytes:
            raise BodyTooLarge(f"The body is over {most_bytes >> 20} MiB.", where="body", help="Send less at once.")
        unpacker.finish()
    return form_data(body)


async def work(request: Request, step: Callable[_Given, _Found], *given: _Given.args, **named: _Given.kwargs) -> _Found:
    """Do in a thread what waits for the log. Raises `Busy` where too many do so already."""
    gate: Gate = request.app.state.gate
    with gate.passed():
        return await run_in_threadpool(step, *given, **named)
