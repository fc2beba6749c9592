"""`$skiptoken`: the number of the run, and the sort keys of the row that a page ended with."""

import base64
import binascii
from collections.abc import Sequence

import orjson

from attribution.feed.predicate import Stored
from infra.errors import InvalidInput


def token_of(run: int, keys: Sequence[Stored]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([run, *keys])).decode().rstrip("=")


def read_token(token: str, are_texts: Sequence[bool]) -> tuple[int, tuple[Stored, ...]]:
    """Raises `InvalidInput` where it is not of rows in that order."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        raise _wrong() from None
    if not isinstance(found, list) or [isinstance(key, str) for key in found] != [False, *are_texts]:
        raise _wrong()
    run, *keys = found
    if not (_is_whole(run) and 0 <= run < 2**32 and all(isinstance(key, str) or _is_whole(key) for key in keys)):
        raise _wrong()
    return run, tuple(keys)


def _is_whole(key: object) -> bool:
    return isinstance(key, int) and not isinstance(key, bool) and abs(key) < 2**63


def _wrong() -> InvalidInput:
    return InvalidInput(
        "There is no such page.", where="$skiptoken", help="Follow @odata.nextLink of the page before as it stands."
    )
