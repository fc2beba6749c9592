"""Sending a rejection again: as it was, or repaired. A delivery is read again as it was."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from collectors.deliveries import TOPIC
from collectors.delivery_reader import DeliveryReader
from collectors.intake import Outcome
from collectors.items import Item, Unreadable
from collectors.rejections import REPLAYED


def replay(reader: DeliveryReader, key: str, *, repaired: dict[str, Any] | None, naive_zone: ZoneInfo) -> Outcome:
    """The rejection is closed once its event is accepted, and stays open otherwise. Raises `NotFound`."""
    store = reader.rejections
    kept = store.get(key)
    if kept.family == TOPIC:
        outcome = reader.take([kept.item])
        if not outcome.rejected:
            store.close(key, REPLAYED)
        return outcome
    outcome = reader.intake.accept(
        kept.family, [_read(kept.item) if repaired is None else repaired], naive_zone=naive_zone, replay=True
    )
    if outcome.accepted:
        store.close(key, REPLAYED)
    return outcome


@dataclass(frozen=True, slots=True)
class Replayed:
    """`left` are those for the same reason that were not tried yet."""

    accepted: int
    rejected: int
    left: int


def replay_like(reader: DeliveryReader, key: str, *, naive_zone: ZoneInfo, most: int = 1000) -> Replayed:
    """Send again, as they were, open rejections for the same reason as this one: after a preset or rule was mended.

    Raises `NotFound`.
    """
    found, total = reader.rejections.list_like(reader.rejections.get(key), limit=most)
    refused = sum(bool(replay(reader, each.id, repaired=None, naive_zone=naive_zone).rejected) for each in found)
    return Replayed(len(found) - refused, refused, total - len(found))


def _read(item: bytes) -> Item:
    text = item.decode("utf-8", "replace")
    try:
        found = orjson.loads(item)
    except orjson.JSONDecodeError:
        return Unreadable(text, "the rejected item is no JSON: send it repaired")
    return found if isinstance(found, dict) else Unreadable(text, "the rejected item is no object: send it repaired")
