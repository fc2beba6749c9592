"""Visits by their numbers: as JSON, as a page, and as a card that a CRM may frame, behind a link that ends."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ServicesOf, may_see_people
from api.bootstrap import Services
from api.errors import status_of
from api.rendering import PageRoute, show, templates
from api.visit_view import visit_document
from collectors.visits.book import KnownVisit
from infra.errors import ClosedLoopError

router = APIRouter()
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_see_people)])
_FRAMED = {
    "Content-Security-Policy": "frame-ancestors *",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


@router.get("/api/visits/{number}", dependencies=[Depends(may_see_people)])
def tell_visit(number: str, services: ServicesOf) -> dict[str, Any]:
    """Where a visit came from, what it looked at, and the visits before it. The number in any spelling."""
    return visit_document(services.visits.by_number(number))


@pages.get("/visits/{number}", response_class=HTMLResponse)
def visit_page(request: Request, number: str, services: ServicesOf) -> Response:
    """The same as a page."""
    return show(request, "visit.html", _view(services, services.visits.by_number(number), "base.html"))


@router.get("/visits/card/{signed}", response_class=HTMLResponse, include_in_schema=False)
def visit_card(request: Request, signed: str, services: ServicesOf) -> Response:
    """The same for whoever has the link, to be framed in a CRM's card."""
    try:
        view = _view(services, services.visits.by_link(signed), "frame.html")
        return templates.TemplateResponse(request, "visit.html", view, headers=_FRAMED)
    except ClosedLoopError as error:
        told = {"error": error, "layout": "frame.html"}
        return templates.TemplateResponse(request, "message.html", told, status_of(error), headers=_FRAMED)


def _view(services: Services, known: KnownVisit, layout: str) -> dict[str, Any]:
    return {**visit_document(known), "layout": layout, "zone": services.settings.zone}
