"""Snowplow's collector: the write key stands in the address, or is the tracker's app id."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.auth import ServicesOf, check_write_key
from api.bootstrap import Services
from api.clients import ClientRoute, client_body, work
from collectors.protocols.fields import first, members
from collectors.protocols.json_body import read_object
from collectors.protocols.snowplow import as_segment

router = APIRouter(route_class=ClientRoute)
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
_MOST_BYTES = 8 << 20


@router.post("/com.snowplowanalytics.snowplow/tp2")
@router.post("/snowplow/{key}/com.snowplowanalytics.snowplow/tp2")
async def take_payload(request: Request, services: ServicesOf, key: str = "") -> Response:
    """Events as self-describing JSON. The answer is 200 once they are durable."""
    body = await client_body(request, _MOST_BYTES)
    await work(request, _take_payload, services, body, key, services.clock.now())
    return Response("ok", media_type="text/plain")


@router.get("/i")
@router.get("/snowplow/{key}/i")
async def take_pixel(request: Request, services: ServicesOf, key: str = "") -> Response:
    """One event in the query. The answer is a picture of one pixel, once the event is durable."""
    event = dict(request.query_params)
    await work(request, _take, services, [event], key, services.clock.now())
    return Response(_PIXEL, media_type="image/gif", headers={"Cache-Control": "no-store"})


def _take_payload(services: Services, body: bytes, key: str, received: datetime) -> None:
    data = read_object(body).get("data")
    _take(services, data if isinstance(data, list) else [], key, received)


def _take(services: Services, events: Sequence[Any], key: str, received: datetime) -> None:
    apps = {first(members(each), "aid") for each in events}
    known = check_write_key(services, key, *(apps if len(apps) == 1 else ()))
    kept = [_without_key(each, known) for each in events]
    services.inbox.take([as_segment(each) if isinstance(each, dict) else each for each in kept], received)


def _without_key(event: Any, key: str) -> Any:
    return {name: value for name, value in event.items() if value != key} if isinstance(event, dict) else event
