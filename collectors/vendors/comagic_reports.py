"""Reports of the Data API of CoMagic and UIS: calls, requests from forms, chats.

It is JSON-RPC: errors come with status 200, in `error`. Times are local, of the account's zone, which must be that of
the source. Requests and chats belong to parts of the product that not everybody has: where the account has none, there
are none. A chat names neither phone nor e-mail: its visit ties it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collectors.sources.source import Source, Told
from collectors.vendors.asking import Api
from collectors.vendors.call_fields import ids_as_text, key, marks, said, session, sides, text
from collectors.vendors.reconciling import Days
from infra.errors import InvalidInput, VendorRefused, VendorUnavailable

_PAGE = 1000
_WAIT = 60.0
_PASSING = frozenset({"limit_exceeded", "internal_error"})
_MISSING_PART = frozenset({"method_component_disabled", "component_disabled", "forbidden"})
_VISIT = (
    "communication_id", "site_id", "site_domain_name", "campaign_id", "campaign_name", "visitor_id",
    "visitor_session_id", "ua_client_id", "ym_client_id", "gclid", "yclid", "ymclid", "utm_source", "utm_medium",
    "utm_campaign", "utm_content", "utm_term", "entrance_page", "referrer", "search_query", "visitor_city",
    "visitor_device", "tags",
)  # fmt: skip
_CALL = (
    "id", "start_time", "finish_time", "direction", "is_lost", "finish_reason", "contact_phone_number",
    "virtual_phone_number", "wait_duration", "talk_duration", "clean_talk_duration", "total_duration",
    "communication_type", "scenario_name", "last_answered_employee_full_name", "call_records", *_VISIT,
)  # fmt: skip
_REQUEST = (
    "id", "date_time", "text", "status", "form_type", "visitor_name", "visitor_phone_number", "visitor_email",
    "employee_full_name", "group_name", *_VISIT,
)  # fmt: skip
_CHAT = ("id", "date_time", "status", "initiator", "messages_count", "employee_full_name", *_VISIT)
_KEPT = frozenset(_VISIT) - {
    "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "visitor_session_id", "tags",
}  # fmt: skip
_KEPT_OF_CALLS = _KEPT | {"finish_reason", "communication_type", "scenario_name", "call_records"}
_KEPT_OF_LEADS = _KEPT | {"status", "form_type", "group_name", "text", "initiator", "messages_count"}


def tell_days(api: Api, source: Source, days: Days, platform: str) -> Iterator[list[Told]]:
    """Raises `VendorUnavailable`, `VendorRefused`, and `InvalidInput` where the account's zone is another one."""
    ask = _asker(api, source)
    _check_zone(source, ask("get.account", {})["data"], days.end)
    for rows in _report(ask, "get.calls_report", _CALL, days):
        yield [Told("calls", _call(source, row, platform)) for row in rows if row.get("direction") in ("in", "out")]
    yield from _leads(ask, source, days, "get.offline_messages_report", _REQUEST, "form")
    yield from _leads(ask, source, days, "get.chats_report", _CHAT, "chat")


_Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]


