"""A nested payload as one row: `{"client": {"phones": [{"number": 1}]}}` is `client.phones.0.number`."""

from collections.abc import Iterator, Mapping
from typing import Any

_DEEPEST = 12


def flat(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted path. What lies deeper than a dozen levels stays as it is."""
    return dict(_walk(payload, "", 0))


def _walk(part: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(part, Mapping) and depth < _DEEPEST:
        for name, inner in part.items():
            yield from _walk(inner, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(part, list) and depth < _DEEPEST and any(isinstance(each, Mapping | list) for each in part):
        for place, inner in enumerate(part):
            yield from _walk(inner, f"{path}.{place}" if path else str(place), depth + 1)
    else:
        yield path, part
