"""A message of Segment's form, with what all its kinds share: who, when, in which visit, on which page."""

import hashlib
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import orjson

from collectors.links import CLICK_IDS, MARKS, read_link
from collectors.protocols.fields import first, members, named, text
from collectors.protocols.moments import happened
from infra.errors import InvalidInput

_SESSION_NAMES = ("sessionId", "session_id", "$session_id", "ga_session_id")
_MARKED = {*(f"utm_{mark}" for mark in MARKS), *CLICK_IDS}
_TOLD_ELSEWHERE = frozenset({"traits", "campaign", "page", "location"})
_ADDRESSES = frozenset({"url", "page_location", "$current_url", "referrer", "page_referrer", "$referrer"})
_MOBILE = re.compile(r"iphone|android.*mobile|mobile|windows phone", re.IGNORECASE)
_TABLET = re.compile(r"ipad|tablet|android", re.IGNORECASE)
_DESKTOP = re.compile(r"windows nt|macintosh|x11|cros", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """`at` is a moment in UTC, or what the client sent in its place; `zone` is the account's time zone.

    A visitor without an anonymous id is known by the user's.
    """

    id: str
    kind: str
    at: Any
    user: str
    visitor: str
    told: Mapping[str, Any]
    context: dict[str, Any]
    properties: dict[str, Any]
    traits: dict[str, Any]
    zone: ZoneInfo

    @classmethod
    def parse(cls, told: Mapping[str, Any], received: datetime, zone: ZoneInfo) -> "Message":
        """Raises `InvalidInput` for what names no kind, or nobody."""
        context = members(told.get("context"))
        user, anonymous = text(told.get("userId")), text(told.get("anonymousId"))
        if not user and not anonymous:
            raise InvalidInput("the message names neither userId nor anonymousId")
        kind = text(told.get("type")).lower()
        if not kind:
            raise InvalidInput("the message has no type")
        return cls(
            id=text(told.get("messageId")) or content_key(told),
            kind=kind,
            at=happened(told, received),
            user=user,
            visitor=anonymous or f"user:{user}",
            told=told,
            context=context,
            properties=members(told.get("properties")),
            traits={**members(context.get("traits")), **members(told.get("traits"))},
            zone=zone,
        )

    @property
    def session(self) -> str:
        """The client's own session, else the visitor's day: without one, every page would count as a visit.

        Bare numbers, which are only the visitor's own, are made unique.
        """
        own = first([self.context, self.properties, self.told], *_SESSION_NAMES)
        own = own or first(members(self.context.get("session")), "id", "session_id")
        if own:
            return f"{self.visitor}:{own}" if own.isdigit() else own
        return f"{self.visitor}:{self.at.astimezone(self.zone):%Y-%m-%d}" if isinstance(self.at, datetime) else ""

    @property
    def page(self) -> dict[str, Any]:
        return {**self.properties, **members(self.context.get("page"))}

    @property
    def url(self) -> str:
        """With the query, where the client gives it beside."""
        page = self.page
        address, query = first(page, "url", "page_location", "$current_url"), first(page, "search")
        return address + query if query.startswith("?") and "?" not in address else address

    @property
    def before(self) -> str:
        """The page before."""
        told = first(self.page, "referrer", "page_referrer", "$referrer")
        told = told or first(members(self.context.get("referrer")), "url", "link")
        return "" if told == "$direct" else told

    @property
    def referrer(self) -> str:
        """Where the visitor came from; empty where it was a page of the same host."""
        return self.before if _host(self.before) != _host(self.url) else ""

    @property
    def goes_on(self) -> bool:
        """Whether it is a further page of a visit: it follows one of the same host, and names nothing else."""
        inside = bool(self.before) and not self.referrer
        return inside and not any(self.campaign()) and not any(read_link(self.url))

    def campaign(self) -> tuple[dict[str, str], dict[str, str]]:
        """The marks, by field, and the click ids that the client names beside the address.

        They are read as an address is, so that the same rules hold: macros that nobody filled in count as empty.
        """
        told = {**members(self.properties.get("campaign")), **members(self.context.get("campaign"))}
        found = {f"utm_{mark}": first(told, mark) for mark in MARKS} if told else {}
        if own := first(told, "name", "campaign"):
            found["utm_campaign"] = own
        for source in (told, self.properties):
            for name in _MARKED & source.keys():
                found[name] = found.get(name) or text(source[name])
        return read_link(f"//campaign/?{urlencode(found)}") if found else ({}, {})

    @property
    def device(self) -> str:
        told = first(members(self.context.get("device")), "type") or first(self.properties, "$device_type")
        if told:
            return told.lower()
        agent = first(self.context, "userAgent", "user_agent")
        kinds = ((_MOBILE, "mobile"), (_TABLET, "tablet"), (_DESKTOP, "desktop"))
        return next((kind for pattern, kind in kinds if pattern.search(agent)), "")

    @property
    def region(self) -> str:
        return first(members(self.context.get("location")), "region", "city", "country")

    @property
    def dealer(self) -> str:
        return first([self.properties, self.context, self.traits], "dealer", "dealership", "dealer_name")

    def rest(self, taken: Container[str] = ()) -> dict[str, Any]:
        """What no field takes: the properties but those `taken`, and of the context what is not told elsewhere."""
        context = {name: value for name, value in self.context.items() if name not in _TOLD_ELSEWHERE}
        properties = {
            name: value for name, value in self.properties.items() if name not in taken and name not in _ADDRESSES
        }
        return {**properties, **named(context=context)}


def content_key(told: Mapping[str, Any]) -> str:
    """The id of a message that has none: the same content is the same message, whenever it is sent."""
    content = {name: value for name, value in told.items() if name not in ("sentAt", "messageId")}
    plain = orjson.dumps(content, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.blake2b(plain, digest_size=16).hexdigest()


def _host(address: str) -> str:
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
