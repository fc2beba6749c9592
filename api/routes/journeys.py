"""Journeys: paths, lengths, times and assists as JSON, and with cohorts as pages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read_of_dealers
from api.cohorts_view import CohortsPage, cohorts_view
from api.exports import ExportFormat
from api.journeys_view import JourneysPage, journeys_view
from api.page_periods import First, Last, Span, read_page_period
from api.questions import read_choice, read_period
from api.rendering import PageRoute, show
from attribution.cohorts import Start
from attribution.paths import (
    PathQuestion,
    Step,
    assisted_report,
    path_length_report,
    path_report,
    time_to_conversion_report,
)

router = APIRouter(prefix="/api/reports", dependencies=[Depends(may_read_of_dealers)])
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_of_dealers)])

Form = Annotated[ExportFormat, Query(alias="format")]


@router.get("/paths")
def tell_paths(
    services: ServicesOf,
    viewer: ViewerOf,
    kind: str = "sale",
    of: str = "channel",
    folded: bool = True,
    limit: int = 50,
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """Which paths the journeys of the period's conversions took, the most frequent first."""
    period = read_period(first, last, services.today)
    question = PathQuestion(period, kind, read_choice(Step, of, "of"), folded, limit)
    return answered(path_report(services.warehouse, question, seen=viewer.seen), form, services.settings)


@router.get("/path-lengths")
def tell_path_lengths(
    services: ServicesOf,
    viewer: ViewerOf,
    kind: str = "sale",
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """How many touches the journeys of the period's conversions had."""
    question = PathQuestion(read_period(first, last, services.today), kind)
    return answered(path_length_report(services.warehouse, question, seen=viewer.seen), form, services.settings)


@router.get("/time-to-conversion")
def tell_time_to_conversion(
    services: ServicesOf,
    viewer: ViewerOf,
    kind: str = "sale",
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """How many days lay between the first touch and the conversion."""
    question = PathQuestion(read_period(first, last, services.today), kind)
    return answered(time_to_conversion_report(services.warehouse, question, seen=viewer.seen), form, services.settings)


@router.get("/assisted")
def tell_assisted(
    services: ServicesOf,
    viewer: ViewerOf,
    kind: str = "sale",
    of: str = "channel",
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """Which channels opened, helped and closed the journeys of the period's conversions."""
    question = PathQuestion(read_period(first, last, services.today), kind, read_choice(Step, of, "of"))
    return answered(assisted_report(services.warehouse, question, seen=viewer.seen), form, services.settings)


@pages.get("/journeys", response_class=HTMLResponse)
def journeys_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    period: str = "",
    first: First = "",
    last: Last = "",
    kind: str = "sale",
    of: str = "channel",
    folded: bool = True,
    limit: int = 20,
) -> Response:
    """Paths, their length and time, and assisted conversions."""
    chosen = read_page_period(period, first, last, services.today, Span.LAST_12_MONTHS)
    question = JourneysPage(chosen, kind, read_choice(Step, of, "of"), folded, limit)
    return show(request, "journeys/page.html", journeys_view(services, viewer.seen, question))


@pages.get("/journeys/cohorts", response_class=HTMLResponse)
def cohorts_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    period: str = "",
    first: First = "",
    last: Last = "",
    start: str = "touch",
    shown: str = "margin_per_person",
    by: str = "first_channel",
) -> Response:
    """What persons were worth since, by the month and the channel in which they began."""
    chosen = read_page_period(period, first, last, services.today, Span.LAST_12_MONTHS)
    question = CohortsPage(chosen, read_choice(Start, start, "start"), shown, by)
    return show(request, "journeys/cohorts.html", cohorts_view(services, viewer.seen, question))
