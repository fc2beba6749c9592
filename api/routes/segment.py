"""Segment's HTTP API, which RudderStack's clients speak too."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.auth import ServicesOf, check_write_key
from api.bootstrap import Services
from api.clients import ClientRoute, client_body, work
from api.credentials import given_key
from collectors.protocols.fields import text
from collectors.protocols.json_body import read_object
from collectors.protocols.requests import MOST_BYTES, check_call, messages_of

router = APIRouter(route_class=ClientRoute)


@router.post("/v1/{call}")
async def take_call(request: Request, services: ServicesOf, call: str) -> JSONResponse:
    """`identify`, `track`, `page`, `screen`, `group`, `alias`, `batch` or `import`, or the first letter.

    The answer is 200 once all events are durable: RudderStack's Python client sends again whatever got 202 or 204.
    """
    check_call(call)
    body = await client_body(request, MOST_BYTES)
    await work(request, _take, services, call, body, given_key(request), services.clock.now())
    return JSONResponse({"success": True})


def _take(services: Services, call: str, body: bytes, key: str, received: datetime) -> None:
    """The key may stand in the body: a token of Segment's own OAuth may stand in the header."""
    payload = read_object(body)
    check_write_key(services, key, text(payload.pop("writeKey", "")), text(payload.pop("api_key", "")))
    messages, limits = messages_of(call, payload, len(body))
    services.inbox.take(messages, received, limits.event_bytes)
