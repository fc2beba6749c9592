"""The front page of settings."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ViewerOf, may_read
from api.rendering import PageRoute, show
from api.settings_view import settings_view

router = APIRouter(prefix="/settings", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)])


@router.get("", response_class=HTMLResponse)
def settings_page(request: Request, viewer: ViewerOf) -> Response:
    """What can be set, and where."""
    return show(request, "settings/front.html", settings_view(viewer))
