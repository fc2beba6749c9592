"""That a change comes from a page of ours: browsers send cookies along whoever makes them ask."""

import secrets
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from api.forms import read_form
from infra.errors import NotPermitted

FIELD = "csrf"
_HEADER = "x-csrf-token"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


async def given_token(request: Request) -> str:
    """Of a header, as scripts send it, or a form's hidden field."""
    if token := request.headers.get(_HEADER):
        return token
    if request.method in _SAFE or not request.headers.get("content-type", "").startswith(_FORMS):
        return ""
    told = (await read_form(request)).get(FIELD)
    return told if isinstance(told, str) else ""


GivenToken = Annotated[str, Depends(given_token)]


def check_token(request: Request, given: str, wanted: str) -> None:
    """Raises `NotPermitted` where a session would change something without its token."""
    if request.method not in _SAFE and not secrets.compare_digest(given.encode(), wanted.encode()):
        raise NotPermitted(
            "This did not come from one of our pages, or the page is too old.",
            where=FIELD,
            help="Go back, load the page again, and send it once more.",
        )


def check_same_origin(request: Request) -> None:
    """For forms that nobody has a session for yet. Raises `NotPermitted` for one that another site sent."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if site in ("cross-site", "same-site") or (site is None and foreign):
        raise NotPermitted(
            "Another site sent this form.", where="Origin", help="Open the page of sign-in itself, and sign in there."
        )
