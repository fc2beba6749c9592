"""The ROMI/CPL report as a page."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ServicesOf, ViewerOf, may_read_own
from api.questions import Asked
from api.rendering import PageRoute, show
from api.romi_view import MOST_ROWS, romi_view
from api.status import freshness

router = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_own)])


@router.get("/channels", response_class=HTMLResponse)
def channels_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    by: Annotated[list[str] | None, Query()] = None,
    model: str = "last_non_direct",
    calendar: str = "conversion",
    share: str = "leads",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    models: str = "",
    measures: str = "",
    where: str = "",
    sort: str = "",
) -> Response:
    """With pickers, a chart over time, a sortable table and totals.

    `by` may come once per grouping, as the pickers send it, or once for all with commas between.
    """
    groupings = ",".join(by) if by else "channel"
    asked = Asked(groupings, model, calendar, share, first, last, models, measures, where, sort, MOST_ROWS)
    question = asked.question(services.definitions.catalog(), services.today)
    return show(request, "romi/page.html", romi_view(services, viewer.seen, question))


@router.get("/freshness")
def tell_freshness(services: ServicesOf) -> dict[str, Any]:
    """What pages ask every few seconds."""
    return freshness(services)
