"""How leads that are forwarded to CRMs fare."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from api.auth import ServicesOf, may_read
from api.forwarding_view import forward_row, target_rows

router = APIRouter(prefix="/api/forwarding", dependencies=[Depends(may_read)])
States = Literal["", "waiting", "sending", "sent", "skipped", "failed", "uncertain"]


@router.get("")
def tell_forwarding(services: ServicesOf) -> dict[str, Any]:
    """Per CRM: its error, when it is tried next, how many leads stand where, and since when the oldest of them."""
    items = target_rows(services)
    return {"items": items, "total": len(items), "next": None}


@router.get("/leads")
def list_forwarded(
    services: ServicesOf,
    target: str = "",
    state: States = "",
    lead: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """The newest leads, and where each stands: of one CRM, in one state, or one lead by its id."""
    found = services.forward_ledger.find(target=target, state=state, lead=lead, most=limit)
    return {"items": [forward_row(each) for each in found], "total": len(found), "next": None}
