"""Picking values out of what clients send, where any of them may be missing, null, or of another type."""

from collections.abc import Mapping
from typing import Any


def text(value: object) -> str:
    """Text and numbers as text; anything else is empty."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def members(value: object) -> dict[str, Any]:
    """The members of an object; none where it is no object."""
    return value if isinstance(value, dict) else {}


def first(sources: Mapping[str, Any] | list[Mapping[str, Any]], *names: str) -> str:
    """The first of these names that has a text, in the first source that has any of them."""
    for source in [sources] if isinstance(sources, Mapping) else sources:
        for name in names:
            if found := text(source.get(name)):
                return found
    return ""


def named(**fields: Any) -> dict[str, Any]:
    """Without those that say nothing."""
    return {name: value for name, value in fields.items() if value not in (None, "", {}, [])}
