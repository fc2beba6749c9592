"""Changes of the audit log as documents, and as lines that say what differs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from infra.audit import Change


@dataclass(frozen=True, slots=True)
class Difference:
    """`place` is empty where the whole thing is a text."""

    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownChange:
    at: datetime
    who: str
    what: str
    differences: list[Difference]


def change_document(change: Change) -> dict[str, Any]:
    """`before` and `after` as they were kept: objects where they are, else texts."""
    return {
        "id": change.id,
        "at": change.at.isoformat(),
        "who": change.who,
        "what": change.what,
        "before": _read(change.before),
        "after": _read(change.after),
    }


def shown_change(change: Change) -> ShownChange:
    before, after = _places(_read(change.before)), _places(_read(change.after))
    differences = [
        Difference(place, before.get(place, ""), after.get(place, ""))
        for place in sorted(before.keys() | after.keys())
        if before.get(place) != after.get(place)
    ]
    return ShownChange(change.at, change.who, change.what, differences)


def _read(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _places(told: Any, place: str = "") -> dict[str, str]:
    """Every value by where it stands: `dealers[0].name`."""
    if isinstance(told, dict):
        parts = [_places(value, f"{place}.{name}".lstrip(".")) for name, value in told.items()]
    elif isinstance(told, list):
        parts = [_places(value, f"{place}[{number}]") for number, value in enumerate(told)]
    else:
        return {place: _written(told)} if told not in ("", None) else {}
    return {name: value for part in parts for name, value in part.items()}


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
