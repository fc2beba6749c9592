"""What a file is, by its first bytes: what somebody says of it is no reason for a browser to open it."""

import mimetypes
import unicodedata
from pathlib import PurePosixPath

from infra.errors import InvalidInput

HEAD_BYTES = 16
ANYTHING = "application/octet-stream"
SHOWN_IN_PLACE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
"""What a browser may open in place. SVG is none of it: it can carry scripts."""

_LONGEST_NAME = 200
_ACTIVE = ("html", "/xml", "+xml", "script")
_OFFICE = "application/vnd.openxmlformats-officedocument"
_BY_ENDING = mimetypes.MimeTypes(filenames=())
"""Not as this machine's own lists say, which differ."""

for _ending, _kind in (
    (".xlsx", f"{_OFFICE}.spreadsheetml.sheet"),
    (".docx", f"{_OFFICE}.wordprocessingml.document"),
    (".pptx", f"{_OFFICE}.presentationml.presentation"),
):
    _BY_ENDING.add_type(_kind, _ending)
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)


def media_type_of(name: str, head: bytes) -> str:
    """One of `SHOWN_IN_PLACE` only where the bytes begin like it; `ANYTHING` for what could run in a browser."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    seen = next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), None)
    if seen:
        return seen
    guessed = _BY_ENDING.guess_type(name)[0] or ANYTHING
    is_false = guessed in SHOWN_IN_PLACE or guessed.endswith(_ACTIVE)
    return ANYTHING if is_false else guessed


def clean_name(name: str) -> str:
    """Without folders, and without characters that are not seen. Raises `InvalidInput` where nothing is left."""
    last = PurePosixPath(name.replace("\\", "/")).name
    seen = "".join(each for each in last if unicodedata.category(each)[0] != "C")
    cleaned = " ".join(unicodedata.normalize("NFC", seen).split()).lstrip(".")
    if not cleaned:
        raise InvalidInput("The file has no name.", where="file", help="Give it a name, such as invoice.pdf.")
    if len(cleaned) <= _LONGEST_NAME:
        return cleaned
    ending = PurePosixPath(cleaned).suffix[:20]
    return cleaned[: _LONGEST_NAME - len(ending)] + ending
