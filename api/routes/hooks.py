"""`/hooks/{vendor}/{token}`: what vendors send, checked, made durable, and answered; it is read later."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.auth import ServicesOf
from api.bootstrap import Services
from api.routes.collect import read_body
from collectors.deliveries import MOST_BYTES, TOPIC, Delivery
from collectors.sources.source import Source
from collectors.vendors.base import Vendor
from collectors.vendors.register import vendor
from infra.errors import InvalidInput, NotAllowed, NotFound
from infra.log.base import NewRecord

router = APIRouter()


def addressed_source(services: ServicesOf, slug: str, token: str) -> Source:
    source = services.sources.by_token(slug, token)
    if source is None or not vendor(slug).has_webhook:
        raise NotFound(
            "Nobody is connected at this address.",
            where="address",
            help="`closedloop sources show` tells the address of a source.",
        )
    return source


@router.post("/hooks/{slug}/{token}")
@router.get("/hooks/{slug}/{token}")
@router.post("/hooks/{slug}/{token}/{path:path}", include_in_schema=False)
@router.get("/hooks/{slug}/{token}/{path:path}", include_in_schema=False)
async def take_delivery(
    request: Request, services: ServicesOf, source: Annotated[Source, Depends(addressed_source)]
) -> Response:
    """A vendor's webhook, in the vendor's own form. It is answered once it is durable, and read a moment later."""
    delivery = Delivery(
        source=source.id,
        method=request.method,
        address=_public_address(request, services),
        path=request.path_params.get("path", ""),
        query=request.url.query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await read_body(request, MOST_BYTES),
        received_at=services.clock.now(),
    )
    return await run_in_threadpool(_answer, services, source, delivery)


def _answer(services: Services, source: Source, delivery: Delivery) -> Response:
    known = vendor(source.vendor)
    try:
        known.check(source, delivery)
    except NotAllowed as error:
        services.progress.note_delivery(source.id, f"A delivery was refused: {error.message}")
        raise
    if not _is_test(known, source, delivery):
        services.log.append(TOPIC, [NewRecord(delivery.to_line(), 1)])
    services.progress.note_delivery(source.id)
    reply = known.reply(source, delivery)
    return Response(reply.body, reply.status, media_type=reply.media_type)


def _is_test(known: Vendor, source: Source, delivery: Delivery) -> bool:
    """What cannot be understood yet is no test: it is kept."""
    try:
        return known.is_test(source, delivery)
    except InvalidInput:
        return False


def _public_address(request: Request, services: Services) -> str:
    """As the vendor wrote it: behind a proxy the request's own host is another one."""
    base = services.environment.public_url.rstrip("/")
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{base}{request.url.path}{query}" if base else str(request.url)
