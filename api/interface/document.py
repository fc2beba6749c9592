"""The whole description: each operation of FastAPI's with its summary, meanings of parameters, answers and mistakes."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from api.auth import Needs, may_write
from api.credentials import COOKIE
from api.interface.answers import mistakes_of, success_of
from api.interface.bodies import body_of
from api.interface.parameters import described
from api.interface.shapes import SHAPES, shape
from api.interface.summaries import SUMMARIES

_UNUSED = ("HTTPValidationError", "ValidationError")
_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, or a write key where events are sent."},
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "The key as the name, or the API key as the password.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Whoever is signed in. What changes something needs the header X-CSRF-Token, too.",
    },
}
Operation = dict[str, Any]


def describe(app: FastAPI) -> dict[str, Any]:
    """Made once by an application, and kept."""
    if app.openapi_schema is None:
        app.openapi_schema = _document(app)
    return app.openapi_schema


def routes_of(found: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Those of routers, too, which FastAPI keeps as they were included."""
    for each in found:
        if isinstance(each, APIRoute):
            yield each
        else:
            router = getattr(each, "original_router", None)
            yield from routes_of(router.routes if router else [])


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    by_operation = {
        f"{method} {route.path_format}": route
        for route in routes_of(app.routes)
        for method in route.methods or ()
        if route.include_in_schema
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            operations[method] = _described(name, path, operation, by_operation[name])
    components = document.setdefault("components", {})
    kept = {name: each for name, each in components.get("schemas", {}).items() if name not in _UNUSED}
    components["schemas"] = kept | SHAPES
    components["securitySchemes"] = _SCHEMES
    return document


def _described(name: str, path: str, operation: Operation, route: APIRoute) -> Operation:
    words = operation.get("description", "").strip()
    found = {
        **operation,
        "tags": [route.endpoint.__module__.rpartition(".")[2].replace("_", " ")],
        "summary": SUMMARIES.get(name) or words.partition(".")[0].replace("\n", " "),
        "parameters": [described(path, each) for each in operation.get("parameters", [])],
        "responses": _responses(name, operation, route),
        "security": _security(route),
    }
    body = body_of(name)
    return found | ({"requestBody": body} if body else {})


def _responses(name: str, operation: Operation, route: APIRoute) -> dict[str, Any]:
    status = str(route.status_code or 200)
    success = {code: told for code, told in operation["responses"].items() if code < "400"}
    forms = success_of(name, route)
    if forms is not None:
        success[status] = success[status] | {"content": {form: {"schema": schema} for form, schema in forms.items()}}
    elif _is_listing(route):
        success[status]["content"] = {"application/json": {"schema": shape("Listing")}}
    return success | mistakes_of(name, operation, route)


def _is_listing(route: APIRoute) -> bool:
    return route.endpoint.__name__.startswith("list_")


def _security(route: APIRoute) -> list[dict[str, list[str]]]:
    called = [each.call for each in route.dependant.dependencies]
    if any(isinstance(each, Needs) for each in called):
        return [{name: []} for name in _SCHEMES]
    return [{"key": []}, {"basic": []}] if may_write in called else []
