"""Plans as files: in the form that the import reads back, and as tables to fill in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.auth import ServicesOf, ViewerOf, may_read_of_dealers
from api.plan_addresses import PlanId
from api.plan_files import FilledWith, PlanFormat, exported_facts, exported_plan, plan_template
from api.row_ids import LARGEST_ID

router = APIRouter(prefix="/api/plans/{plan}", dependencies=[Depends(may_read_of_dealers)])

Number = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Number of the version; the newest unless said.")]
Format = Annotated[PlanFormat, Query(alias="format", description="`xlsx` or `csv`.")]
Filled = Annotated[FilledWith, Query(description="With which figures of last year.")]


@router.get("/export")
def export_plan(
    services: ServicesOf, viewer: ViewerOf, plan: PlanId, version: Number = None, form: Format = PlanFormat.XLSX
) -> Response:
    """A version's lines as a table that the import reads back as the same."""
    return exported_plan(services, viewer, plan, version, form)


@router.get("/facts")
def export_facts(services: ServicesOf, viewer: ViewerOf, plan: PlanId, form: Format = PlanFormat.XLSX) -> Response:
    """What happened in the plan's year, as a table in the form of the plan's own."""
    return exported_facts(services, viewer, plan, form)


@router.get("/template")
def template(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: PlanId,
    filled: Filled = FilledWith.NOTHING,
    form: Format = PlanFormat.XLSX,
) -> Response:
    """A table to fill in: each dealer, direction and measure, with last year's plan or facts where asked for."""
    return plan_template(services, viewer, plan, filled, form)
