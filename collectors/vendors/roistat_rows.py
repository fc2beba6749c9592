"""Calls and requests of Roistat, as webhooks and lists tell of them.

Ids come as text in one place and as numbers in another; a visit of number 0 is none.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.sources.source import Source
from collectors.vendors.call_fields import ids_as_text, key, marks, said, text

_STATUSES = {
    "ANSWER": "answered", "BUSY": "busy", "NOANSWER": "missed", "CANCEL": "missed", "DONTCALL": "failed",
    "TORTURE": "failed", "CONGESTION": "failed", "CHANUNAVAIL": "failed",
}  # fmt: skip
_UNDER_WAY = frozenset({"", "ACTIVE"})
_CALL_PROPERTIES = frozenset({
    "marker", "order_id", "google_client_id", "metrika_client_id", "landing_page", "domain", "host", "city", "country",
    "first_visit", "referrer", "source_level_1", "source_level_2", "roistat_param_1", "custom_fields", "comment",
    "system_name", "display_name",
})  # fmt: skip
_LEAD_PROPERTIES = frozenset({"title", "text", "order_id", "order_fields"})


def is_final(row: Mapping[str, Any]) -> bool:
    """Whether the call is over."""
    return text(row.get("status")) not in _UNDER_WAY


def call_of_webhook(source: Source, told: Mapping[str, Any]) -> dict[str, Any]:
    return _call(source, told, told)


def call_of_list(source: Source, row: Mapping[str, Any]) -> dict[str, Any]:
    """A call of the list has its visit, or the source of its number, inside."""
    visit = row.get("visit") or {}
    origin = row.get("static_source") or visit.get("source") or {}
    first = {"first_visit": visit.get("first_id")}
    return _call(source, row, {**visit, **first, **origin, **said({"order_id": row.get("order_id")})})


def _call(source: Source, row: Mapping[str, Any], origin: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": key(source, "call", row.get("id")),
        "started_at": _utc(row.get("date")),
        "caller": text(row.get("caller")),
        "called": text(row.get("callee")),
        "status": _STATUSES.get(text(row.get("status")), ""),
        "duration_s": row.get("duration"),
        "talk_s": row.get("answer_duration"),
        "waiting_s": row.get("waiting_time"),
        "visitor_id": _visit(row.get("visit_id")),
        "recording_url": text(row.get("link")),
        "properties": ids_as_text(said(origin, _CALL_PROPERTIES)) | said({"roistat_status": text(row.get("status"))}),
        **marks(origin),
    }


def lead_of_webhook(source: Source, told: Mapping[str, Any]) -> dict[str, Any]:
    return _lead(source, told, visit=told.get("visit"), created=told.get("created_date")) | {
        "properties": said(told, _LEAD_PROPERTIES | {"data"})
    }


def lead_of_list(source: Source, row: Mapping[str, Any]) -> dict[str, Any]:
    return _lead(source, row, visit=row.get("roistat"), created=row.get("creation_date"))


def _lead(source: Source, row: Mapping[str, Any], *, visit: Any, created: Any) -> dict[str, Any]:
    return {
        "id": key(source, "lead", row.get("id")),
        "created_at": _utc(created),
        "kind": "form",
        "name": text(row.get("name")),
        "phone": text(row.get("phone")),
        "email": text(row.get("email")),
        "visitor_id": _visit(visit),
        "properties": ids_as_text(said(row, _LEAD_PROPERTIES)),
    }


def _visit(number: Any) -> str:
    told = text(number)
    return "" if told == "0" else told


def _utc(value: Any) -> Any:
    """A time that names no zone is of UTC; what cannot be read stays for the intake to refuse."""
    try:
        moment = datetime.fromisoformat(text(value))
    except ValueError:
        return value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
