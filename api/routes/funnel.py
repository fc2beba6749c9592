"""The funnel, lost leads and calls: as pages, and what only they tell as JSON."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read_of_dealers
from api.calls_view import CallsPage, calls_view
from api.exports import ExportFormat
from api.funnel_view import FunnelPage, funnel_view
from api.lost_leads_view import LostPage, lost_leads_view
from api.opportunity_questions import deadlines
from api.page_periods import First, Last, Span, read_page_period
from api.questions import read_model, read_names, read_offset, read_period
from api.rendering import PageRoute, show
from attribution.staffing import StaffingQuestion, staffing_report
from attribution.unprocessed import UnprocessedQuestion, unprocessed_report

router = APIRouter(prefix="/api/reports", dependencies=[Depends(may_read_of_dealers)])
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_of_dealers)])

Form = Annotated[ExportFormat, Query(alias="format")]


@router.get("/unprocessed-leads")
def tell_unprocessed(
    services: ServicesOf,
    viewer: ViewerOf,
    first: First = "",
    last: Last = "",
    unprocessed_hours: int | None = None,
    dealer: str = "",
    limit: int = 500,
    page: Annotated[str, Query(alias="next")] = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """Which requests nobody dealt with, by their ids and without a word on the person, the newest first."""
    period = read_period(first, last, services.today)
    hours, _ = deadlines(services.settings, unprocessed_hours)
    question = UnprocessedQuestion(period, hours, dealer, limit, read_offset(page))
    return answered(
        unprocessed_report(services.warehouse, question, services.settings, seen=viewer.seen), form, services.settings
    )


@router.get("/staffing")
def tell_staffing(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "hour",
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """How many calls came in each hour, and how many people answered them."""
    question = StaffingQuestion(read_period(first, last, services.today), read_names(by))
    return answered(
        staffing_report(services.warehouse, question, services.settings, seen=viewer.seen), form, services.settings
    )


@pages.get("/funnel", response_class=HTMLResponse)
def funnel_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    period: str = "",
    first: First = "",
    last: Last = "",
    by: str = "",
    model: str = "last_non_direct",
) -> Response:
    """The stages, drawn, and by groups."""
    chosen = read_page_period(period, first, last, services.today, Span.LAST_90_DAYS)
    question = FunnelPage(chosen, by, read_model(model))
    return show(request, "funnel/page.html", funnel_view(services, viewer.seen, question))


@pages.get("/funnel/lost", response_class=HTMLResponse)
def lost_leads_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    period: str = "",
    first: First = "",
    last: Last = "",
    by: str = "dealer",
    shown: str = "late",
    unprocessed_hours: int | None = None,
    late_minutes: int | None = None,
    dealer: str = "",
) -> Response:
    """Where and when leads are lost, what that costs, and which they are."""
    chosen = read_page_period(period, first, last, services.today, Span.LAST_90_DAYS)
    limits = deadlines(services.settings, unprocessed_hours, late_minutes)
    question = LostPage(chosen, *limits, by, shown, dealer)
    return show(request, "funnel/lost.html", lost_leads_view(services, viewer.seen, question))


@pages.get("/funnel/calls", response_class=HTMLResponse)
def calls_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    period: str = "",
    first: First = "",
    last: Last = "",
    by: str = "dealer",
    shown: str = "unanswered",
) -> Response:
    """When calls come and who answers them, and which channels bring junk."""
    chosen = read_page_period(period, first, last, services.today, Span.LAST_90_DAYS)
    return show(request, "funnel/calls.html", calls_view(services, viewer.seen, CallsPage(chosen, by, shown)))
