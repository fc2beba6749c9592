"""What sales people and products bring, as JSON and as pages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read_of_dealers
from api.exports import ExportFormat
from api.page_periods import First, Last, Span, read_page_period
from api.performance_view import PerformancePage, performance_view
from api.questions import read_names, read_period
from api.rendering import PageRoute, show
from attribution.performance import PerformanceQuestion, performance_report

router = APIRouter(dependencies=[Depends(may_read_of_dealers)])
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_of_dealers)])


@router.get("/api/reports/performance")
def tell_performance(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "manager",
    first: First = "",
    last: Last = "",
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """What each manager, product, dealer or brand brought, and what became of the leads of the period."""
    question = PerformanceQuestion(read_period(first, last, services.today), read_names(by))
    return answered(
        performance_report(services.warehouse, question, services.settings, seen=viewer.seen), form, services.settings
    )


@pages.get("/managers", response_class=HTMLResponse)
def managers_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    period: str = "",
    first: First = "",
    last: Last = "",
    rate: str = "cr_lead_sale",
    dealer: str = "",
) -> Response:
    """Sales people, as a page."""
    chosen = read_page_period(period, first, last, services.today, Span.LAST_90_DAYS)
    question = PerformancePage(chosen, "manager", rate, dealer)
    return show(request, "performance/page.html", performance_view(services, viewer.seen, question))


@pages.get("/managers/products", response_class=HTMLResponse)
def products_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    period: str = "",
    first: First = "",
    last: Last = "",
    rate: str = "cr_lead_sale",
    dealer: str = "",
) -> Response:
    """Products, as a page."""
    chosen = read_page_period(period, first, last, services.today, Span.LAST_90_DAYS)
    question = PerformancePage(chosen, "product", rate, dealer)
    return show(request, "performance/page.html", performance_view(services, viewer.seen, question))
