"""Form fields with PHP brackets, `leads[status][0][id]=1`, as nested objects.

Indexes stay keys of an object, however large or sparse. A name that is both a value and an object keeps its value under
the empty key. Of a repeated name the last counts.
"""

from collections.abc import Iterable
from typing import Any

_DEEPEST = 16


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        _put(found, _path(name), value)
    return found


def values(found: Any) -> list[Any]:
    """The members of an object or array in order of their indexes, or nothing."""
    if isinstance(found, dict):
        return [found[key] for key in sorted(found, key=_order)]
    return found if isinstance(found, list) else []


def _path(name: str) -> list[str]:
    first, bracket, rest = name.partition("[")
    if not bracket or not rest.endswith("]"):
        return [name]
    return [first, *rest[:-1].split("][", _DEEPEST)]


def _put(found: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        inner = found.setdefault(part, {})
        if not isinstance(inner, dict):
            inner = found[part] = {"": inner}
        found = inner
    held = found.get(path[-1])
    if isinstance(held, dict):
        held[""] = value
    else:
        found[path[-1]] = value


def _order(key: str) -> tuple[int, int, str]:
    return (0, int(key), "") if key.isdecimal() else (1, 0, key)
