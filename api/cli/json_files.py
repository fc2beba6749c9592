"""JSON documents that commands take as files."""

from pathlib import Path
from typing import Any

import orjson

from infra.errors import InvalidInput


def read_bytes(file: Path) -> bytes:
    """Raises `InvalidInput` where the file cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.", where="FILE") from error


def read_json(file: Path) -> Any:
    """Raises `InvalidInput` where the file cannot be read, or is no JSON."""
    try:
        return orjson.loads(read_bytes(file))
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{file} is no JSON: {error}.", where="FILE") from error
