"""Rejected items: list, repair, replay, discard."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query

from api.auth import ServicesOf, may_repair, may_see_people
from api.questions import read_zone
from api.routes.collect import answer
from collectors.rejections import DISCARDED, check_kept_family
from collectors.replay import replay

router = APIRouter(prefix="/api/rejections")


@router.get("", dependencies=[Depends(may_see_people)])
def list_rejections(
    services: ServicesOf,
    family: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str, Query(alias="next")] = "",
) -> dict[str, Any]:
    """Open rejections, a page at a time; `next` of one answer asks for the page behind it."""
    check_kept_family(family)
    found, total = services.rejections.list_open(family, limit=limit, after=after)
    return {
        "items": [each.as_dict() for each in found],
        "total": total,
        "next": found[-1].id if len(found) == limit else None,
    }


@router.post("/{key}/replay", dependencies=[Depends(may_repair)])
def replay_rejection(
    services: ServicesOf,
    key: str,
    repaired: Annotated[dict[str, Any] | None, Body()] = None,
    timezone: str = "",
) -> dict[str, Any]:
    """Send a rejection again: as it was, or repaired in the body. It is closed once its event is accepted.

    A time without a zone is read in `timezone`, else in the account's.
    """
    zone = read_zone(timezone, "timezone") if timezone else services.environment.zone
    return answer(replay(services.delivery_reader, key, repaired=repaired, naive_zone=zone))


@router.delete("/{key}", dependencies=[Depends(may_repair)], status_code=204)
def discard_rejection(services: ServicesOf, key: str) -> None:
    """Close a rejection that nobody wants."""
    services.rejections.close(services.rejections.get(key).id, DISCARDED)
