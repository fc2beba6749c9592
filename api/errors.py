"""Errors of the domain as answers: one shape everywhere."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from infra.errors import (
    BodyTooLarge,
    Busy,
    ClosedLoopError,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotOffered,
    NotPermitted,
    NotReady,
    Replaced,
    Unavailable,
    UnknownFamily,
    UnreadableBody,
    VendorRefused,
)  # fmt: skip

_STATUS: tuple[tuple[type[ClosedLoopError], int], ...] = (
    (UnknownFamily, 404),
    (NotFound, 404),
    (UnreadableBody, 400),
    (BodyTooLarge, 413),
    (InvalidInput, 422),
    (NotAllowed, 401),
    (NotPermitted, 403),
    (NotReady, 409),
    (Conflict, 409),
    (Replaced, 410),
    (Busy, 429),
    (NotOffered, 501),
    (VendorRefused, 502),
    (Unavailable, 503),
)

_HEADERS = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "1"},
    503: {"Retry-After": "5"},
}


def status_of(error: ClosedLoopError) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def headers_of(status: int) -> dict[str, str]:
    """What goes with an error: when to come again, and how to name oneself."""
    return _HEADERS.get(status, {})


def error_body(code: str, message: str, where: str = "", help_text: str = "") -> dict[str, dict[str, str]]:
    return {"error": {"code": code, "message": message, "where": where, "help": help_text}}


def invalid_input(error: RequestValidationError) -> InvalidInput:
    """What is wrong with the first parameter that is wrong."""
    first = error.errors()[0]
    return InvalidInput(first["msg"], where=".".join(str(part) for part in first["loc"]))


def add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(ClosedLoopError)
    def ours(_request: Request, error: ClosedLoopError) -> JSONResponse:
        status = status_of(error)
        body = error_body(error.code, error.message, error.where, error.help)
        return JSONResponse(body, status, headers_of(status))

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        told = invalid_input(error)
        return JSONResponse(error_body(told.code, told.message, told.where), 422)

    @app.exception_handler(HTTPException)
    def http(_request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse(error_body("http_error", str(error.detail)), error.status_code, error.headers)
