"""What comes back: answers that are no plain JSON of a described shape, and the mistakes of each route."""

from typing import Any, Final

from fastapi.routing import APIRoute

from api.auth import Needs, may_write
from api.clients import ClientRoute
from api.exports import ExportFormat
from api.interface.bodies import BODIES
from api.interface.shapes import SHEET, shape
from api.routes.odata import FeedRoute

_FEED_JSON: Final = "application/json;odata.metadata=minimal"
_BYTES: Final[dict[str, Any]] = {"type": "string", "format": "binary"}
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_OBJECT: Final[dict[str, Any]] = {"type": "object"}

Forms = dict[str, dict[str, Any]]

_EVENTS_TAKEN: Final[Forms] = {"application/json": _OBJECT}
_PIXEL: Final[Forms] = {"image/gif": _BYTES}
_OK: Final[Forms] = {"text/plain": _TEXT}
_PLAN_FILES: Final[Forms] = {SHEET: _BYTES, "text/csv": _TEXT}

ANSWERS: Final[dict[str, Forms]] = {
    "POST /collect/{family}": {"application/json": shape("Taken")},
    "POST /api/rejections/{key}/replay": {"application/json": shape("Taken")},
    "GET /hooks/{slug}/{token}": {"*/*": {}},
    "POST /hooks/{slug}/{token}": {"*/*": {}},
    "GET /t.js": {"text/javascript": _TEXT},
    "POST /t": _EVENTS_TAKEN,
    "POST /v1/{call}": _EVENTS_TAKEN,
    "POST /batch/": _EVENTS_TAKEN,
    "POST /capture/": _EVENTS_TAKEN,
    "POST /e/": _EVENTS_TAKEN,
    "POST /i/v0/e/": _EVENTS_TAKEN,
    "POST /i/v1/analytics/events": _EVENTS_TAKEN,
    "POST /decide/": _EVENTS_TAKEN,
    "POST /flags/": _EVENTS_TAKEN,
    "POST /debug/mp/collect": _EVENTS_TAKEN,
    "POST /com.snowplowanalytics.snowplow/tp2": _OK,
    "POST /snowplow/{key}/com.snowplowanalytics.snowplow/tp2": _OK,
    "GET /i": _PIXEL,
    "GET /snowplow/{key}/i": _PIXEL,
    "GET /api/media-plans/calendar.ics": {"text/calendar": _TEXT},
    "GET /api/plans/{plan}/export": _PLAN_FILES,
    "GET /api/plans/{plan}/template": _PLAN_FILES,
    "GET /api/plans/{plan}/facts": _PLAN_FILES,
    "GET /api/stock/table": _PLAN_FILES,
    "GET /api/files/{key}": {"*/*": {}},
    "GET /odata/": {_FEED_JSON: shape("FeedPage")},
    "GET /odata/$metadata": {"application/xml": _TEXT},
    "GET /odata/{entity_set}": {_FEED_JSON: shape("FeedPage")},
    "GET /odata/{entity_set}/$count": {"text/plain": _TEXT},
}
_REPORT: Final[Forms] = {
    form.media_type.partition(";")[0]: shape("Report") if form is ExportFormat.JSON else _BYTES for form in ExportFormat
}

