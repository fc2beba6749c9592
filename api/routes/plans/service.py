"""Service visits that are to be expected, and putting them into a plan."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_plan, may_read_of_dealers
from api.plan_addresses import PlanId, VersionNumber
from api.plan_bodies import Name, Told
from api.service_view import outlook_for
from planning.after_sales import ServiceAssumption, explained
from planning.directions import known_directions
from planning.service_plan import keep_assumptions, known_assumptions, plan_service_visits, service_direction

router = APIRouter(prefix="/api/plans", dependencies=[Depends(may_read_of_dealers)])


class ToldAssumption(Told):
    """Without a dealer it is of all that have none of their own."""

    dealer: Name = ""
    other_cars: Annotated[int, Field(strict=True, ge=0, le=10**7)] = 0
    interval_months: Annotated[int, Field(strict=True, ge=1, le=120)] = 12


@router.get("/service-assumptions")
def tell_assumptions(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """Cars in operation that no deal tells of, and after how many months a car is due."""
    with services.database.connect() as connection:
        known = known_assumptions(connection)
    items = [
        {"dealer": dealer, "other_cars": each.other_cars, "interval_months": each.interval_months}
        for dealer, each in sorted(known.items())
        if not dealer or viewer.seen.sees_dealer(dealer)
    ]
    return {"items": items, "total": len(items), "next": None}


@router.put("/service-assumptions", dependencies=[Depends(may_change_rules)])
def put_assumptions(
    services: ServicesOf, viewer: ViewerOf, assumptions: Annotated[list[ToldAssumption], Body(embed=True)]
) -> dict[str, Any]:
    """Replace them all."""
    told = {each.dealer: ServiceAssumption(each.other_cars, each.interval_months) for each in assumptions}
    keep_assumptions(services.database, services.clock, told, author=viewer.name)
    return tell_assumptions(services, viewer)


@router.get("/{plan}/versions/{number}/service-visits")
def tell_expected(services: ServicesOf, viewer: ViewerOf, plan: PlanId, number: VersionNumber) -> dict[str, Any]:
    """What each dealer's year of service is made of: requests × conversion + cars due × return rate."""
    items = explained(outlook_for(services, viewer.seen, services.plans.version_of(plan, number)))
    return {"items": items, "total": len(items), "next": None}


@router.post("/{plan}/versions/{number}/service-visits", dependencies=[Depends(may_plan)])
def plan_expected(services: ServicesOf, viewer: ViewerOf, plan: PlanId, number: VersionNumber) -> dict[str, Any]:
    """Write them into the draft; locked cells keep their numbers."""
    version = services.plans.version_of(plan, number)
    outlook = outlook_for(services, viewer.seen, version)
    direction = service_direction(known_directions(services.database))
    done = plan_service_visits(
        services.database, services.clock, version.id, outlook, direction, author=viewer.name, seen=viewer.seen
    )
    return {"edit": done.edit, "lines": done.lines}
