"""How tests read messages: for an account in Moscow that counts in roubles, at a fixed moment."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from collectors.events import family_model, to_json
from collectors.protocols import ga4, posthog, snowplow
from collectors.protocols.meanings import Meanings
from collectors.protocols.requests import messages_of
from collectors.protocols.segment import SegmentReader
from collectors.sources.source import Told
from collectors.values import Reading

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")
SMALLEST: dict[str, Any] = {"messageId": "m-1", "anonymousId": "a-1", "timestamp": "2026-03-01T11:00:00Z"}


def reader(own: Mapping[str, str] | None = None) -> SegmentReader:
    return SegmentReader(Meanings(own or {}), ZONE, lambda: "RUB")


def hear(kind: str, own: Mapping[str, str] | None = None, **fields: Any) -> dict[str, dict[str, Any]]:
    """The events of one message, as they are stored, by family."""
    return dict(stored(reader(own).read({**SMALLEST, "type": kind, **fields}, NOW)))


def stored(told: Iterable[Told]) -> list[tuple[str, dict[str, Any]]]:
    """As the log would hold them; an event that its family refuses raises pydantic's `ValidationError`."""
    found = []
    for each in told:
        event = family_model(each.family).model_validate(each.item, context=Reading(NOW, None, "RU"))
        found.append((each.family, orjson.loads(to_json(event.canonical()))))
    return found


def messages(protocol: str, request: Any) -> list[dict[str, Any]]:
    """A request's messages of Segment's form."""
    if protocol == "segment":
        return messages_of("batch", request, 0)[0]
    if protocol == "posthog":
        return [posthog.as_segment(each, request.get("sent_at")) for each in request["batch"]]
    if protocol == "ga4":
        return list(ga4.as_segment(request, NOW))
    return [snowplow.as_segment(each) for each in request["data"]]
