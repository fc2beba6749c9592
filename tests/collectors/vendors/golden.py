"""Documented payloads, and the events that they are."""

from pathlib import Path
from typing import Any

import orjson

_FOLDER = Path(__file__).parent / "golden"


def golden(name: str) -> bytes:
    """A payload as it comes over the wire."""
    return (_FOLDER / name).read_bytes().rstrip(b"\n")


def golden_json(name: str) -> Any:
    return orjson.loads(golden(name))


def expected(name: str) -> list[dict[str, Any]]:
    """The events of a payload, in order of ids."""
    found: list[dict[str, Any]] = golden_json(f"{name}.events.json")
    return found
