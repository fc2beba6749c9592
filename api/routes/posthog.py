"""PostHog's capture API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.auth import ServicesOf, check_write_key
from api.bootstrap import Services
from api.clients import ClientRoute, client_body, work
from api.credentials import given_key
from collectors.protocols.fields import first, members
from collectors.protocols.json_body import read_json
from collectors.protocols.posthog import as_segment

router = APIRouter(route_class=ClientRoute)
_NO_FLAGS = {"flags": {}, "featureFlags": {}, "featureFlagPayloads": {}, "errorsWhileComputingFlags": False}


@router.post("/batch/")
@router.post("/capture/")
@router.post("/e/")
@router.post("/i/v0/e/")
async def take_events(request: Request, services: ServicesOf) -> JSONResponse:
    """A batch of events, an array of them, or one. The answer is 200 once all are durable."""
    await _worked(request, services)
    return JSONResponse({"status": 1})


@router.post("/i/v1/analytics/events")
async def take_batch(request: Request, services: ServicesOf) -> JSONResponse:
    """A batch of the second protocol, whose answer names each event."""
    events = await _worked(request, services)
    return JSONResponse({"results": {first(members(each), "uuid"): {"result": "ok"} for each in events}})


@router.post("/flags/")
@router.post("/decide/")
async def tell_flags() -> JSONResponse:
    """There are no feature flags here."""
    return JSONResponse(_NO_FLAGS)


async def _worked(request: Request, services: Services) -> list[Any]:
    body = await client_body(request, services.environment.max_body_mb * 1024**2)
    return await work(request, _take, services, body, given_key(request), services.clock.now())


def _take(services: Services, body: bytes, key: str, received: datetime) -> list[Any]:
    told = read_json(body)
    payload: Mapping[str, Any] = members(told)
    events = told if isinstance(told, list) else payload.get("batch", [told])
    events = events if isinstance(events, list) else [events]
    check_write_key(services, key, first(payload, "api_key", "token"), *_token_of(events))
    sent_at = payload.get("sent_at")
    messages = [as_segment(each, sent_at) if isinstance(each, dict) else each for each in events]
    services.inbox.take(messages, received)
    return events


def _token_of(events: list[Any]) -> list[str]:
    """The key that the browser's client puts into its events, where all have the same."""
    tokens = {first([members(each), members(members(each).get("properties"))], "token", "api_key") for each in events}
    return list(tokens) if len(tokens) == 1 else []
