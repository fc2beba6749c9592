"""Rows of Calltouch's diary of calls and journal of requests, as events.

`timestamp` of a call is in Unix seconds, `date` of a request in milliseconds; both journals write local times besides.
"""

from collections.abc import Mapping
from typing import Any

from collectors.preset import read_time
from collectors.sources.source import Source
from collectors.vendors.call_fields import ids_as_text, key, plain_number, said, session, text, unix
from infra.errors import VendorRefused

_MARKS = {"utmSource": "source", "utmMedium": "medium", "utmCampaign": "campaign", "utmContent": "content",
          "utmTerm": "term"}  # fmt: skip
_CALL_PROPERTIES = {
    "siteId": "site_id", "siteName": "site_name", "hostname": "hostname", "uniqueCall": "unique",
    "uniqTargetCall": "unique_target", "callbackCall": "callback", "statusDetails": "details",
    "city": "city", "url": "url", "callUrl": "call_url", "ref": "referrer", "device": "device", "os": "os",
    "browser": "browser", "subPoolName": "pool", "ctClientId": "ct_client_id", "yaClientId": "ya_client_id",
    "clientId": "ga_client_id", "sipCallId": "sip_call_id", "attribution": "attribution",
    "yandexDirect": "yandex_direct", "googleAdWords": "google_ads", "callphase": "phase",
}  # fmt: skip
_REQUEST_PROPERTIES = {
    "requestNumber": "request_number", "subject": "subject", "uniqueRequest": "unique", "targetRequest": "target",
    "uniqTargetRequest": "unique_target", "ctClientId": "ct_client_id", "yandexDirect": "yandex_direct",
    "googleAdWords": "google_ads",
}  # fmt: skip
_SESSION_PROPERTIES = {"city": "city", "url": "url", "ref": "referrer", "browser": "browser",
                       "yaClientId": "ya_client_id", "guaClientId": "ga_client_id"}  # fmt: skip


def calls_of_page(answer: Any) -> tuple[list[dict[str, Any]], int]:
    """The rows of an answer, and the number of the last page: an array is all there is.

    Raises `VendorRefused` for what is neither an array nor a page.
    """
    if isinstance(answer, list):
        return answer, 1
    if isinstance(answer, dict) and isinstance(answer.get("records"), list):
        return answer["records"], int(answer.get("pageTotal") or 1)
    raise VendorRefused(
        "Calltouch answers something other than a journal.", status=200, help="Check the id of the site and the token."
    )


def call_of(source: Source, row: Mapping[str, Any]) -> dict[str, Any]:
    told = said(row)
    return {
        "id": key(source, "call", row.get("callId")),
        "started_at": _moment(row),
        "caller": text(row.get("callerNumber")),
        "called": text(row.get("phoneNumber")),
        "status": "answered" if row.get("successful") else "missed",
        "target": told.get("targetCall"),
        "duration_s": row.get("duration"),
        "waiting_s": row.get("waitingConnect"),
        "visitor_id": text(row.get("yaClientId")) or text(row.get("clientId")),
        "session_id": session("calltouch", row.get("sessionId")),
        "operator": text(row.get("manager")),
        "tags": [name for tag in row.get("callTags") or () for name in tag.get("names") or ()],
        "properties": _renamed(told, _CALL_PROPERTIES) | said({"redirect": plain_number(row.get("redirectNumber"))}),
        **_marks(told),
    }


def request_of(source: Source, row: Mapping[str, Any]) -> dict[str, Any]:
    visit, client = said(row.get("session") or {}), row.get("client") or {}
    emails = [each.get("contactValue") for each in client.get("contacts") or () if each.get("contactType") == "EMAIL"]
    phones = [each.get("phoneNumber") for each in client.get("phones") or ()]
    return {
        "id": key(source, "lead", row.get("requestId")),
        "created_at": read_time(row.get("date", ""), "unix_ms"),
        "kind": "form",
        "name": text(client.get("fio")),
        "phone": next((text(phone) for phone in phones if phone), ""),
        "email": next((text(email) for email in emails if email), ""),
        "visitor_id": text(visit.get("yaClientId")) or text(visit.get("guaClientId")),
        "session_id": session("calltouch", visit.get("sessionId")),
        "manager": text(row.get("manager")),
        "properties": _renamed(visit, _SESSION_PROPERTIES) | _renamed(said(row), _REQUEST_PROPERTIES),
        **_marks(visit),
    }


def _moment(row: Mapping[str, Any]) -> Any:
    return unix(row.get("timestamp")) or read_time(row.get("date", ""), "%d/%m/%Y %H:%M:%S")


def _marks(told: Mapping[str, Any]) -> dict[str, str]:
    """UTM marks; where there are none, what Calltouch says of the source."""
    found = {mark: text(told[name]) for name, mark in _MARKS.items() if name in told}
    usual = {"source": told.get("source"), "medium": told.get("medium"),
             "term": told.get("keyword") or told.get("keywords")}  # fmt: skip
    return {name: text(value) for name, value in usual.items() if text(value)} | found


def _renamed(told: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return ids_as_text({name: told[known] for known, name in names.items() if known in told})
