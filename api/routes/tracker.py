"""The tracker of sites: `GET /t.js` is its script, `POST /t` takes what it sends. Both may stand behind any path of a
site's own server. Addresses of visitors are counted in memory, against floods, and never kept."""

import time
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from api.auth import ServicesOf
from api.errors import error_body, status_of
from api.routes.collect import read_body
from collectors.tracker.rates import Rate, Rates
from collectors.tracker.reception import MOST_BYTES, Sender
from collectors.tracker.script import script
from infra.errors import BodyTooLarge, Busy, ClosedLoopError

router = APIRouter()
_EACH_ADDRESS = Rates(Rate(per_second=20, burst=200), time.monotonic)
_SCRIPT_HEADERS = {
    "Cache-Control": "public, max-age=86400, stale-while-revalidate=604800",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}


@router.get("/t.js")
def send_script(request: Request, letters: str | None = None) -> Response:
    """The script, with an ETag: browsers keep it for a day. `letters` asks for one that numbers e-mail addresses."""
    found = script(letters=letters is not None)
    headers = _SCRIPT_HEADERS | {"ETag": found.etag}
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers |= {"Content-Encoding": "gzip"} if packed else {}
    return Response(found.packed if packed else found.body, media_type="text/javascript", headers=headers)


@router.options("/t", include_in_schema=False)
def allow(request: Request, services: ServicesOf) -> Response:
    """A browser's question whether a page may send."""
    origin = _origin(request)
    if not services.sites.allow(origin):
        return Response(status_code=403)
    return Response(status_code=204, headers=_PREFLIGHT | _for_origin(origin))


@router.post("/t")
async def take(request: Request, services: ServicesOf) -> Response:
    """What a page sends, as text, with the site's public key in it. Answered once it is durable."""
    origin = _origin(request)
    address = request.client.host if request.client else ""
    if not _EACH_ADDRESS.allow(address):
        text = "This address sends too many requests."
        return JSONResponse(error_body(Busy.code, text), 429, {"Retry-After": "5", **_for_origin("*")})
    sender = Sender(origin, request.headers.get("user-agent", ""), _wants_privacy(request))
    try:
        body = await _read(request)
        answer = await run_in_threadpool(services.reception.take, body, sender)
    except ClosedLoopError as error:
        told = error_body(error.code, error.message, error.where, error.help)
        return JSONResponse(told, status_of(error), _for_origin("*"))
    return JSONResponse(answer, headers={"Cache-Control": "no-store", **_for_origin(origin)})


async def _read(request: Request) -> bytes:
    try:
        return await read_body(request, MOST_BYTES)
    except BodyTooLarge as error:
        raise BodyTooLarge(f"A request holds at most {MOST_BYTES // 1024} KiB.", where="body") from error


def _origin(request: Request) -> str:
    """The page's origin; some browsers only tell its address."""
    if origin := request.headers.get("origin", ""):
        return origin
    try:
        page = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    return f"{page.scheme}://{page.netloc}" if page.netloc else ""


def _for_origin(origin: str) -> dict[str, str]:
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def _wants_privacy(request: Request) -> bool:
    return "1" in (request.headers.get("dnt"), request.headers.get("sec-gpc"))
