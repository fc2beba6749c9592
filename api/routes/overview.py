"""The overview, as JSON and as a page."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ServicesOf, may_read
from api.overview_questions import read_overview_question
from api.overview_view import overview_document, overview_view
from api.rendering import PageRoute, show

router = APIRouter()
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)])

First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]


@router.get("/api/overview", dependencies=[Depends(may_read)])
def tell_overview(
    services: ServicesOf, period: str = "", first: First = "", last: Last = "", measure: str = "", step: str = ""
) -> dict[str, Any]:
    """The figures of a period beside those before it, what needs attention now, and who stands best and worst."""
    question = read_overview_question(period, first, last, measure, step, services.today)
    return overview_document(services, question)


@pages.get("/overview", response_class=HTMLResponse)
def overview_page(
    request: Request,
    services: ServicesOf,
    period: str = "",
    first: First = "",
    last: Last = "",
    measure: str = "",
    step: str = "",
) -> Response:
    """The same as a page."""
    question = read_overview_question(period, first, last, measure, step, services.today)
    return show(request, "overview/page.html", overview_view(services, question))
