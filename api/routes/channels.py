"""Channels: the ROMI/CPL report as a page, the conversions behind it, their journeys, and models side by side."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_read_own
from api.behind_view import behind_view, journey_view
from api.beside_view import MEASURE, USUAL_MODELS, beside_view
from api.channels_question import PlaceOf
from api.condition_editor import with_condition
from api.questions import read_model, read_names, read_order
from api.rendering import PageRoute, show
from api.romi_view import romi_view
from api.status import freshness

router = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_own)])
Many = Annotated[list[str] | None, Query()]


@router.get("/channels", response_class=HTMLResponse)
def channels_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    place: PlaceOf,
    only: str = "",
    value: Many = None,
    excluded: str = "",
    apply: str = "",
) -> Response:
    """Pickers, a chart that follows the picked rows, a sortable table with a way into each row, and totals.

    With `apply`, a condition on the dimension `only` is set and the address of the report with it is told.
    """
    if apply and only:
        question = with_condition(place.question, only, value or (), excluded=bool(excluded))
        return RedirectResponse(place.asking(replace(question, offset=0)).address(), 303)
    view = romi_view(services, viewer.seen, place, only)
    return show(request, "romi/page.html", {**view, "saved_address": place.address()})


@router.get("/channels/models", response_class=HTMLResponse)
def models_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    place: PlaceOf,
    compare: Many = None,
    measure: str = MEASURE,
    rank: str = "",
) -> Response:
    """One measure by two to five models, and what each differs from the first."""
    names = read_names(",".join(compare or ()))
    models = tuple(dict.fromkeys(read_model(each) for each in names)) or USUAL_MODELS
    view = beside_view(services, viewer.seen, place, models, measure, read_order(rank))
    return show(request, "romi/beside.html", view)


@router.get("/channels/conversions", response_class=HTMLResponse)
def conversions_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, place: PlaceOf, kind: str = ""
) -> Response:
    """The conversions behind what the report's conditions leave."""
    return show(request, "romi/behind.html", behind_view(services, viewer.seen, place, kind))


@router.get("/channels/journeys/{kind}/{conversion:path}", response_class=HTMLResponse)
def journey_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, place: PlaceOf, kind: str, conversion: str
) -> Response:
    """The touches that led to one conversion, and the credit that each model gives them."""
    return show(request, "romi/journey.html", journey_view(services, viewer.seen, place, kind, conversion))


@router.get("/freshness")
def tell_freshness(services: ServicesOf) -> dict[str, Any]:
    """What pages ask every few seconds."""
    return freshness(services)
