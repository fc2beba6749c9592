"""What the script sends, and the events that it is.

Ids are made in the browser; here they get the source's name in front, so that a key that everybody can read touches no
event of another source. Only the fields named here are read: a page can tell neither a deal nor a contact of the CRM.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from collectors.cookies import other_ids
from collectors.sources.source import Source, Told

OLDEST = timedelta(days=8)
MOST_HITS = 200
_LONGEST_URL = 8_000
_LONGEST_TEXT = 500
_KINDS = frozenset({"form", "call", "chat", "email", "messenger", "offline"})

HitId = Annotated[str, StringConstraints(pattern=r"^e[0-9a-z]{16}$")]
LeadId = Annotated[str, StringConstraints(pattern=r"^l[0-9a-z]{16}$")]
Visitor = Annotated[str, StringConstraints(pattern=r"^v[0-9a-z]{16}$")]
Session = Annotated[str, StringConstraints(pattern=r"^s[0-9a-z]{16}$")]


class Hit(BaseModel):
    """`at` is in milliseconds of the browser's clock."""

    model_config = ConfigDict(frozen=True)

    id: HitId
    type: Literal["visit", "page", "goal", "lead", "identify"]
    at: Annotated[int, Field(ge=0, le=10**14)]
    visitor: Visitor
    session: Session
    url: str = ""
    title: str = ""
    referrer: str = ""
    name: str | int | float = ""
    properties: dict[str, Any] = Field(default_factory=dict)
    lead: dict[str, Any] = Field(default_factory=dict)
    lead_id: LeadId | None = None
    answers: dict[str, Any] = Field(default_factory=dict)
    form: str = ""
    traits: dict[str, Any] = Field(default_factory=dict)
    cookies: dict[str, str] = Field(default_factory=dict)


class Lease(BaseModel):
    """The visit that asks for its numbers: its own, and where the page shows `phones`, one to show in their place."""

    model_config = ConfigDict(frozen=True)

    visitor: Visitor
    session: Session
    phones: int = 1


class Letter(BaseModel):
    """One request. `sent` is in milliseconds of the browser's clock."""

    model_config = ConfigDict(frozen=True)

    key: str
    sent: Annotated[int, Field(ge=0, le=10**14)]
    events: Annotated[list[Any], Field(max_length=MOST_HITS)] = Field(default_factory=list)
    lease: Lease | None = None


def true_time(hit: Hit, sent: int, received_at: datetime) -> datetime:
    """When it happened by our clock, however wrong the browser's is."""
    return received_at - timedelta(milliseconds=max(0, sent - hit.at))


def told_by(hit: Hit, source: Source, at: datetime, device: str) -> Told:
    ids = {"visitor_id": hit.visitor, "session_id": hit.session}
    page = {"url": hit.url[:_LONGEST_URL]}
    if hit.type == "visit":
        item = ids | page | {"id": source.key("visit", hit.id), "occurred_at": at, "device": device}
        return Told("touches", item | {"referrer": _foreign(hit), "properties": _seen(hit)})
    if hit.type in ("page", "goal"):
        item = ids | page | {"id": source.key("action", hit.id), "occurred_at": at}
        return Told("actions", item | (_goal(hit) if hit.type == "goal" else _page(hit)))
    if hit.type == "lead":
        return Told("leads", ids | {"id": source.key("lead", hit.lead_id or hit.id), "created_at": at} | _lead(hit))
    profile = {"id": source.key("profile", hit.id), "occurred_at": at, "visitor_id": hit.visitor}
    return Told("profiles", profile | _identity(hit))


def _page(hit: Hit) -> dict[str, Any]:
    return {"name": "page", "properties": {"title": hit.title[:_LONGEST_TEXT]}}


def _goal(hit: Hit) -> dict[str, Any]:
    known, others = _split(hit.properties, ("amount", "currency", "product", "dealer"))
    return known | {"name": str(hit.name)[:200], "properties": others}


def _lead(hit: Hit) -> dict[str, Any]:
    known, others = _split(hit.lead, ("name", "phone", "email", "product", "dealer", "kind"))
    kind = str(known.pop("kind", "form")).lower()
    asked = {"form": hit.form, "answers": hit.answers, "url": hit.url[:_LONGEST_URL]} | _seen(hit) | others
    properties = {name: value for name, value in asked.items() if value not in ("", {}, None)}
    return known | {"kind": kind if kind in _KINDS else "form", "properties": properties}


def _identity(hit: Hit) -> dict[str, Any]:
    known, others = _split(hit.traits, ("user_id", "name", "phone", "email", "dealer"))
    return known | {"properties": others}


def _split(told: dict[str, Any], names: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    known = {name: value for name, value in told.items() if name in names and isinstance(value, str | int | float)}
    return known, {name: value for name, value in told.items() if name not in names}


def _seen(hit: Hit) -> dict[str, Any]:
    """The page's title, and the visitor's names with other counters."""
    return other_ids(hit.cookies) | ({"title": hit.title[:_LONGEST_TEXT]} if hit.title else {})


def _foreign(hit: Hit) -> str:
    """The page before, unless it is of the same host: then it says nothing of where the visitor came from."""
    return hit.referrer[:_LONGEST_URL] if _host(hit.referrer) != _host(hit.url) else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
