"""GA4 Measurement Protocol as messages of Segment's form.

The protocol has no message ids: an event that says when it happened is known by its content, so that it can be sent
again; one that does not is known by when it came in.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.protocols.fields import first, members, named, text
from collectors.protocols.message import content_key

_KINDS = {"page_view": "page", "screen_view": "screen"}
_USER_DATA = {"email_address": "email", "phone_number": "phone"}


def as_segment(payload: Mapping[str, Any], received: datetime) -> Iterator[dict[str, Any]]:
    """The events of one request."""
    events = payload.get("events")
    for place, event in enumerate(events if isinstance(events, list) else []):
        yield _message(payload, members(event), place, received)
    if traits := _traits(payload):
        who = _who(payload)
        yield {**who, "type": "identify", "traits": traits, "messageId": content_key({**who, "traits": traits})}


def _message(payload: Mapping[str, Any], event: Mapping[str, Any], place: int, received: datetime) -> dict[str, Any]:
    params, name = members(event.get("params")), first(event, "name")
    said = _moment(event) or _moment(payload)
    stamp = said or received.isoformat()
    return {
        "type": _KINDS.get(name, "track"),
        "event": name,
        "name": first(params, "page_title", "screen_name"),
        "messageId": content_key({**_who(payload), "place": place, "at": stamp, "event": name, "params": params}),
        "timestamp": said,
        "sessionId": first(params, "session_id", "ga_session_id"),
        "properties": params,
        "context": named(
            campaign=named(
                source=first(params, "source", "campaign_source"), medium=first(params, "medium", "campaign_medium"),
                name=first(params, "campaign", "campaign_name"), content=first(params, "content", "campaign_content"),
                term=first(params, "term", "campaign_term"),
            ) if name in ("campaign_details", *_KINDS) else {},
            device=named(type=first(members(payload.get("device")), "category")),
            userAgent=first(payload, "user_agent"), consent=payload.get("consent"),
            location=named(region=first(members(payload.get("user_location")), "city", "region_id", "country_id")),
        ),
        **_who(payload),
    }  # fmt: skip


def _who(payload: Mapping[str, Any]) -> dict[str, str]:
    return {
        "userId": first(payload, "user_id"),
        "anonymousId": first(payload, "client_id", "app_instance_id"),
    }


def _moment(holder: Mapping[str, Any]) -> str:
    """`timestamp_micros`, as text with its zone; empty where there is none. What is no number stays as it is."""
    told = text(holder.get("timestamp_micros"))
    try:
        return datetime.fromtimestamp(int(told) / 1e6, UTC).isoformat() if told else ""
    except (ValueError, OverflowError, OSError):
        return told


def _traits(payload: Mapping[str, Any]) -> dict[str, Any]:
    """User properties, and contacts that are not hashed."""
    properties = members(payload.get("user_properties"))
    traits = {name: members(value).get("value") for name, value in properties.items()}
    data = members(payload.get("user_data"))
    return named(**traits) | named(**{ours: first(data, theirs) for theirs, ours in _USER_DATA.items()})
