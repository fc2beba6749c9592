"""Bodies that routes read themselves, since they come in several forms, or in a vendor's own."""

from typing import Any, Final

from api.interface.shapes import SHEET

_ROWS: Final[dict[str, Any]] = {"type": "array", "description": "What is no object in it is kept as a rejection."}
_OBJECT: Final[dict[str, Any]] = {"type": "object"}
_ANYTHING: Final[dict[str, Any]] = {}
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_BYTES: Final[dict[str, Any]] = {"type": "string", "format": "binary"}

_VISIT: Final = {"id": "t-1", "occurred_at": "2026-01-31T09:00:00+03:00", "visitor_id": "v-1", "source": "yandex"}
_EVENTS: Final[dict[str, dict[str, Any]]] = {
    "application/json": {"anyOf": [_OBJECT, _ROWS], "examples": [_VISIT, [_VISIT]]},
    "application/x-ndjson": _TEXT | {"examples": ['{"id": "s-1", "date": "2026-01-31", "cost": 9, "currency": "RUB"}']},
    "text/csv": _TEXT | {"examples": ["id,created_at,kind,phone\nl-1,2026-01-31 09:00,form,+79000000001"]},
    SHEET: _BYTES,
}
_RATES: Final[dict[str, dict[str, Any]]] = {
    "text/csv": _TEXT | {"examples": ["date,currency,rate\n2026-01-31,USD,80.5"]},
    "application/json": {"anyOf": [_OBJECT, _ROWS]},
    "application/x-ndjson": _TEXT,
    SHEET: _BYTES,
}
_PURCHASES: Final[dict[str, dict[str, Any]]] = {
    "text/csv": _TEXT | {"examples": ["dealer,quarter,amount\nnorth,2026-Q1,1250000.50"]},
    "application/json": {"anyOf": [_OBJECT, _ROWS]},
    "application/x-ndjson": _TEXT,
    SHEET: _BYTES,
}
_EXPERIMENT: Final = _OBJECT | {"examples": [{
    "id": "vk-pause", "name": "VK off", "channel": "paid_social", "unit": "dealer", "design": "geo",
    "test": ["north"], "control": ["south"], "from": "2026-01-10", "to": "2026-01-20",
}]}  # fmt: skip
_REFERENCE: Final = _OBJECT | {"examples": [{"dealers": [{"id": "north", "name": "North"}], "contractors": []}]}
_JOURNEYS: Final = ["path,conversions,value,nulls\nvk > yandex,3,90,10\nemail,1,20,5"]
_SEGMENT: Final = {
    "application/json": {
        "type": "object",
        "properties": {"writeKey": _TEXT, "batch": _ROWS, "userId": _TEXT, "anonymousId": _TEXT, "messageId": _TEXT},
        "examples": [{"batch": [{"type": "page", "anonymousId": "a-1", "messageId": "m-1"}]}],
    }
}
_POSTHOG: Final = {
    "application/json": {
        "description": "`{api_key, batch}`, an array of events, or one. What is no event is kept as a rejection.",
        "examples": [{"batch": [{"event": "$pageview", "distinct_id": "a-1", "uuid": "m-2"}]}],
    }
}
_GA4: Final = {
    "application/json": {
        "type": "object",
        "properties": {"client_id": _TEXT, "user_id": _TEXT, "events": _ROWS},
        "examples": [{"client_id": "c-1", "events": [{"name": "page_view", "params": {"page_location": "/"}}]}],
    }
}
_SNOWPLOW: Final = {"application/json": {"type": "object", "properties": {"schema": _TEXT, "data": _ROWS}}}
_OF_TRACKER: Final = {"text/plain": _TEXT}
_OF_VENDORS: Final = {"application/json": _ANYTHING, "application/x-www-form-urlencoded": _OBJECT}

BODIES: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "POST /collect/{family}": _EVENTS,
    "POST /hooks/{slug}/{token}": _OF_VENDORS,
    "POST /t": _OF_TRACKER,
    "POST /v1/{call}": _SEGMENT,
    "POST /batch/": _POSTHOG,
    "POST /capture/": _POSTHOG,
    "POST /e/": _POSTHOG,
    "POST /i/v0/e/": _POSTHOG,
    "POST /i/v1/analytics/events": _POSTHOG,
    "POST /mp/collect": _GA4,
    "POST /debug/mp/collect": _GA4,
    "POST /com.snowplowanalytics.snowplow/tp2": _SNOWPLOW,
    "POST /snowplow/{key}/com.snowplowanalytics.snowplow/tp2": _SNOWPLOW,
    "POST /api/experiments": {"application/json": _EXPERIMENT},
    "PUT /api/reference": {"application/json": _REFERENCE},
    "POST /api/rates": _RATES,
    "POST /api/funds/programmes/{key}/purchases": _PURCHASES,
    "POST /api/models": {
        "text/csv": _TEXT | {"examples": _JOURNEYS},
        "application/json": _ROWS,
        "application/vnd.apache.parquet": _BYTES,
    },
}

_MAY_BE_WITHOUT: Final = ("POST /hooks/{slug}/{token}",)
"""Vendors may say all in the query."""


def body_of(operation: str) -> dict[str, Any] | None:
    """As OpenAPI tells it, by `METHOD /path`; None where FastAPI reads the body, or there is none."""
    forms = BODIES.get(operation)
    if forms is None:
        return None
    return {
        "required": operation not in _MAY_BE_WITHOUT,
        "content": {form: {"schema": schema} for form, schema in forms.items()},
    }
