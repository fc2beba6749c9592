"""How conversions that are handed back to ad systems fare."""

from collections import defaultdict
from typing import Any

from fastapi import APIRouter, Depends

from api.auth import ServicesOf, may_read
from attribution.outbound.ledger import count_handovers

router = APIRouter(prefix="/api/conversions")


@router.get("", dependencies=[Depends(may_read)])
def tell_conversions(services: ServicesOf) -> dict[str, Any]:
    """Per destination: its error, when it is tried next, and how many conversions stand where, and why."""
    counts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in count_handovers(services.database):
        told = {"kind": each.kind, "state": each.state, "reason": each.reason, "count": each.count}
        counts[each.destination].append(told)
    items = [
        {
            "id": each.id,
            "system": each.system,
            "error": each.error,
            "error_at": each.error_at.isoformat() if each.error_at else None,
            "next_at": each.next_at.isoformat() if each.next_at else None,
            "conversions": counts[each.id],
        }
        for each in services.destinations.states()
    ]
    return {"items": items, "total": len(items), "next": None}