def _asker(api: Api, source: Source) -> _Ask:
    def ask(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        call = {"jsonrpc": "2.0", "id": "1", "method": method,
                "params": {"access_token": source.secrets["access_token"], **params}}  # fmt: skip
        answer = api.ask("POST", "/v2.0", json=call).json()
        if "error" in answer:
            raise _error(answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    return ask


def _error(told: Mapping[str, Any]) -> VendorUnavailable | VendorRefused:
    mnemonic = text((told.get("data") or {}).get("mnemonic")) or text(told.get("code"))
    if mnemonic in _PASSING:
        return VendorUnavailable(f"The Data API asks to wait: {mnemonic}.", retry_after=_WAIT)
    if mnemonic in _MISSING_PART:
        return _PartMissing(f"The account has no such report: {mnemonic}.", status=200)
    return VendorRefused(
        f"The Data API refuses the request: {mnemonic}.",
        status=200,
        help="Check the key and its rights, and connect it again: `closedloop connect`.",
    )


class _PartMissing(VendorRefused):
    """The account does not have this part of the product."""


def _check_zone(source: Source, account: list[dict[str, Any]], moment: datetime) -> None:
    told = text(account[0].get("timezone")) if account else ""
    try:
        known = ZoneInfo(told).utcoffset(moment.replace(tzinfo=None)) if told else None
    except (ZoneInfoNotFoundError, ValueError):
        return
    if known is not None and known != source.timezone.utcoffset(moment.replace(tzinfo=None)):
        raise InvalidInput(
            f"The account's times are of {told}, the source's of {source.timezone.key}.",
            where="timezone",
            help=f"Connect it again with --timezone {told}.",
        )


def _report(ask: _Ask, method: str, fields: tuple[str, ...], days: Days) -> Iterator[list[dict[str, Any]]]:
    offset, total = 0, 1
    while offset < total:
        result = ask(method, {
            "date_from": f"{days.start:%Y-%m-%d %H:%M:%S}", "date_till": f"{days.end:%Y-%m-%d %H:%M:%S}",
            "limit": _PAGE, "offset": offset, "fields": list(fields), "sort": [{"field": "id", "order": "asc"}],
        })  # fmt: skip
        rows = result["data"]
        yield rows
        offset, total = offset + len(rows), int(result["metadata"]["total_items"]) if rows else 0


def _leads(
    ask: _Ask, source: Source, days: Days, method: str, fields: tuple[str, ...], kind: str
) -> Iterator[list[Told]]:
    try:
        for rows in _report(ask, method, fields, days):
            yield [Told("leads", _lead(source, row, kind)) for row in rows]
    except _PartMissing:
        return


def _call(source: Source, row: Mapping[str, Any], platform: str) -> dict[str, Any]:
    told = said(row)
    records = told.get("call_records") or []
    return {
        "id": key(source, "call", row.get("id")),
        "started_at": row.get("start_time"),
        **sides(
            text(row.get("contact_phone_number")),
            text(row.get("virtual_phone_number")),
            outgoing=row.get("direction") == "out",
        ),
        "status": "missed" if row.get("is_lost") or not row.get("talk_duration") else "answered",
        "duration_s": row.get("total_duration"),
        "talk_s": row.get("talk_duration"),
        "waiting_s": row.get("wait_duration"),
        "operator": text(row.get("last_answered_employee_full_name")),
        "recording_url": f"https://app.{platform}/system/media/talk/{row.get('id')}/{records[0]}/" if records else "",
        **_visit(told, _KEPT_OF_CALLS),
    }


def _lead(source: Source, row: Mapping[str, Any], kind: str) -> dict[str, Any]:
    told = said(row)
    tagged = _visit(told, _KEPT_OF_LEADS)
    tags = tagged.pop("tags")
    return {
        "id": key(source, f"lead:{kind}", row.get("id")),
        "created_at": row.get("date_time"),
        "kind": kind,
        "name": text(row.get("visitor_name")),
        "phone": text(row.get("visitor_phone_number")),
        "email": text(row.get("visitor_email")),
        "manager": text(row.get("employee_full_name")),
        **tagged,
        "properties": tagged["properties"] | said({"tags": tags}),
    }


def _visit(told: Mapping[str, Any], kept: frozenset[str]) -> dict[str, Any]:
    tags = told.get("tags") or []
    return {
        "visitor_id": text(told.get("ym_client_id")) or text(told.get("ua_client_id")),
        "session_id": session("comagic", told.get("visitor_session_id")),
        "tags": [text(tag.get("tag_name") if isinstance(tag, dict) else tag) for tag in tags],
        "properties": ids_as_text(said(told, kept)),
        **marks(told),
    }
