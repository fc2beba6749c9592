"""Bodies as client libraries write them: JSON, whatever the content type says.

What is nearly JSON is read too, for a client that is refused throws the whole batch away: `NaN` counts as null, and
half characters become question marks.
"""

import base64
import binascii
import json
from typing import Any
from urllib.parse import parse_qs

import orjson

from infra.errors import UnreadableBody


def read_json(body: bytes) -> Any:
    """Raises `UnreadableBody`."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        found = _nearly_json(body)
        if found is None:
            raise UnreadableBody(f"The body is no JSON: {error}.", where="body", help="Send JSON.") from error
        return found


def read_object(body: bytes) -> dict[str, Any]:
    """Raises `UnreadableBody` for what is no JSON object."""
    found = read_json(body)
    if not isinstance(found, dict):
        raise UnreadableBody("The body is no JSON object.", where="body", help="Send an object.")
    return found


def form_data(body: bytes) -> bytes:
    """The JSON in a form's field `data`, plain or in base64; any other body as it is."""
    if not body.startswith(b"data="):
        return body
    packed = parse_qs(body.decode("ascii", "replace")).get("data", [""])[0]
    if packed[:1] in ("{", "["):
        return packed.encode()
    try:
        return base64.b64decode(packed.replace(" ", "+") + "=" * (-len(packed) % 4))
    except binascii.Error as error:
        raise UnreadableBody(f"The field data is no base64: {error}.", where="data") from error


def _nearly_json(body: bytes) -> Any:
    try:
        found = json.loads(body.decode("utf-8", "replace"), parse_constant=lambda _: None)
        return orjson.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
