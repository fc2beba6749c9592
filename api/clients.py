"""The door for client libraries: their bodies, and errors that they understand.

An error holds `code` and `message` on top: some libraries send again whatever comes without them.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from api.errors import headers_of, status_of
from api.routes.collect import read_body
from collectors.gunzip import Gunzip
from collectors.protocols.json_body import form_data
from infra.errors import BodyTooLarge, ClosedLoopError

_GZIP = b"\x1f\x8b"
_Found = TypeVar("_Found")


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


async def work(request: Request, step: Callable[..., _Found], *given: Any) -> _Found:
    """Do in a thread what waits for the log."""
    return await asyncio.get_running_loop().run_in_executor(request.app.state.taking, step, *given)
