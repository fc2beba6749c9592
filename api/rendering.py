"""Pages: their templates, and what they show where a question has no answer."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from fastapi.templating import Jinja2Templates

from api.bootstrap import Services
from api.dates import dated
from api.dimension_titles import dimension_title
from api.errors import headers_of, invalid_input, status_of
from api.inbox_view import count_waiting
from api.language import gettext, language, ngettext
from api.markdown import as_html
from api.navigation import PageLink, entries_for, pages_for, tabs_at
from api.numbers import written, written_in
from api.overview_questions import NamedPeriod
from api.per_run import shows_older, wait_for_the_newest
from api.told import told as in_readers_words
from api.viewer import Viewer
from api.views.address import ViewAddress, report_at
from api.views.saved import SavedView
from infra.errors import ClosedLoopError, NotAllowed, NotReady


def _of_viewer(request: Request) -> dict[str, Any]:
    """What the frame of every page shows of whoever looks at it."""
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    return {
        "viewer": viewer,
        "csrf": viewer.csrf if viewer else "",
        "navigation": entries_for(viewer) if viewer else [],
        "page_tabs": tabs_at(request.url.path, viewer) if viewer else (),
        "defaults": _default_views(request, viewer) if viewer and viewer.session else {},
        "here": request.url.path,
        "language": language,
        "shows_older": shows_older,
        "newest_address": f"?{request.url.include_query_params(newest=1).query}",
        "view_address": _address_to_save(request) if viewer and viewer.session else "",
        "views_here": partial(_views_here, request, viewer) if viewer else list,
        "moving_periods": NamedPeriod,
        "waiting_count": cache(partial(count_waiting, request.app.state.services, viewer)) if viewer else int,
    }


def _default_views(request: Request, viewer: Viewer) -> dict[str, str]:
    """With which view the viewer opens a page, by the page's path."""
    services: Services = request.app.state.services
    return {path: f"/views/{view.id}" for path, view in services.saved_views.defaults(viewer.name).items()}


def _address_to_save(request: Request) -> str:
    """Of the page as it stands; empty where it is none that can be saved."""
    path = request.url.path
    asked = tuple((name, value) for name, value in request.query_params.multi_items() if name != NEWEST)
    return ViewAddress(path, asked).text if report_at(path) else ""


def _views_here(request: Request, viewer: Viewer) -> list[SavedView]:
    """The views of this page that the viewer finds."""
    services: Services = request.app.state.services
    path = request.url.path
    return [each for each in services.saved_views.list(viewer.name) if each.address.path == path]


templates = Jinja2Templates(Path(__file__).parent / "templates", context_processors=[_of_viewer])


def ago(seconds: float | None) -> str:
    """How long ago, in words of one unit."""
    if seconds is None:
        return "—"
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return "just now"


def since(moment: datetime | None, now: datetime) -> str:
    return ago((now - moment).total_seconds() if moment else None)


templates.env.globals |= {
    "written": written,
    "written_in": written_in,
    "ago": ago,
    "dated": dated,
    "since": since,
}
templates.env.filters |= {"translated": in_readers_words, "dimension_title": dimension_title, "markdown": as_html}
templates.env.add_extension("jinja2.ext.i18n")
templates.env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]

NEWEST = "newest"
"""The parameter of addresses whose figures are of the newest run, however long it takes."""

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """What goes wrong is a page as well: it says what, and what to do. Who is not known is led to sign in."""

    def get_route_handler(self) -> _Handler:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            if NEWEST in request.query_params:
                wait_for_the_newest()
            try:
                return await handle(request)
            except RequestValidationError as error:
                return told(request, invalid_input(error))
            except ClosedLoopError as error:
                return told(request, error)

        return handled


def show(request: Request, template: str, view: dict[str, Any], status: int = 200) -> Response:
    return templates.TemplateResponse(request, template, view, status)


def told(request: Request, error: ClosedLoopError) -> Response:
    """The page that says what went wrong, and leads back."""
    if isinstance(error, NotReady):
        return show(request, "empty.html", {"error": error})
    if isinstance(error, NotAllowed) and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/sign-in?{urlencode({'next': _here(request)})}", 303)
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    way_back = _way_back(request, viewer)
    status = status_of(error)
    answer = show(request, "message.html", {"error": error, "way_back": way_back}, status)
    answer.headers.update(headers_of(status))
    return answer


def _here(request: Request) -> str:
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _way_back(request: Request, viewer: Viewer | None) -> PageLink | None:
    """The same page as it opens by itself, where that is another address; else where the viewer begins."""
    pages = pages_for(viewer) if viewer else []
    own = next((page for page in pages if page.address == request.url.path and request.url.query), None)
    return own or next(iter(pages), None)
