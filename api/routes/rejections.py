"""Rejected items: list, repair, replay."""

from typing import Any

import orjson
from fastapi import APIRouter, Body, Depends

from api.auth import ServicesOf, may_read, may_write
from api.routes.collect import answer
from infra.errors import InvalidInput

router = APIRouter(prefix="/api/rejections")


@router.get("", dependencies=[Depends(may_read)])
def list_rejections(services: ServicesOf, family: str = "", limit: int = 100, next: str = "") -> dict[str, Any]:  # noqa: A002
    """Open rejections, a page at a time; `next` of one answer asks for the page behind it."""
    found, total = services.rejections.list_open(family, limit=min(max(limit, 1), 1000), after=next)
    items = [
        {
            "id": each.id,
            "family": each.family,
            "received_at": each.received_at.isoformat(),
            "item": each.item.decode("utf-8", "replace"),
            "errors": each.errors,
            "times": each.times,
        }
        for each in found
    ]
    return {"items": items, "total": total, "next": found[-1].id if len(found) == limit else None}


@router.post("/{key}/replay", dependencies=[Depends(may_write)])
def replay(services: ServicesOf, key: str, repaired: dict[str, Any] | None = Body(None)) -> dict[str, Any]:  # noqa: B008
    """Send a rejection again: as it was, or repaired in the body. It is closed once its event is accepted."""
    kept = services.rejections.get(key)
    try:
        item = repaired if repaired is not None else orjson.loads(kept.item)
    except orjson.JSONDecodeError:
        raise InvalidInput(
            "The rejected item is no JSON.", where="body", help="Send it repaired in the body."
        ) from None
    outcome = services.intake.accept(kept.family, [item], naive_zone=services.settings.zone)
    if outcome.accepted or outcome.duplicates:
        services.rejections.mark_replayed(key)
    return answer(outcome)
