"""The golden files: what a vendor sends, and the events that it means."""

from pathlib import Path
from typing import Any

import orjson

_FOLDER = Path(__file__).parents[1] / "golden"


def sent(vendor: str, name: str) -> bytes:
    return (_FOLDER / vendor / name).read_bytes()


def meant(vendor: str, name: str) -> Any:
    return orjson.loads(sent(vendor, name))
