"""A connected system, and what it hands in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Source:
    """One account of one vendor.

    `token` is the secret part of its address. Times that name no zone are read in `timezone`; spend that does not say
    whether it holds VAT does where `vat_included`; events that name no dealer are of `dealer`.
    """

    id: str
    vendor: str
    token: str
    timezone: ZoneInfo
    vat_included: bool = False
    dealer: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def key(self, *parts: object) -> str:
        """An event's id, a deal or a contact of this source: no other source has the same."""
        return ":".join([self.id, *(str(part) for part in parts)])


@dataclass(frozen=True, slots=True)
class Told:
    """An event that a source told of, in the sender's form of the canonical family."""

    family: str
    item: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that a source only named: it is to be fetched by the next pull."""

    kind: str
    key: str


Found = Told | Wanted


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source fares. Moments are in UTC."""

    source: str
    cursor: dict[str, Any]
    next_pull_at: datetime | None
    last_delivery_at: datetime | None
    last_pull_at: datetime | None
    last_event_at: datetime | None
    accepted: int
    rejected: int
    failures: int
    error: str
    error_at: datetime | None


def completed(source: Source, told: Told) -> Told:
    """With what the source's settings say where the event itself is silent, and the name of the source."""
    item = dict(told.item)
    if source.dealer and not item.get("dealer") and told.family != "messages":
        item["dealer"] = source.dealer
    if told.family == "spend":
        item.setdefault("vat_included", source.vat_included)
    properties = item.get("properties")
    item["properties"] = {**(properties if isinstance(properties, dict) else {}), "collected_from": source.id}
    return Told(told.family, item)
