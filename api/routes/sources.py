"""Sources: how each fares, as JSON and as a page."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ServicesOf, may_read
from api.rendering import PageRoute, show
from api.sources_view import source_rows

router = APIRouter()
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)])


@router.get("/api/sources", dependencies=[Depends(may_read)])
def list_sources(services: ServicesOf) -> dict[str, Any]:
    """Every source: when it was last heard of, what it brought, and what is wrong with it."""
    rows = source_rows(services)
    return {"items": rows, "total": len(rows), "next": None}


@pages.get("/sources", response_class=HTMLResponse)
def sources_page(request: Request, services: ServicesOf) -> Response:
    """The same as a page."""
    rows = source_rows(services)
    view = {
        "rows": rows,
        "failing": sum(row["health"] == "failing" for row in rows),
        "unread": sum(services.rejections.count_open().values()),
        "now": services.clock.now(),
        "zone": services.settings.zone,
    }
    return show(request, "sources.html", view)
