"""The budget calculator for programs: solutions, past effectiveness, and scenarios."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.bootstrap import Services
from api.calculator.asking import calculated, effectiveness_answer, scoped
from api.exports import ExportFormat
from api.questions import read_choice
from api.row_ids import LARGEST_ID, RowId
from api.viewer import Viewer
from planning.calculator.effectiveness import By
from planning.calculator.laying_out import lay_out_scenario
from planning.calculator.question import CalculatorQuestion
from planning.calculator.telling import coverage_rows

router = APIRouter(prefix="/api/calculator")
_Revision = Annotated[int, Field(strict=True, ge=0, le=LARGEST_ID)]


class ScenarioBody(BaseModel):
    """A question under a name."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200)]
    question: CalculatorQuestion = CalculatorQuestion()


class ChangedScenarioBody(ScenarioBody):
    based_on: _Revision


class LayOutScenarioBody(BaseModel):
    """`replaces` lets the items make way that the media plan has."""

    model_config = ConfigDict(extra="forbid")

    replaces: Annotated[bool, Field(strict=True)] = False


@router.post("", dependencies=[Depends(may_read_of_dealers)])
def calculate(services: ServicesOf, viewer: ViewerOf, told: CalculatorQuestion) -> dict[str, Any]:
    """The budget that wanted sales need, or the sales that a budget brings, by channel, with intervals."""
    return calculated(services, scoped(services, viewer, told)).answer


@router.get("/effectiveness", dependencies=[Depends(may_read_of_dealers)])
def tell_effectiveness(
    services: ServicesOf,
    viewer: ViewerOf,
    by: Annotated[
        str, Query(description="`channel`, `dealer`, `direction`, or `season` (month of the year).")
    ] = "channel",
    first: Annotated[
        str, Query(alias="from", description="A day of the first month; twelve months back unless said.")
    ] = "",
    last: Annotated[
        str, Query(alias="to", description="A day of the last month; the last that is over unless said.")
    ] = "",
    dealer: str = "",
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """What past months cost and brought, with conversions and CPL partially pooled."""
    answer = effectiveness_answer(services, viewer, read_choice(By, by, "by"), first, last, dealer)
    return answered(answer, form, services.settings)


@router.get("/coverage", dependencies=[Depends(may_read_of_dealers)])
def tell_coverage(
    services: ServicesOf,
    viewer: ViewerOf,
    direction: str = "",
) -> dict[str, Any]:
    """How often the intervals of earlier months held what came, before and after they were widened or narrowed."""
    items = coverage_rows(services.measured_rates(direction))
    return {"items": items, "total": len(items), "next": None}


@router.get("/scenarios", dependencies=[Depends(may_read_of_dealers)])
def list_scenarios(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """Kept scenarios with what was answered, the newest first."""
    items = [each.as_dict() for each in services.scenarios.list(viewer=viewer.name, seen=viewer.seen)]
    return {"items": items, "total": len(items), "next": None}


@router.post("/scenarios", status_code=201, dependencies=[Depends(may_plan)])
def save_scenario(services: ServicesOf, viewer: ViewerOf, told: ScenarioBody) -> dict[str, Any]:
    """Keep a question and its answer under a name."""
    question, answer = _answered(services, viewer, told.question)
    return services.scenarios.save(told.name, question, answer, author=viewer.name).as_dict()


@router.get("/scenarios/{key}", dependencies=[Depends(may_read_of_dealers)])
def tell_scenario(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    """One scenario."""
    return services.scenarios.get(key, viewer=viewer.name, seen=viewer.seen).as_dict()


@router.put("/scenarios/{key}", dependencies=[Depends(may_plan)])
def change_scenario(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ChangedScenarioBody) -> dict[str, Any]:
    """Another name or question; the answer is found anew. `based_on` is the revision that was looked at."""
    services.scenarios.get(key, viewer=viewer.name, seen=viewer.seen)
    question, answer = _answered(services, viewer, told.question)
    changed = services.scenarios.change(
        key, told.name, question, answer, based_on=told.based_on, author=viewer.name, seen=viewer.seen
    )
    return changed.as_dict()


@router.delete("/scenarios/{key}", status_code=204, dependencies=[Depends(may_plan)])
def remove_scenario(services: ServicesOf, viewer: ViewerOf, key: RowId, based_on: RowId) -> None:
    """Delete a scenario; `based_on` is the revision that was looked at."""
    services.scenarios.remove(key, based_on=based_on, author=viewer.name, seen=viewer.seen)


@router.post("/scenarios/{key}/media-plan", status_code=201, dependencies=[Depends(may_plan)])
def lay_out(services: ServicesOf, viewer: ViewerOf, key: RowId, told: LayOutScenarioBody) -> dict[str, Any]:
    """Lay the scenario out as the media plan of its dealer and month, within the approved budget."""
    scenario = services.scenarios.get(key, viewer=viewer.name, seen=viewer.seen)
    done = lay_out_scenario(
        services.database,
        services.media_plans,
        scenario,
        author=viewer.name,
        currency=services.settings.currency,
        replaces=told.replaces,
        seen=viewer.seen,
    )
    return {"media_plan": done.plan.as_dict(), "replaced": done.replaced}


def _answered(
    services: Services, viewer: Viewer, told: CalculatorQuestion
) -> tuple[CalculatorQuestion, dict[str, Any]]:
    found = calculated(services, scoped(services, viewer, told))
    return found.scoped.question, found.answer
