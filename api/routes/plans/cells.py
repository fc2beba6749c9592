"""Changing a draft: single cells, and a number on the top that is shared out."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Depends

from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.plan_addresses import PlanId, VersionNumber
from api.plan_bodies import ToldCells, ToldSplit
from api.plan_facts import split_basis
from infra.errors import InvalidInput
from planning.dimensions import known_network
from planning.editing import Edited
from planning.lines import read_lines
from planning.measures import planned_measure
from planning.sharing import targets_of
from planning.splitting import SplitMethod

router = APIRouter(prefix="/api/plans/{plan}/versions/{number}")


@router.put("/cells", dependencies=[Depends(may_plan)])
def put_cells(
    services: ServicesOf, viewer: ViewerOf, plan: PlanId, number: VersionNumber, told: ToldCells
) -> dict[str, Any]:
    """All of these cells, or none. 409 where somebody changed one of them since `based_on`."""
    version = services.plans.version_of(plan, number)
    cells = [each.cell() for each in told.cells]
    if not told.keep:
        done = services.plan_editor.put(version.id, cells, author=viewer.name, why=told.why, seen=viewer.seen)
    elif len(cells) == 1:
        done = services.plan_sharer.put_keeping(
            version.id, cells[0], told.keep, author=viewer.name, why=told.why, seen=viewer.seen
        )
    else:
        raise InvalidInput("Others make up for one cell at a time.", where="cells", help="Change one, or keep nothing.")
    return _done(done)


@router.post("/split", dependencies=[Depends(may_plan)])
def split_total(
    services: ServicesOf, viewer: ViewerOf, plan: PlanId, number: VersionNumber, told: ToldSplit
) -> dict[str, Any]:
    """Share a total out to the dealers and months below a place: whole parts that add up to it exactly."""
    version = services.plans.version_of(plan, number)
    split = told.split(services.plans.get(plan))
    basis = split_basis(services, viewer.seen, by_channel=bool(told.channels or told.channel))
    if told.method is SplitMethod.WEIGHTS:
        basis = replace(basis, weights=told.weights)
    if told.month_weights:
        basis = replace(basis, month_weights=_twelve(told.month_weights))
    done = services.plan_sharer.split(
        version.id, [split], basis, author=viewer.name, why=told.why, based_on=told.based_on, seen=viewer.seen
    )
    return _done(done)


@router.get("/targets", dependencies=[Depends(may_read_of_dealers)])
def tell_targets(services: ServicesOf, viewer: ViewerOf, plan: PlanId, number: VersionNumber) -> dict[str, Any]:
    """What was shared out from above, what the lines below say now, and the difference."""
    version = services.plans.version_of(plan, number)
    with services.database.connect() as connection:
        lines = read_lines(connection, version.id, seen=viewer.seen)
        network = known_network(connection, viewer.seen)
        found = targets_of(connection, version.id, network, lines, seen=viewer.seen)
    items = []
    for each in found:
        shown = planned_measure(each.measure).shown
        place = {name: getattr(each, name) for name in ("measure", "holding", "brand", "dealer", "direction")}
        month = {"month": each.month or None}
        figures = {name: shown(getattr(each, name)) for name in ("value", "below", "difference")}
        items.append(place | month | figures)
    return {"items": items, "total": len(items), "next": None}


def _twelve(weights: list[float]) -> list[float]:
    """Raises `InvalidInput`."""
    if len(weights) != 12:
        raise InvalidInput("There are twelve weights of months.", where="month_weights", help="January comes first.")
    return weights


def _done(done: Edited) -> dict[str, Any]:
    return {"edit": done.edit, "lines": done.lines}
