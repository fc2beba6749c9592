"""Sending a rejection again: as it was, or repaired. A delivery is read again as it was."""

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


def _read(item: bytes) -> Item:
    text = item.decode("utf-8", "replace")
    try:
        found = orjson.loads(item)
    except orjson.JSONDecodeError:
        return Unreadable(text, "the rejected item is no JSON: send it repaired")
    return found if isinstance(found, dict) else Unreadable(text, "the rejected item is no object: send it repaired")
