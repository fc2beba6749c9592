"""The comparison of dealers, and a page for each."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ServicesOf, ViewerOf, may_read_of_dealers
from api.dealer_view import dealer_view
from api.dealers_questions import Asked, read_dealer_question, read_dealers_question
from api.dealers_view import dealers_view
from api.rendering import PageRoute, show

pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_of_dealers)])


def read_asked(
    period: str = "",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    peers: str = "holding",
    model: str = "last_non_direct",
    share: str = "leads",
) -> Asked:
    """What both pages are asked alike."""
    return Asked(period, first, last, peers, model, share)


AskedOf = Annotated[Asked, Depends(read_asked)]


@pages.get("/dealers", response_class=HTMLResponse)
def dealers_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    asked: AskedOf,
    measure: str = "",
    x: str = "",
    y: str = "",
    figures: str = "raw",
) -> Response:
    """Dealers by every measure, as a table, a ranking and a scatter."""
    question = read_dealers_question(asked, measure, x, y, figures, services.today)
    return show(request, "dealers/page.html", dealers_view(services, viewer.seen, question))


@pages.get("/dealers/{dealer:path}", response_class=HTMLResponse)
def dealer_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    asked: AskedOf,
    dealer: str,
    measure: str = "",
    step: str = "",
) -> Response:
    """One dealer: its figures, whom it stands beside, what it runs, and where it loses leads."""
    question = read_dealer_question(dealer, asked, measure, step, services.today)
    return show(request, "dealers/dealer.html", dealer_view(services, viewer.seen, question))
