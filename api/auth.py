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
    """Programs that ask for a user name and a password may have the API key in either place."""
    if not any(_same(each, services.api_key) for each in given_keys(request)):
        raise NotAllowed(
            "The API key is missing or wrong.",
            where="Authorization",
            help="Open the admin link, or send `Authorization: Bearer <API key>`; both are printed at the start.",
        )


def given_key(request: Request) -> str:
    """The key of a Bearer header, the user name of a Basic one, or the cookie that the admin link left."""
    return given_keys(request)[0]


def given_keys(request: Request) -> tuple[str, ...]:
    """The same, with the password of a Basic header."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return (value.strip(),)
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ("",)
        return user, password
    return (request.cookies.get(COOKIE, ""),)


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode(), wanted.encode())