_WORDS: Final = {
    400: "The request cannot be read, or an option is wrong: nothing was taken.",
    401: "Nobody known asks: the key is missing or wrong.",
    403: "Whoever asks is known, and may not.",
    404: "There is no such thing.",
    409: "Nothing has been attributed yet, or somebody else has changed meanwhile what was to be changed.",
    410: "The figures have been computed anew since the first page: begin again.",
    413: "The body is too large.",
    415: "The body is in no form that is read here.",
    422: "A parameter, or the body, is wrong: nothing was changed.",
    429: "More is asked at once, or in a minute, than may be: come again after `Retry-After` seconds.",
    501: "The standard has this option, and the feed has not.",
    502: "The vendor refuses what was asked, or our keys.",
    503: "A store is out of reach: come again after `Retry-After` seconds.",
}
_AFTER: Final = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
_MORE: Final[dict[str, tuple[int, ...]]] = {
    "GET /api/calculator/coverage": (409,),
    "GET /api/call-load": (404,),
    "GET /api/call-load/settings": (404,),
    "PUT /api/call-load/settings": (404, 409),
    "GET /api/call-load/shifts": (404,),
    "GET /api/calculator/effectiveness": (404,),
    "GET /api/channel-rules": (404,),
    "PUT /api/channel-rules": (404,),
    "POST /api/channel-rules/preview": (409,),
    "GET /api/customers": (404, 409),
    "GET /api/media-plans": (404,),
    "GET /api/media-plans/items": (404,),
    "GET /api/funds/ageing": (404,),
    "GET /api/funds/balances": (404,),
    "GET /api/numbers/pool-size": (404,),
    "GET /api/overview": (409,),
    "GET /api/rejections": (404,),
    "GET /api/reports/experiments": (404,),
    "GET /api/reports/journey": (404,),
    "POST /api/plans/{plan}/imports/onec": (502,),
    "POST /api/schedules": (404,),
    "POST /t": (401, 403),
}
_TOGETHER: Final = (
    "/api/plans", "/api/media-plans", "/api/funds", "/api/briefs", "/api/tasks", "/api/acts", "/api/stock",
    "/api/hiring", "/api/benchmarks", "/api/calculator",
    "/api/recommendations",
)  # fmt: skip
"""Below these addresses people change the same things at once."""
_ANSWERS_WHATEVER_COMES: Final = ("GET /healthz", "POST /decide/", "POST /flags/")


def success_of(operation: str, route: APIRoute) -> Forms | None:
    """The forms of its answer; None where the described type of the handler says them."""
    return ANSWERS.get(operation) or (_REPORT if _is_report(route) else None)


def _is_report(route: APIRoute) -> bool:
    return any(each.field_info.annotation is ExportFormat for each in route.dependant.query_params)


def mistakes_of(operation: str, told: dict[str, Any], route: APIRoute) -> dict[str, dict[str, Any]]:
    """Answers other than success, by status; `told` is the operation as FastAPI describes it."""
    if operation in _ANSWERS_WHATEVER_COMES:
        return {}
    found = {503, *_MORE.get(operation, ()), *_of_whoever_asks(route), *_of_what_is_asked(operation, told, route)}
    return {str(status): _mistake(status, route) for status in sorted(found)}


def _of_whoever_asks(route: APIRoute) -> set[int]:
    called = [each.call for each in route.dependant.dependencies]
    needs = [each for each in called if isinstance(each, Needs)]
    found = {401, 403, 429} if needs else set()
    if may_write in called or isinstance(route, ClientRoute):
        found |= {401, 429}
    if needs and (_is_report(route) or isinstance(route, FeedRoute)):
        found.add(409)
    return found


def _of_what_is_asked(operation: str, told: dict[str, Any], route: APIRoute) -> set[int]:
    places = {each["in"] for each in told.get("parameters", [])}
    found = {404} if "path" in places else set[int]()
    if isinstance(route, FeedRoute):
        return found | ({400, 410, 501} if places else {400, 501})
    if isinstance(route, ClientRoute):
        return found | {400}
    has_body = operation in BODIES or "requestBody" in told
    found |= {400, 413, 429} if has_body else set()
    method, _, path = operation.partition(" ")
    found |= {404, 409} if path.startswith(_TOGETHER) and method != "GET" else set()
    return found | ({422} if has_body or places else set())


def _mistake(status: int, route: APIRoute) -> dict[str, Any]:
    if isinstance(route, FeedRoute):
        form, name = _FEED_JSON, "FeedError"
    else:
        form, name = "application/json", "ClientError" if isinstance(route, ClientRoute) else "Error"
    told = {"description": _WORDS[status], "content": {form: {"schema": shape(name)}}}
    return told | ({"headers": _AFTER} if status in (429, 503) else {})
