"""Jivo: chats, messages left, and callbacks.

A chat whose visitor left a phone or an e-mail is a lead; one without is something that a visitor did. A chat is known
by its visitor and its first message, so that what comes of it later replaces what came before.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.deliveries import Delivery
from collectors.links import MARKS
from collectors.sources.source import Source, Told
from collectors.vendors.base import Level, Reply, WebhookVendor
from infra.errors import UnreadableBody

_CHATS = frozenset({"chat_accepted", "chat_updated", "chat_finished", "offline_message"})


class Jivo(WebhookVendor):
    slug = "jivo"
    title = "Jivo chat"
    level = Level.DOCUMENTED
    guide = "In the channel's settings: Integrations → Webhooks → {address}"

    def reply(self, source: Source, delivery: Delivery) -> Reply:
        return Reply(b'{"result":"ok"}')

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        told = delivery.json()
        if not isinstance(told, dict):
            raise UnreadableBody("The body is no object.", where="body")
        kind = told.get("event_name")
        if kind in _CHATS:
            yield _chat(source, delivery, told)
        elif kind == "call_event" and _part(told, "call").get("status") == "end":
            yield _callback(source, delivery, told)


def _chat(source: Source, delivery: Delivery, told: Mapping[str, Any]) -> Told:
    visitor = _part(told, "visitor")
    began = _began(told) or delivery.received_at
    text = str(told.get("message") or "")
    first = f"{began.timestamp():.0f}" if _began(told) else hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    key = source.key("chat", told.get("widget_id", ""), visitor.get("number", ""), first)
    contacts = {name: visitor[name] for name in ("name", "phone", "email") if visitor.get(name)}
    about = _about(told) | {"visit": str(visitor.get("number", ""))}
    if "phone" in contacts or "email" in contacts:
        lead = {"id": key, "created_at": began, "kind": "chat", **contacts, **_marks(told), "manager": _agent(told)}
        return Told("leads", lead | {"properties": about})
    return Told(
        "actions", {"id": key, "occurred_at": began, "name": "Chat", "url": about.pop("url"), "properties": about}
    )


def _callback(source: Source, delivery: Delivery, told: Mapping[str, Any]) -> Told:
    call, visitor = _part(told, "call"), _part(told, "visitor")
    key = source.key("callback", visitor.get("number", ""), f"{delivery.received_at:%Y%m%d%H%M}")
    phone = call.get("phone") or visitor.get("phone")
    lead = {"id": key, "created_at": delivery.received_at, "kind": "call", "phone": phone, "name": visitor.get("name")}
    return Told("leads", {**lead, **_marks(told), "properties": _about(told) | {"reason": call.get("reason", "")}})


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def _messages(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = _part(told, "chat").get("messages")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _began(told: Mapping[str, Any]) -> datetime | None:
    """When the first message was written."""
    times = [int(each["timestamp"]) for each in _messages(told) if str(each.get("timestamp", "")).isdecimal()]
    return datetime.fromtimestamp(min(times), UTC) if times else None


def _agent(told: Mapping[str, Any]) -> str:
    agents = told.get("agents") or [told.get("agent")]
    known = [each for each in agents if isinstance(each, dict)] if isinstance(agents, list) else []
    return str(known[0].get("name", "")) if known else ""


def _marks(told: Mapping[str, Any]) -> dict[str, str]:
    session = _part(told, "session")
    found = session.get("utm_json")
    if not isinstance(found, dict):
        found = dict(part.partition("=")[::2] for part in str(session.get("utm") or "").split("|"))
    return {name: str(found[name]) for name in MARKS if found.get(name)}


def _about(told: Mapping[str, Any]) -> dict[str, Any]:
    messages = len(_messages(told))
    return {"url": str(_part(told, "page").get("url", "")), "messages": messages, "chat_event": told.get("event_name")}


VENDOR = Jivo()
