"""The overview, as JSON and as a page."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ServicesOf, ViewerOf, may_read_own
from api.overview_questions import read_overview_question
from api.overview_view import overview_document, overview_view
from api.rendering import PageRoute, show

router = APIRouter()
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_own)])

First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]


@router.get("/api/overview", dependencies=[Depends(may_read_own)])
def tell_overview(
    services: ServicesOf,
    viewer: ViewerOf,
    period: str = "",
    first: First = "",
    last: Last = "",
    measure: str = "",
    step: str = "",
) -> dict[str, Any]:
    """The figures of a period beside those before it, what needs attention now, and who stands best and worst."""
    question = read_overview_question(period, first, last, measure, step, services.today)
    return overview_document(services, viewer, question)


@pages.get("/overview", response_class=HTMLResponse)
def overview_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    period: str = "",
    first: First = "",
    last: Last = "",
    measure: str = "",
    step: str = "",
) -> Response:
    """The same as a page."""
    question = read_overview_question(period, first, last, measure, step, services.today)
    return show(request, "overview/page.html", overview_view(services, viewer, question))
