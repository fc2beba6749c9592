"""The audit log: who changed what, when, as JSON and as a page."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.audit_view import change_document, shown_change
from api.auth import ServicesOf, may_administer
from api.rendering import PageRoute, show
from infra.audit import find_changes

router = APIRouter(dependencies=[Depends(may_administer)])
pages = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_administer)])

Before = Annotated[int, Query(alias="next", ge=0, lt=2**53)]


@router.get("/api/audit")
def list_changes(
    services: ServicesOf,
    who: str = "",
    what: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Before = 0,
) -> dict[str, Any]:
    """The newest first: of somebody, or of something, by a part of its name."""
    found, total = find_changes(services.database, who=who, what=what, most=limit, before=before)
    following = found[-1].id if len(found) == limit else None
    return {"items": [change_document(each) for each in found], "total": total, "next": following}


@pages.get("/audit", response_class=HTMLResponse)
def audit_page(request: Request, services: ServicesOf, who: str = "", what: str = "", before: Before = 0) -> Response:
    """The same as a page, with what differs between before and after."""
    most = 50
    found, total = find_changes(services.database, who=who, what=what, most=most, before=before)
    view = {
        "changes": [shown_change(each) for each in found],
        "total": total,
        "who": who,
        "what": what,
        "next": found[-1].id if len(found) == most else None,
        "zone": services.settings.zone,
    }
    return show(request, "audit.html", view)
