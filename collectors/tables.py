"""Reading rows from CSV and XLSX, as people really save them.

CSV: UTF-8 (with or without a byte-order mark), UTF-16, or windows-1251; separated by `,` `;` tab or `|`.
The first line names the columns, unless whoever reads them knows better. Of two columns of one name the second is
called `name (2)`, a nameless one `column 3`.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import chain, islice
from typing import Any, BinaryIO, Protocol, TextIO

from python_calamine import CalamineError, CalamineWorkbook

from collectors.items import Item, Unreadable
from infra.errors import UnreadableBody

_SEPARATORS = ";\t,|"
_HEAD_BYTES = 65_536
_LONGEST_VALUE = 4 * 1024**2
_EXACT_FLOAT = 2**53
_MOST_TITLE_ROWS = 50

csv.field_size_limit(_LONGEST_VALUE)


class Columns(Protocol):
    """What the columns of a table mean."""

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether a row that is not empty names the columns: above it there may be titles."""
        ...

    def for_table(self, columns: Sequence[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """How a row becomes an item. Raises `InvalidInput` where these are not the columns."""
        ...


def _as_cp1251(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8 in a file that began as such: somebody pasted windows-1251 into it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1251", "replace"), error.end


codecs.register_error("cp1251", _as_cp1251)


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


def read_csv(stream: BinaryIO, columns: Columns) -> Iterator[Item]:
    head = stream.read(_HEAD_BYTES)
    rest = io.BufferedReader(_Rejoined(head, stream), _HEAD_BYTES)
    with io.TextIOWrapper(rest, encoding_of(head), errors="cp1251", newline="") as text:
        yield from _read_rows(text, columns)


def _read_rows(text: TextIO, known: Columns) -> Iterator[Item]:
    lines = _Lines(text)
    columns, separator = _find_header(lines, known)
    if not columns:
        return
    rename = known.for_table(columns)
    rows = csv.reader(lines, delimiter=separator)
    while True:
        lines.begin_row()
        try:
            row = _filled(next(rows))
        except StopIteration:
            return
        except csv.Error as error:
            yield Unreadable(lines.row, f"line {lines.row_began} is no CSV: {error}")
            continue
        if lines.ended_within_row:
            yield Unreadable(lines.row, f"line {lines.row_began} opens a quote that nothing closes")
        elif len(row) > len(columns):
            yield Unreadable(lines.row, f"line {lines.row_began} has {len(row)} values for {len(columns)} columns")
        elif row:
            yield rename(dict(zip(columns, row, strict=False)))


def _find_header(lines: "_Lines", known: Columns) -> tuple[list[str], str]:
    """The names of the columns, and what separates them; nothing where the file is empty."""
    filled = (line for line in lines if line.strip())
    titles: list[list[str]] = []
    for line in islice(filled, _MOST_TITLE_ROWS):
        separator = separator_of(line)
        names = _read_header(line, lines, separator)
        if known.is_header(names):
            return name_columns(names), separator
        titles.append(names)
    return _widest(titles), ""


def _widest(titles: Sequence[list[str]]) -> list[str]:
    """Where no row names the columns: the row that looks most like it, for the error to show."""
    return name_columns(sorted(titles, key=len)[-1] if titles else [])


def _read_header(first: str, lines: "_Lines", separator: str) -> list[str]:
    try:
        names = next(csv.reader(chain([first], lines), delimiter=separator))
    except csv.Error as error:
        raise UnreadableBody(f"The header is no CSV: {error}.", where="body") from error
    if lines.ended_within_row:
        raise UnreadableBody("The header opens a quote that nothing closes.", where="body")
    return names


def _filled(row: list[str]) -> list[str]:
    """The row without the empty values at its end."""
    while row and not row[-1].strip():
        row.pop()
    return row


class _Lines:
    """The lines of a text; remembers those of the row that is being read."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._row: list[str] = []
        self._count = 0
        self.row_began = 1
        self.ended_within_row = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline()
        if not line:
            self.ended_within_row = bool(self._row)
            raise StopIteration
        self._row.append(line)
        self._count += 1
        return line

    def begin_row(self) -> None:
        self._row.clear()
        self.row_began = self._count + 1

    @property
    def row(self) -> str:
        return "".join(self._row).rstrip("\r\n")


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


def name_columns(names: Iterable[str]) -> list[str]:
    """A name of its own for every column, so that no value displaces another."""
    found: dict[str, None] = {}
    for place, given in enumerate(names, 1):
        base = name = given.strip() or f"column {place}"
        number = 1
        while name in found:
            number += 1
            name = f"{base} ({number})"
        found[name] = None
    return list(found)


def read_xlsx(stream: BinaryIO, known: Columns) -> Iterator[Item]:
    """The rows of the first sheet; the first row that is not empty names the columns, unless `known` knows better."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(stream.read()))
        rows: Iterable[list[Any]] = workbook.get_sheet_by_index(0).iter_rows() if workbook.sheet_names else []
    except (CalamineError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise UnreadableBody(
            f"This is no XLSX workbook: {reason}.", where="body", help="Save the table as .xlsx or .csv."
        ) from error
    filled = (row for row in rows if any(cell not in ("", None) for cell in row))
    columns = _header_of(filled, known)
    if columns:
        rename = known.for_table(columns)
        for row in filled:
            yield rename(dict(zip(columns, map(_cell, row), strict=False)))


def _header_of(filled: Iterator[list[Any]], known: Columns) -> list[str]:
    titles: list[list[str]] = []
    for row in islice(filled, _MOST_TITLE_ROWS):
        names = [str(cell) for cell in row]
        if known.is_header(names):
            return name_columns(names)
        titles.append(names)
    return _widest(titles)


def _cell(value: Any) -> Any:
    """Spreadsheets keep every number as a float: whole ones are written without a fraction."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT_FLOAT else value
    return str(value) if isinstance(value, timedelta) else value
