"""Reading items from JSON, NDJSON, CSV and XLSX, as people really save them.

What cannot be read comes out as `Unreadable` in its place, so that the others go on.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, BinaryIO

import orjson

from collectors.items import Item, Unreadable
from collectors.mapping import Mapping
from collectors.tables import read_csv, read_xlsx
from infra.errors import UnreadableBody

HEAD_BYTES = 65_536


class Format(StrEnum):
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"


_BY_TYPE = {
    "application/x-ndjson": Format.NDJSON,
    "application/jsonl": Format.NDJSON,
    "text/csv": Format.CSV,
    "text/tab-separated-values": Format.CSV,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Format.XLSX,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
}
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old or password-protected Excel workbook",
    b"\x1f\x8b": "packed with gzip",
    b"PAR1": "Parquet",
    b"%PDF": "PDF",
}


def format_of(content_type: str, head: bytes) -> Format:
    """What the sender says it is (a media type, or a file's suffix), or what its first bytes look like.

    Raises `UnreadableBody` for a format of which nothing can be read here.
    """
    foreign = next((name for magic, name in _FOREIGN.items() if head.startswith(magic)), None)
    if foreign:
        raise UnreadableBody(
            f"This is {foreign}, which is not read here.",
            where="body",
            help="Send JSON, NDJSON, CSV or XLSX; a packed body names its packing: Content-Encoding: gzip.",
        )
    named = _BY_TYPE.get(content_type.partition(";")[0].strip().lower())
    if named:
        return named
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"PK\x03\x04"):
        return Format.XLSX
    if start.startswith(b"["):
        return Format.JSON
    if start.startswith(b"{"):
        return Format.NDJSON if _first_line_is_an_object(start) else Format.JSON
    if "json" in content_type:
        return Format.JSON
    return Format.CSV


def read_items(stream: BinaryIO, form: Format, mapping: Mapping) -> Iterator[Item]:
    """Every item of the stream, in order. Raises `UnreadableBody` where it is not of that format at all."""
    if form is Format.JSON:
        return _mapped(_read_json(stream), mapping)
    if form is Format.NDJSON:
        return _mapped(_read_ndjson(stream), mapping)
    if form is Format.XLSX:
        return read_xlsx(stream, mapping)
    return read_csv(stream, mapping)


def _mapped(items: Iterator[Item], mapping: Mapping) -> Iterator[Item]:
    if not mapping.rules:
        return items
    return (
        item if isinstance(item, Unreadable) else mapping.for_columns(_names(item, mapping))(item) for item in items
    )


def _names(item: dict[str, Any], mapping: Mapping) -> list[str]:
    """An object's own names, and those that rules ask for: in JSON a missing one is empty, not wrong."""
    asked = (column for rule in mapping.rules for column in rule.columns)
    return list(dict.fromkeys([*item, *asked]))


_KINDS = {
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def _first_line_is_an_object(start: bytes) -> bool:
    try:
        orjson.loads(start.split(b"\n", 1)[0])
    except orjson.JSONDecodeError:
        return False
    return True


def _read_json(stream: BinaryIO) -> Iterator[Item]:
    body = stream.read()
    try:
        found = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableBody(
            f"This is no JSON: {error}.",
            where="body",
            help="Send a JSON object, a JSON array of objects, or one object a line (NDJSON).",
        ) from error
    for item in found if isinstance(found, list) else [found]:
        yield item if isinstance(item, dict) else _no_object(item)


def _read_ndjson(stream: BinaryIO) -> Iterator[Item]:
    for line in stream:
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not text:
            continue
        try:
            item = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            yield Unreadable(text.decode("utf-8", "cp1251"), f"the line is no JSON: {error}")
        else:
            yield item if isinstance(item, dict) else _no_object(item)


def _no_object(item: object) -> Unreadable:
    try:
        text = orjson.dumps(item).decode()
    except orjson.JSONEncodeError as error:
        raise UnreadableBody(
            "This is nested too deep to be kept.", where="body", help="An event is a JSON object."
        ) from error
    return Unreadable(text, f"an event is a JSON object, and this is {_KINDS[type(item)]}")
