"""What a request brings to say who asks: keys in headers, a session in a cookie."""

import base64
import binascii

from fastapi import Request

COOKIE = "closedloop_session"


def given_key(request: Request) -> str:
    """The key of a Bearer header, or the user name of a Basic one."""
    return given_keys(request)[0]


def given_keys(request: Request) -> tuple[str, ...]:
    """The same, with the password of a Basic header: programs may have the key in either place."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return (value.strip(),)
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ("",)
        return user, password
    return ("",)


def given_session(request: Request) -> str:
    return request.cookies.get(COOKIE, "")
