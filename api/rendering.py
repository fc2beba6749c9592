"""Pages: their templates, and what they show where a question has no answer."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates

from api.auth import may_read
from api.bootstrap import Services
from api.errors import status_of
from api.numbers import written, written_in
from infra.errors import ClosedLoopError, NotAllowed, NotReady

templates = Jinja2Templates(Path(__file__).parent / "templates")


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


templates.env.globals |= {"written": written, "written_in": written_in, "ago": ago, "since": since}


def page(
    request: Request, services: Services, template: str, view: Callable[[], dict[str, Any]], *, way_back: str = "/"
) -> Response:
    """The template with what `view` finds, or a page that says what is wrong and what to do. Raises `NotReady`."""
    try:
        may_read(request, services)
        return templates.TemplateResponse(request, template, view())
    except NotReady:
        raise
    except NotAllowed as error:
        return templates.TemplateResponse(request, "message.html", {"error": error}, 401)
    except ClosedLoopError as error:
        shown = {"error": error, "way_back": way_back}
        return templates.TemplateResponse(request, "message.html", shown, status_of(error))
