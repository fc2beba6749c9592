"""What a page's form asks for, done; or the page again, with what is wrong where it was asked."""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.errors import status_of
from api.rendering import show
from api.work.forms import Filled
from infra.errors import BodyTooLarge, ClosedLoopError, Conflict, FilesUnavailable, InvalidInput, NotFound, NotPermitted

_SHOWN_IN_PLACE = (InvalidInput, BodyTooLarge, FilesUnavailable, Conflict, NotPermitted)

View = Callable[[Filled], dict[str, Any]]


def acted(request: Request, template: str, view: View, filled: Filled, act: Callable[[], str]) -> Response:
    """`act` returns where its page is. What is not found is a page of its own."""
    try:
        return RedirectResponse(act(), 303)
    except ClosedLoopError as error:
        is_of_the_address = isinstance(error, NotFound) and error.where in ("brief", "task", "act")
        if is_of_the_address or not isinstance(error, _SHOWN_IN_PLACE):
            raise
        filled.error = error
        return show(request, template, view(filled), status_of(error))


def wrong(request: Request, template: str, view: View, filled: Filled) -> Response:
    """The form again, with what its fields want."""
    return show(request, template, view(filled), 422)
