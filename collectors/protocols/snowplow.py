"""Snowplow's tracker protocol as messages of Segment's form.

All values are texts. `ttm` is the true time; else `dtm`, the device's, is corrected by `stm`, when it was sent.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import orjson

from collectors.protocols.fields import first, members, named

_KINDS = {"pv": "page"}
_NAMES = {"pp": "Page Ping", "tr": "Order Completed", "ti": "Order Item"}
_DIGITS = re.compile(r"^\d{1,16}$", re.ASCII)
_SCREEN, _SESSION = "screen_view", "client_session"


def as_segment(event: Mapping[str, Any]) -> dict[str, Any]:
    """One event of a payload, or the parameters of a pixel."""
    kind = first(event, "e")
    contexts = _contexts(event)
    schema, own = _self_describing(event)
    session = next((data for name, data in contexts if name == _SESSION), {})
    return {
        "type": "screen" if kind == "ue" and schema == _SCREEN else _KINDS.get(kind, "track"),
        "event": {"se": first(event, "se_ac"), "ue": schema}.get(kind) or _NAMES.get(kind, ""),
        "name": first(event, "page") or first(own, "name"),
        "messageId": first(event, "eid"),
        "timestamp": _milliseconds(event, "ttm") or _milliseconds(event, "dtm"),
        "sentAt": None if first(event, "ttm") else _milliseconds(event, "stm"),
        "userId": first(event, "uid"),
        "anonymousId": first(event, "duid", "nuid", "tnuid") or first(session, "userId"),
        "sessionId": first(event, "sid") or first(session, "sessionId"),
        "properties": {
            **own, **_order(event), **_structured(event), **named(contexts=[{name: data} for name, data in contexts]),
        },
        "context": named(
            page=named(url=first(event, "url"), referrer=first(event, "refr"), title=first(event, "page")),
            userAgent=first(event, "ua"), ip=first(event, "ip"), locale=first(event, "lang"),
            timezone=first(event, "tz"), app=first(event, "aid"), tracker=first(event, "tna"),
            platform=first(event, "p"), library=first(event, "tv"),
        ),
    }  # fmt: skip


def _milliseconds(event: Mapping[str, Any], name: str) -> Any:
    told = first(event, name)
    return int(told) if _DIGITS.match(told) else told


def _structured(event: Mapping[str, Any]) -> dict[str, Any]:
    return named(
        category=first(event, "se_ca"), label=first(event, "se_la"), property=first(event, "se_pr"),
        value=first(event, "se_va"),
    )  # fmt: skip


def _order(event: Mapping[str, Any]) -> dict[str, Any]:
    """What transactions and their items name, by the names that orders have elsewhere."""
    return named(
        order_id=first(event, "tr_id", "ti_id"), revenue=first(event, "tr_tt"), affiliation=first(event, "tr_af"),
        tax=first(event, "tr_tx"), shipping=first(event, "tr_sh"), currency=first(event, "tr_cu", "ti_cu"),
        sku=first(event, "ti_sk"), name=first(event, "ti_nm"), price=first(event, "ti_pr"),
        quantity=first(event, "ti_qu"),
    )  # fmt: skip


def _self_describing(event: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name of the event's schema, and its data."""
    inner = members(_json(event, "ue_pr", "ue_px").get("data"))
    return _schema_name(inner), members(inner.get("data"))


def _contexts(event: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    told = _json(event, "co", "cx").get("data")
    found = [members(each) for each in told] if isinstance(told, list) else []
    return [(_schema_name(each), members(each.get("data"))) for each in found]


def _schema_name(told: Mapping[str, Any]) -> str:
    """`lead_submitted` of `iglu:com.example/lead_submitted/jsonschema/1-0-0`."""
    parts = first(told, "schema").split("/")
    return parts[1] if len(parts) == 4 else ""


def _json(event: Mapping[str, Any], plain: str, packed: str) -> dict[str, Any]:
    """A parameter that holds JSON, as it is or in base64url; empty where it holds none."""
    text = first(event, plain)
    try:
        if not text:
            told = first(event, packed)
            text = base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)).decode()
        return members(orjson.loads(text)) if text else {}
    except (binascii.Error, ValueError):
        return {}
