"""`POST /collect/{family}`: events in."""

import asyncio
import io
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from api.auth import ServicesOf, may_write
from api.bootstrap import Services
from api.questions import read_zone
from collectors.events import family_model
from collectors.formats import HEAD_BYTES, Format, format_of
from collectors.gunzip import Gunzip
from collectors.intake import Outcome, ReadItems
from collectors.items import Unreadable
from collectors.preset import shipped_preset
from collectors.preset_files import read_mapped
from infra.errors import BodyTooLarge, UnreadableBody

router = APIRouter()
_SMALL_BYTES = 65_536  # read at once, in a few milliseconds: another thread would only wait for its turn


@router.post("/collect/{family}", dependencies=[Depends(may_write)], status_code=202)
async def collect(
    request: Request,
    services: ServicesOf,
    family: str,
    rules: Annotated[list[str] | None, Query(alias="map")] = None,
    timezone: str = "",
    preset: str = "",
) -> JSONResponse:
    """A JSON object or array, NDJSON, CSV or XLSX. 202 is said once the accepted events are durable."""
    family_model(family)
    body = await read_body(request, services.environment.max_body_mb * 1024**2)
    loop, threads = asyncio.get_running_loop(), request.app.state.taking
    intake = services.opened_intake
    if intake is None:
        intake = await loop.run_in_executor(threads, lambda: services.intake)
    form = (request.headers.get("content-type", ""), rules or [], timezone, preset)
    if len(body) > _SMALL_BYTES:
        read = await loop.run_in_executor(threads, _read, services, family, body, *form)
    else:
        read = _read(services, family, body, *form)
    return JSONResponse(answer(await loop.run_in_executor(threads, intake.keep, read)), 202)


def answer(outcome: Outcome) -> dict[str, Any]:
    return {
        "accepted": outcome.accepted,
        "duplicates": outcome.duplicates,
        "rejected": [
            {"index": each.index, "id": each.key, "errors": [error.as_dict() for error in each.errors]}
            for each in outcome.rejected
        ],
    }


async def read_body(request: Request, most_bytes: int) -> bytes:
    """The body, unpacked where it is gzip. Raises `BodyTooLarge` before more than `most_bytes` are held."""
    unpacker = _unpacker(request.headers.get("content-encoding", ""))
    _check_length(int(request.headers.get("content-length", 0)), most_bytes)
    body = bytearray()
    async for packed in request.stream():
        chunk = unpacker.unpack(packed, most_bytes + 1 - len(body)) if unpacker else packed
        _check_length(len(body) + len(chunk), most_bytes)
        request.scope["held"].add(len(chunk) - len(packed))
        body += chunk
    if unpacker:
        unpacker.finish()
    return bytes(body)


def _check_length(length: int, most_bytes: int) -> None:
    if length > most_bytes:
        raise BodyTooLarge(
            f"The body is over {most_bytes // 1024**2} MiB.", where="body", help="Send it in several requests."
        )


def _unpacker(encoding: str) -> Gunzip | None:
    packing = encoding.strip().lower()
    if packing in ("", "identity"):
        return None
    if packing not in ("gzip", "x-gzip"):
        raise UnreadableBody(
            f"The packing {encoding!r} is not understood.", where="Content-Encoding", help="Send gzip, or unpacked."
        )
    return Gunzip()


def _read(
    services: Services, family: str, body: bytes, content_type: str, rules: list[str], timezone: str, preset: str
) -> ReadItems:
    if not body.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableBody("The body is empty.", where="body", help="Send at least one event.")
    form = format_of(content_type, body[:HEAD_BYTES])
    items = list(read_mapped(io.BytesIO(body), form, family, rules, shipped_preset(preset) if preset else None))
    if form is Format.NDJSON and items and all(isinstance(item, Unreadable) for item in items):
        raise UnreadableBody("The body is no JSON.", where="body", help="Send one JSON object a line.")
    return services.intake.read(family, items, naive_zone=_zone(services, form, timezone))


def _zone(services: Services, form: Format, timezone: str) -> ZoneInfo | None:
    """Tables seldom name zones, so theirs is the account's; JSON must name them, unless the request does."""
    if timezone:
        return read_zone(timezone, "timezone")
    return services.environment.zone if form in (Format.CSV, Format.XLSX) else None
