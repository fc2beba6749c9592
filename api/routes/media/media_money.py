"""Orders by media plans, money that moves between items, and the rules of this."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_plan, may_read_of_dealers, may_read_own
from api.media.bodies import CancelBody, DecisionBody, OrderBody, ReallocationBody, Revision
from api.media.deciding import may_decide
from api.media.spent import asked_month
from api.row_ids import RowId
from infra.errors import InvalidInput
from planning.media.rules import known_rules, put_rules, read_rules

router = APIRouter(prefix="/api/media-plans")


@router.get("/rules", dependencies=[Depends(may_read_of_dealers)])
def tell_rules(services: ServicesOf) -> dict[str, Any]:
    """When a forecast is a warning, and which money moves without approval."""
    rules, number = known_rules(services.database)
    return rules.as_dict() | {"revision": number}


@router.put("/rules", dependencies=[Depends(may_change_rules)])
def change_rules(
    services: ServicesOf,
    viewer: ViewerOf,
    rules: Annotated[dict[str, Any], Body()],
    based_on: Annotated[Revision, Body()],
) -> dict[str, Any]:
    """Put other rules in force for the whole holding; what is left out is as it ships."""
    told = read_rules(rules)
    number = put_rules(services.database, told, services.clock, based_on=based_on, author=viewer.name)
    return told.as_dict() | {"revision": number}


@router.get("/reallocations", dependencies=[Depends(may_read_of_dealers)])
def list_reallocations(services: ServicesOf, viewer: ViewerOf, month: str = "") -> dict[str, Any]:
    """Money that moved in a month's media plans, or waits for approval; the newest first."""
    found = services.reallocations.of_month(asked_month(month, services.today), seen=viewer.seen)
    items = [each.as_dict() for each in found]
    return {"items": items, "total": len(items), "next": None}


@router.post("/reallocations", status_code=201, dependencies=[Depends(may_plan)])
def ask_reallocation(services: ServicesOf, viewer: ViewerOf, told: ReallocationBody) -> dict[str, Any]:
    """Move money between items, at once where the rules let it; else it waits for the director."""
    changes = {each.item: int(each.change * 100) for each in told.changes}
    if len(changes) < len(told.changes):
        raise InvalidInput("An item stands twice.", where="changes", help="Put its changes together.")
    return services.reallocations.ask(changes, author=viewer.name, why=told.why, seen=viewer.seen).as_dict()


@router.post("/reallocations/{key}/approve", dependencies=[Depends(may_plan)])
def approve_reallocation(services: ServicesOf, viewer: ViewerOf, key: RowId, told: DecisionBody) -> dict[str, Any]:
    """The money moves; between dealers the plan follows by an amendment. The director does."""
    done = services.reallocations.decide(
        key, is_approved=True, author=viewer.name, comment=told.comment, may_decide=may_decide(viewer)
    )
    return done.as_dict()


@router.post("/reallocations/{key}/refuse", dependencies=[Depends(may_plan)])
def refuse_reallocation(services: ServicesOf, viewer: ViewerOf, key: RowId, told: DecisionBody) -> dict[str, Any]:
    """Nothing moves, and the comment says why. The director does."""
    refused = services.reallocations.decide(
        key, is_approved=False, author=viewer.name, comment=told.comment, may_decide=may_decide(viewer)
    )
    return refused.as_dict()


@router.get("/{key}/commitments", dependencies=[Depends(may_read_own)])
def list_commitments(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    """Orders to contractors by a media plan, the newest first; to contractors their own."""
    items = [each.as_dict() for each in services.commitments.of_plan(key, seen=viewer.seen)]
    return {"items": items, "total": len(items), "next": None}


@router.post("/{key}/commitments", status_code=201, dependencies=[Depends(may_plan)])
def add_commitment(services: ServicesOf, viewer: ViewerOf, key: RowId, told: OrderBody) -> dict[str, Any]:
    """Enter an order: its money stays with its items from now on."""
    return services.commitments.order(key, told.as_order(), author=viewer.name, seen=viewer.seen).as_dict()


@router.post("/commitments/{key}/cancel", dependencies=[Depends(may_plan)])
def cancel_commitment(services: ServicesOf, viewer: ViewerOf, key: RowId, told: CancelBody) -> dict[str, Any]:
    """The money of an order is free again."""
    cancelled = services.commitments.cancel(
        key,
        author=viewer.name,
        why=told.why,
        today=services.today,
        is_agreed=told.is_agreed,
        seen=viewer.seen,
    )
    return cancelled.as_dict()
