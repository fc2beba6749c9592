"""Who may do what with which key: the write key sends events, the API key reads reports."""

import base64
import binascii
import secrets
from typing import Annotated

from fastapi import Depends, Request

from api.bootstrap import Services
from infra.errors import NotAllowed

COOKIE = "closedloop_key"


async def services_of(request: Request) -> Services:  # async: a thread for each would cost more than all of it
    found: Services = request.app.state.services
    return found


ServicesOf = Annotated[Services, Depends(services_of)]


async def may_write(request: Request, services: ServicesOf) -> None:
    check_write_key(services, given_key(request))


def check_write_key(services: Services, *given: str) -> None:
    """Raises `NotAllowed` unless one of those given is the write key."""
    if not any(_same(each, services.write_key) for each in given):
        raise NotAllowed(
            "The write key is missing or wrong.",
            where="Authorization",
            help="Send the header `Authorization: Bearer <write key>`; the key is printed when the service starts.",
        )


def may_read(request: Request, services: ServicesOf) -> None:
    if not _same(given_key(request), services.api_key):
        raise NotAllowed(
            "The API key is missing or wrong.",
            where="Authorization",
            help="Open the admin link, or send `Authorization: Bearer <API key>`; both are printed at the start.",
        )


def given_key(request: Request) -> str:
    """The key of a Bearer or Basic header, or of the cookie that the admin link left."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return request.cookies.get(COOKIE, "")


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode(), wanted.encode())
