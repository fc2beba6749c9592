"""Reading rows from JSON, NDJSON, CSV and XLSX, as people really save them.

CSV: UTF-8 (with or without a byte-order mark), UTF-16, or windows-1251; separated by `,` `;` tab or `|`.
A row that cannot be read comes out as `Unreadable` in its place, so that the others go on.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO, TextIO

import orjson
from python_calamine import CalamineError, CalamineWorkbook

from collectors.mapping import Mapping
from infra.errors import UnreadableBody

HEAD_BYTES = 65_536
_SEPARATORS = ";\t,|"


def _as_cp1251(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8 in a file that began as such: somebody pasted windows-1251 into it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1251", "replace"), error.end


codecs.register_error("cp1251", _as_cp1251)


class Format(StrEnum):
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that is no event at all; `text` is what came in its place."""

    text: str
    reason: str


Item = dict[str, Any] | Unreadable

_BY_TYPE = {
    "application/x-ndjson": Format.NDJSON,
    "application/jsonl": Format.NDJSON,
    "text/csv": Format.CSV,
    "text/tab-separated-values": Format.CSV,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Format.XLSX,
}


def format_of(content_type: str, head: bytes) -> Format:
    """What the sender says it is, or what its first bytes look like."""
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
        return _read_xlsx(stream, mapping)
    return _read_csv(stream, mapping)


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
            f"The body is no JSON: {error}.",
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
            yield Unreadable(text.decode("utf-8", "replace"), f"the line is no JSON: {error}")
        else:
            yield item if isinstance(item, dict) else _no_object(item)


def _no_object(item: object) -> Unreadable:
    return Unreadable(orjson.dumps(item).decode(), "an event is a JSON object")


def encoding_of(head: bytes) -> str:
    """The encoding of a text file, from its first bytes."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # not merely a character cut in two by the end of the head
            return "cp1251"
    return "utf-8-sig"


def separator_of(header: str) -> str:
    """The separator that occurs most in the header line, outside quotes."""
    unquoted = "".join(header.split('"')[::2])
    return max(_SEPARATORS, key=unquoted.count)


def _read_csv(stream: BinaryIO, mapping: Mapping) -> Iterator[Item]:
    head, rest = _peek(stream)
    if not head.strip():
        return
    with io.TextIOWrapper(rest, encoding_of(head), errors="cp1251", newline="") as text:
        yield from _read_csv_text(text, mapping)


def _read_csv_text(text: TextIO, mapping: Mapping) -> Iterator[Item]:
    header = text.readline()
    columns = next(csv.reader([header], delimiter=separator_of(header)), [])
    rename = mapping.for_columns(columns)
    rows = csv.reader((line.replace("\x00", "\ufffd") for line in text), delimiter=separator_of(header))
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Unreadable("", f"line {rows.line_num + 1} is no CSV: {error}")
            continue
        if len(row) > len(columns):
            yield Unreadable(
                separator_of(header).join(row),
                f"line {rows.line_num + 1} has {len(row)} values for {len(columns)} columns",
            )
        elif any(cell.strip() for cell in row):
            yield rename(dict(zip(columns, row, strict=False)))


def _peek(stream: BinaryIO) -> tuple[bytes, io.BufferedReader]:
    head = stream.read(HEAD_BYTES)
    return head, io.BufferedReader(_Rejoined(head, stream), HEAD_BYTES)


class _Rejoined(io.RawIOBase):
    """A stream whose head was read already, whole again."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _read_xlsx(stream: BinaryIO, mapping: Mapping) -> Iterator[Item]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(stream.read()))
        rows: Iterable[list[Any]] = workbook.get_sheet_by_index(0).iter_rows() if workbook.sheet_names else []
    except (CalamineError, ValueError) as error:
        raise UnreadableBody(
            f"The body is no XLSX workbook: {error}.", where="body", help="Save the table as .xlsx or .csv."
        ) from error
    filled = (row for row in rows if any(cell not in ("", None) for cell in row))
    columns = [str(cell) for cell in next(filled, [])]
    if columns:
        rename = mapping.for_columns(columns)
        for row in filled:
            yield rename(dict(zip(columns, map(_cell, row), strict=False)))


def _cell(value: Any) -> Any:
    """Spreadsheets keep every number as a float: whole ones are written without a fraction."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
