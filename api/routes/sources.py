"""Sources: how each fares, as JSON and as a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ServicesOf, ViewerOf, may_read
from api.health_view import WINDOW_DAYS, health_checks
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
def sources_page(request: Request, services: ServicesOf, viewer: ViewerOf) -> Response:
    """The same as a page, and what is wrong with the data."""
    rows = source_rows(services)
    view = {
        "rows": [row | {"bars": _bars(row["hours"]), "silent": _is_silent(row)} for row in rows],
        "failing": sum(row["health"] == "failing" for row in rows),
        "checks": health_checks(services, viewer),
        "window_days": WINDOW_DAYS,
        "now": services.clock.now(),
        "zone": services.settings.zone,
    }
    return show(request, "sources/page.html", view)


def _bars(hours: Sequence[int]) -> list[tuple[int, float, float]]:
    """Place, top and height of a bar an hour, within 24 by 20."""
    most = max(hours) or 1
    return [(place, 20 - 20 * count / most, 20 * count / most) for place, count in enumerate(hours) if count]


def _is_silent(row: Mapping[str, Any]) -> bool:
    """Whether less than a quarter of what is usual came within a day."""
    return row["usual_per_hour"] is not None and row["per_hour"] < row["usual_per_hour"] / 4
