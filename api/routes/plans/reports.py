"""Versions of a plan beside each other, and beside what happened."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read_of_dealers
from api.exports import ExportFormat
from api.plan_addresses import PlanId
from api.plan_view import fact_answer
from api.questions import read_names
from planning.comparing import compare

router = APIRouter(prefix="/api/plans/{plan}", dependencies=[Depends(may_read_of_dealers)])


@router.get("/compare")
def compare_versions(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: PlanId,
    earlier: Annotated[int, Query(alias="from", ge=1, description="Number of the earlier version.")],
    later: Annotated[int, Query(alias="to", ge=1, description="Number of the later version.")],
    measure: Annotated[str, Query(description="Only this measure.")] = "",
    limit: Annotated[int, Query(ge=1, le=100_000, description="At most so many cells.")] = 1000,
) -> dict[str, Any]:
    """Cells in which the second version differs from the first: who changed them, when, and why."""
    first, second = (services.plans.version_of(plan, number) for number in (earlier, later))
    with services.database.connect() as connection:
        found = compare(connection, first.id, second.id, measure=measure, seen=viewer.seen)
    return {"items": [each.as_dict() for each in found[:limit]], "total": len(found), "next": None}


@router.get("/fact")
def tell_fact(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: PlanId,
    version: Annotated[int | None, Query(ge=1, description="Its number; the newest unless said.")] = None,
    by: Annotated[str, Query(description="Levels with commas, such as `brand,month`.")] = "dealer",
    measures: Annotated[str, Query(description="Planned measures, with commas.")] = "sales,leads,budget",
    upto: Annotated[
        int | None, Query(ge=0, le=12, description="The last month that counts; the last that is over unless said.")
    ] = None,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """Plan, fact, fulfilment and difference up to a month, and the pace of the year, of each group."""
    answer = fact_answer(services, viewer.seen, plan, version, read_names(by), read_names(measures), upto)
    return answered(answer, form, services.settings)
