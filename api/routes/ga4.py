"""GA4's Measurement Protocol."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from api.auth import ServicesOf, check_write_key
from api.bootstrap import Services
from api.clients import ClientRoute, client_body, work
from collectors.protocols.ga4 import as_segment
from collectors.protocols.json_body import read_object
from collectors.rejections import FieldError
from collectors.values import Reading

router = APIRouter(route_class=ClientRoute)
_MOST_BYTES = 1 << 20


@router.post("/mp/collect", status_code=204)
async def take_events(request: Request, services: ServicesOf, api_secret: str = "") -> Response:
    """Events of one client. 204 is said once they are durable, also where some of them are kept as rejections."""
    await run_in_threadpool(check_write_key, services, api_secret)
    body = await client_body(request, _MOST_BYTES)
    await work(request, _take, services, body, services.clock.now())
    return Response(status_code=204)


@router.post("/debug/mp/collect")
async def check_events(request: Request, services: ServicesOf, api_secret: str = "") -> JSONResponse:
    """What would be refused of such a request. Nothing is taken."""
    await run_in_threadpool(check_write_key, services, api_secret)
    body = await client_body(request, _MOST_BYTES)
    problems = await work(request, _check, services, body, services.clock.now())
    told = [
        {"fieldPath": each.field, "description": each.message, "validationCode": "VALUE_INVALID"} for each in problems
    ]
    return JSONResponse({"validationMessages": told})


def _take(services: Services, body: bytes, received: datetime) -> None:
    services.inbox.take(as_segment(read_object(body), received), received)


def _check(services: Services, body: bytes, received: datetime) -> list[FieldError]:
    settings = services.environment
    reading = Reading(received, None, settings.country)
    return services.inbox.problems(as_segment(read_object(body), received), reading)
