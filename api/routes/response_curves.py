"""How leads respond to spend: the report, and its page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read_of_dealers
from api.exports import ExportFormat
from api.questions import read_choice
from api.rendering import PageRoute, show
from api.response_view import response_view
from attribution.runs import newest_run
from planning.response.reporting import By, ResponseQuestion, response_report

router = APIRouter(prefix="/api", dependencies=[Depends(may_read_of_dealers)])
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_of_dealers)])

Channel = Annotated[str, Query(description="Of this channel alone.")]
DealerId = Annotated[str, Query(description="Of this dealer alone.")]


@router.get("/response-curves")
def response_curves(
    services: ServicesOf,
    viewer: ViewerOf,
    by: Annotated[str, Query(description="`cell`, or `curve` for the points of each channel's curve.")] = By.CELL,
    channel: Channel = "",
    dealer: DealerId = "",
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """What a month's spend brings, cell by cell, and what a unit more would, with intervals of 80%."""
    question = ResponseQuestion(read_choice(By, by, "by"), channel, dealer)
    study = services.response_study(viewer.seen)
    return answered(response_report(study, newest_run(services.warehouse), question), form, services.settings)


@pages.get("/response-curves", response_class=HTMLResponse)
def response_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, channel: str = "", dealer: str = ""
) -> Response:
    """A curve a channel, and a table of cells."""
    return show(request, "response/page.html", response_view(services, viewer.seen, channel, dealer))
