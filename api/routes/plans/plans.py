"""Plans and their versions: which there are, and how new ones begin."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read_of_dealers
from api.bootstrap import Services
from api.plan_addresses import PlanId, VersionNumber
from api.plan_bodies import NewPlan, NewVersion, Told, lines_told
from api.row_ids import LARGEST_ID
from attribution.visibility import Visibility
from planning.edits import edits_of
from planning.lines import read_lines
from planning.measures import planned_measure
from planning.plans import Plan, PlanVersion
from planning.undoing import undo

router = APIRouter(prefix="/api/plans", dependencies=[Depends(may_read_of_dealers)])


class _Undone(Told):
    edit: Annotated[int, Field(ge=1, le=LARGEST_ID)]


@router.get("")
def list_plans(services: ServicesOf) -> dict[str, Any]:
    """The newest year and month first, each with its newest version."""
    items = [_with_versions(services, plan) for plan in services.plans.all()]
    return {"items": items, "total": len(items), "next": None}


@router.post("", status_code=201, dependencies=[Depends(may_change_rules)])
def create_plan(services: ServicesOf, viewer: ViewerOf, told: NewPlan) -> dict[str, Any]:
    """A plan of a year or of a month, with its first draft."""
    version = services.plans.create(
        told.name,
        told.year,
        month=told.month,
        currency=told.currency or services.settings.currency,
        author=viewer.name,
        based_on=told.based_on,
    )
    return _with_versions(services, services.plans.get(version.plan))


@router.get("/{plan}")
def tell_plan(services: ServicesOf, plan: PlanId) -> dict[str, Any]:
    """The plan, and all its versions, the newest first."""
    return _with_versions(services, services.plans.get(plan))


@router.post("/{plan}/versions", status_code=201, dependencies=[Depends(may_change_rules)])
def draft_version(services: ServicesOf, viewer: ViewerOf, plan: PlanId, told: NewVersion) -> dict[str, Any]:
    """A draft with the lines of a version; of an approved plan, an amendment that says why."""
    return services.plans.new_version(plan, author=viewer.name, why=told.why, based_on=told.based_on).as_dict()


@router.get("/{plan}/versions/{number}")
def tell_version(services: ServicesOf, viewer: ViewerOf, plan: PlanId, number: VersionNumber) -> dict[str, Any]:
    """The version, what it sums up to by measure, and its newest edits."""
    version = services.plans.version_of(plan, number)
    with services.database.connect() as connection:
        lines = read_lines(connection, version.id, seen=viewer.seen)
        edits = edits_of(connection, version.id, seen=viewer.seen)
    sums: dict[str, int] = {}
    for key, value in zip(lines.keys, lines.values.sum(axis=1).tolist(), strict=True):
        sums[key.measure] = sums.get(key.measure, 0) + value
    totals = {slug: planned_measure(slug).shown(value) for slug, value in sums.items()}
    return version.as_dict() | {"totals": totals, "edits": [each.as_dict() for each in edits]}


@router.get("/{plan}/versions/{number}/cells")
def tell_cells(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: PlanId,
    number: VersionNumber,
    measure: Annotated[str, Query(description="Only this measure.")] = "",
    dealer: Annotated[str, Query(description="Only this dealer.")] = "",
) -> dict[str, Any]:
    """The lines, of a measure and a dealer where they are named, with their twelve months."""
    version = services.plans.version_of(plan, number)
    items = _lines(services, version, measure, dealer, viewer.seen)
    return {"items": items, "total": len(items), "next": None, "version": version.as_dict()}


@router.post("/{plan}/versions/{number}/undo", dependencies=[Depends(may_change_rules)])
def undo_edit(
    services: ServicesOf, viewer: ViewerOf, plan: PlanId, number: VersionNumber, told: _Undone
) -> dict[str, Any]:
    """Take the newest edit back. 409 where another came after it."""
    version = services.plans.version_of(plan, number)
    done = undo(services.database, services.clock, version.id, told.edit, author=viewer.name)
    return {"edit": done.edit, "lines": done.lines}


def _lines(
    services: Services, version: PlanVersion, measure: str, dealer: str, seen: Visibility
) -> list[dict[str, Any]]:
    with services.database.connect() as connection:
        dealers = [dealer] if dealer else []
        return lines_told(read_lines(connection, version.id, measure=measure, dealers=dealers, seen=seen))


def _with_versions(services: Services, plan: Plan) -> dict[str, Any]:
    versions = services.plans.versions(plan.id)
    return plan.as_dict() | {"versions": [each.as_dict() for each in versions]}
