"""Customers and their cards, as JSON and as pages."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ServicesOf, ViewerOf, may_see_own_people
from api.customer_view import customer_view
from api.rendering import PageRoute, show
from attribution.customer_cards import customer_card, newest_leads
from infra.errors import NotFound, NotReady

router = APIRouter(dependencies=[Depends(may_see_own_people)])
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_see_own_people)])
_NEWEST = 30


@router.get("/api/customers")
def tell_customer(
    services: ServicesOf, viewer: ViewerOf, q: Annotated[str, Query(max_length=500)] = ""
) -> dict[str, Any]:
    """The card of whoever a phone, an e-mail, or the id of a lead, a deal or a CRM's contact belongs to."""
    return customer_card(services.warehouse, q, services.settings.country, seen=viewer.seen).as_dict()


@pages.get("/customers", response_class=HTMLResponse)
def customers_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, q: Annotated[str, Query(max_length=500)] = ""
) -> Response:
    """A field to look somebody up by; the card, or whoever asked last."""
    shown: dict[str, Any] = {"q": q, "zone": services.settings.zone, "card": None, "missing": None, "leads": []}
    try:
        if q.strip():
            card = customer_card(services.warehouse, q, services.settings.country, seen=viewer.seen)
            shown |= {"card": card, **customer_view(card)}
        else:
            shown["leads"] = newest_leads(services.warehouse, _NEWEST, seen=viewer.seen)
    except NotFound as error:
        shown["missing"] = error
    except NotReady:
        shown["leads"] = newest_leads(services.warehouse, _NEWEST, seen=viewer.seen)
    return show(request, "customers.html", shown)
