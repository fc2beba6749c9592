"""The report as a page."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import COOKIE, ServicesOf, may_read
from api.questions import Asked
from api.rendering import page, templates
from api.romi_view import MOST_ROWS, romi_view
from api.status import freshness
from infra.errors import NotReady

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
def romi_page(
    request: Request,
    services: ServicesOf,
    key: str = "",
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
    """The ROMI/CPL report with pickers, a chart over time, a sortable table and totals.

    `by` may come once per grouping, as the pickers send it, or once for all with commas between.
    """
    if key:
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, key, httponly=True, samesite="lax", max_age=30 * 86_400)
        return answer

    def view() -> dict[str, Any]:
        today = services.clock.now().astimezone(services.settings.zone).date()
        groupings = ",".join(by) if by else "channel"
        asked = Asked(groupings, model, calendar, share, first, last, models, measures, where, sort, MOST_ROWS)
        return romi_view(services, asked.question(services.definitions.catalog(), today), today)

    try:
        return page(request, services, "romi/page.html", view)
    except NotReady as error:
        return templates.TemplateResponse(request, "empty.html", {"error": error})


@router.get("/freshness", dependencies=[Depends(may_read)])
def tell_freshness(services: ServicesOf) -> dict[str, Any]:
    """What the page asks every few seconds."""
    return freshness(services)
