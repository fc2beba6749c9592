"""What readers hand on: an event's fields as they came, or what came in place of an event."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that is no event at all; `text` is what came in its place."""

    text: str
    reason: str


Item = dict[str, Any] | Unreadable
