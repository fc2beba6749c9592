"""The interface, to read and to try out; its scripts come from this service alone."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import may_come
from api.rendering import PageRoute, show

router = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_come)])


@router.get("/api/docs", response_class=HTMLResponse)
def api_docs(request: Request) -> Response:
    return show(request, "api_docs.html", {})
