"""The hiring sheet: candidates, what they claim, and what is to be expected of them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_plan, may_read
from api.errors import status_of
from api.exports import ExportFormat
from api.forms import ToldForm, number_of, text_of
from api.hiring_view import hiring_answer, hiring_view, read_candidate
from api.plan_bodies import Told
from api.rendering import PageRoute, show
from api.row_ids import RowId
from infra.errors import ClosedLoopError
from planning.hiring.candidates import CandidateState, ToldCandidate, add_candidate, change_candidate

router = APIRouter(prefix="/api/hiring", dependencies=[Depends(may_read)])
pages = APIRouter(prefix="/hiring", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)])
Text = Annotated[str, Field(min_length=1, max_length=200)]
Revision = Annotated[int, Field(strict=True, ge=1)]


class CandidateBody(Told):
    """`claimed_budget` is a month's; ROMI is a fraction, 1.5 being 150 %; `weight` from 0 to 1, derived where null."""

    name: Text
    channel: Text
    claimed_budget: Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=2, allow_inf_nan=False)]
    currency: Annotated[str, Field(max_length=3)] = ""
    claimed_romi: Annotated[float, Field(ge=-1, le=1000, allow_inf_nan=False)]
    claimed_months: Annotated[int, Field(strict=True, ge=1, le=120)] = 3
    weight: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    starts_on: date | None = None
    state: CandidateState = CandidateState.CONSIDERED
    notes: Annotated[str, Field(max_length=4000)] = ""

    def candidate(self) -> ToldCandidate:
        return ToldCandidate(**self.model_dump() | {"claimed_budget": int(self.claimed_budget * 100)})


@router.get("")
def tell_sheet(
    services: ServicesOf, form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON
) -> Response:
    """Candidates beside the contractors that were measured in the last twelve months."""
    return answered(hiring_answer(services), form, services.settings)


@router.post("", status_code=201, dependencies=[Depends(may_plan)])
def add(services: ServicesOf, viewer: ViewerOf, told: CandidateBody) -> dict[str, Any]:
    """Add a candidate to the sheet."""
    currency = services.settings.currency
    made = add_candidate(services.database, services.clock, told.candidate(), currency=currency, author=viewer.name)
    return made.as_dict()


@router.put("/{key}", dependencies=[Depends(may_plan)])
def change(
    services: ServicesOf,
    viewer: ViewerOf,
    key: RowId,
    candidate: Annotated[CandidateBody, Body()],
    based_on: Annotated[Revision, Body()],
) -> dict[str, Any]:
    """Change a candidate: what it claims, how far that is believed, or how it stands."""
    made = change_candidate(
        services.database,
        services.clock,
        key,
        candidate.candidate(),
        based_on=based_on,
        currency=services.settings.currency,
        author=viewer.name,
    )
    return made.as_dict()


@pages.get("", response_class=HTMLResponse)
def hiring_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """Claims beside what was measured, and what to ask for."""
    return show(request, "hiring/page.html", hiring_view(services, viewer) | {"done": done})


@pages.post("", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def keep_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Add a candidate, or change the one that the form names."""
    key, currency = number_of(form, "key"), services.settings.currency
    try:
        told = read_candidate(form)
        if key:
            based_on = number_of(form, "revision")
            change_candidate(
                services.database, services.clock, key, told, based_on=based_on, currency=currency, author=viewer.name
            )
        else:
            add_candidate(services.database, services.clock, told, currency=currency, author=viewer.name)
    except ClosedLoopError as error:
        filled = {name: text_of(form, name) for name in form}
        view = hiring_view(services, viewer, filled) | {"error": error, "edited": key}
        return show(request, "hiring/page.html", view, status_of(error))
    return RedirectResponse("/hiring?done=kept", 303)
