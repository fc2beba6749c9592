"""What plans are made of: directions, and how much a dealer can do in a month."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read_of_dealers
from api.plan_bodies import Name, Told
from infra.errors import InvalidInput
from planning.directions import Direction, known_directions, replace_directions
from planning.sharing import known_capacities, replace_capacities

router = APIRouter(prefix="/api/plans", dependencies=[Depends(may_read_of_dealers)])


class ToldCapacity(Told):
    """`units` a month."""

    dealer: Name
    direction: Name
    units: Annotated[int, Field(strict=True, ge=0, le=10**9)]


@router.get("/directions")
def tell_directions(services: ServicesOf) -> dict[str, Any]:
    """What the holding sells, in the order of pages, each with the kinds of deals that it stands for."""
    items = [each.model_dump(mode="json") for each in known_directions(services.database)]
    return {"items": items, "total": len(items), "next": None}


@router.put("/directions", dependencies=[Depends(may_change_rules)])
def put_directions(
    services: ServicesOf, viewer: ViewerOf, directions: Annotated[list[Direction], Body(embed=True)]
) -> dict[str, Any]:
    """Replace them all; an empty list brings those back that ship."""
    replace_directions(services.database, directions, author=viewer.name, clock=services.clock)
    return tell_directions(services)


@router.get("/capacities")
def tell_capacities(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """Units a month by dealer and direction, by which totals can be shared out."""
    with services.database.connect() as connection:
        known = known_capacities(connection)
    items = [
        {"dealer": dealer, "direction": direction, "units": units}
        for (dealer, direction), units in sorted(known.items())
        if viewer.seen.sees_dealer(dealer)
    ]
    return {"items": items, "total": len(items), "next": None}


@router.put("/capacities", dependencies=[Depends(may_change_rules)])
def put_capacities(
    services: ServicesOf, viewer: ViewerOf, capacities: Annotated[list[ToldCapacity], Body(embed=True)]
) -> dict[str, Any]:
    """Replace them all."""
    told = {(each.dealer, each.direction): each.units for each in capacities}
    if len(told) < len(capacities):
        raise InvalidInput("A dealer and direction is told twice.", where="capacities", help="Name each once.")
    replace_capacities(services.database, services.clock, told, author=viewer.name)
    return tell_capacities(services, viewer)
