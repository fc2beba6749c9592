"""Contractors side by side, and a page for each."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read_own
from api.contractor_view import contractor_view
from api.contractors_questions import Asked, read_contractor_page, read_contractors_question
from api.contractors_view import contractors_view
from api.exports import ExportFormat
from api.rendering import PageRoute, show
from attribution.contractor_register import contractor_register

router = APIRouter(dependencies=[Depends(may_read_own)])
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_own)])


def read_asked(
    period: str = "",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    model: str = "last_non_direct",
    ranked: str = "",
) -> Asked:
    """What both pages are asked alike."""
    return Asked(period, first, last, model, ranked)


AskedOf = Annotated[Asked, Depends(read_asked)]


@router.get("/api/reports/contractor-register")
def tell_register(
    services: ServicesOf, viewer: ViewerOf, form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON
) -> Response:
    """Who runs what, for which fees, and what each claims."""
    return answered(
        contractor_register(services.database, services.settings.currency, seen=viewer.seen), form, services.settings
    )


@pages.get("/contractors", response_class=HTMLResponse)
def contractors_page(request: Request, services: ServicesOf, viewer: ViewerOf, asked: AskedOf) -> Response:
    """The register, who earns what they cost, and claims beside what was measured."""
    question = read_contractors_question(asked, services.today)
    return show(request, "contractors/page.html", contractors_view(services, viewer.seen, question))


@pages.get("/contractors/{contractor:path}", response_class=HTMLResponse)
def contractor_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    asked: AskedOf,
    contractor: str,
    measure: str = "",
    step: str = "",
) -> Response:
    """One contractor: what it costs and brings, month by month, for which dealers."""
    page = read_contractor_page(contractor, asked, measure, step, services.today)
    return show(request, "contractors/contractor.html", contractor_view(services, viewer.seen, page))
