"""Tables of journeys as people have them: CSV, JSON or Parquet in, a Parquet file that the engine reads out."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from attribution.journeys.checking import Rows, check_patterns, check_touches, several
from attribution.journeys.columns import PATTERNS, Found, Layout, find_columns
from collectors.tables import encoding_of, separator_of
from infra.errors import InvalidInput, UnreadableBody

_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is read. `columns` says which column (value) is which of ours (key)."""

    separator: str = ">"
    by_campaign: bool = False
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A Parquet file with these columns (ours to the file's), and the names and types by which the engine reads it."""

    layout: Layout
    file: Path
    column: Mapping[str, str]
    structure: str


def read_source(file: Path, scratch: Path, reading: Reading) -> Source:
    """What a file holds, rewritten into the folder `scratch` unless the engine can read it as it is.

    Raises `InvalidInput` that names the line and what is wrong with it.
    """
    try:
        head = _head(file)
        if head.startswith(b"PAR1"):
            return _read_parquet(file, scratch, reading)
        rows = (
            _json_rows(file.read_bytes())
            if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")
            else _csv_rows(file, head)
        )
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror or error}.", where="FILE") from error
    return _rewritten(rows, scratch, reading)


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableBody("This is empty.", where="body", help="Send a table of journeys or of touches.")
    return head


def _rewritten(rows: Rows, scratch: Path, reading: Reading) -> Source:
    found = find_columns(rows.table.column_names, reading.columns or {})
    if not rows.table.num_rows:
        raise InvalidInput("The table has no rows.", where="body")
    ours = Rows(
        rows.table.select(list(found.column.values())).rename_columns(list(found.column)), rows.word, rows.first
    )
    if found.layout is PATTERNS:
        table = check_patterns(ours, reading.separator)
    else:
        table = check_touches(ours, by_campaign=reading.by_campaign)
    file = scratch / "journeys.parquet"
    pq.write_table(table, file, compression="lz4")
    column = {name: name for name in table.column_names}
    return Source(found.layout, file, column, _structure(column, _engine_types(table.schema, column)))


def _read_parquet(file: Path, scratch: Path, reading: Reading) -> Source:
    try:
        parquet = pq.ParquetFile(file)
        found = find_columns(parquet.schema_arrow.names, reading.columns or {})
        kinds = _engine_types(parquet.schema_arrow, found.column)
        if _is_plain(parquet, found, kinds) and not reading.by_campaign:
            return Source(found.layout, file.absolute(), found.column, _structure(found.column, kinds))
        table = parquet.read(list(found.column.values()))
    except pa.ArrowInvalid as error:
        raise UnreadableBody(f"This is no Parquet file: {error}.", where="body") from error
    return _rewritten(Rows(table, "row", 1), scratch, reading)


def _is_plain(parquet: pq.ParquetFile, found: Found, kinds: Mapping[str, str]) -> bool:
    """Whether the engine can take these touches as they are."""
    if found.layout is PATTERNS or not {"visitor", "time", "channel", "converted", "value"} <= set(kinds):
        return False
    if not all(found.column[name].isidentifier() for name in kinds):
        return False
    places = {name: parquet.schema.names.index(found.column[name]) for name in kinds}
    groups = (parquet.metadata.row_group(number) for number in range(parquet.metadata.num_row_groups))
    return all(_is_whole(name, group.column(place).statistics) for group in groups for name, place in places.items())


def _is_whole(name: str, told: Any) -> bool:
    """Whether a column that is told so has no gap, no empty name, and no time before 1970."""
    if told is None or not told.has_null_count or told.null_count or not told.has_min_max:
        return False
    return bool(told.min.year >= 1970 if name == "time" else told.min != "")


_INTEGERS = {f"{sign}int{bits}": f"{sign.upper()}Int{bits}" for sign in ("u", "") for bits in (8, 16, 32, 64)}
_NUMBERS = _INTEGERS | {"float": "Float32", "double": "Float64", "bool": "Bool"}
_TEXTS = {"string": "String", "large_string": "String"}
_TIMES = {"ms": "DateTime64(3)", "us": "DateTime64(6)", "ns": "DateTime64(9)"}
_KINDS: Mapping[str, Mapping[str, str]] = {
    "visitor": _INTEGERS | _TEXTS,
    "time": {f"timestamp[{unit}{zone}]": kind for unit, kind in _TIMES.items() for zone in ("", ", tz=UTC")},
    "channel": dict.fromkeys(_TEXTS, "LowCardinality(String)"),
    "converted": _NUMBERS,
    "value": _NUMBERS,
    "path": _TEXTS,
    "conversions": _NUMBERS,
    "nulls": _NUMBERS,
}
"""As what the engine reads a column of ours, by the type that Arrow sees in the file."""


def _engine_types(schema: pa.Schema, column: Mapping[str, str]) -> dict[str, str]:
    """The columns whose types the engine's statements take."""
    told = {name: _KINDS.get(name, {}).get(str(schema.field(theirs).type)) for name, theirs in column.items()}
    return {name: kind for name, kind in told.items() if kind}


def _structure(column: Mapping[str, str], kinds: Mapping[str, str]) -> str:
    return ", ".join(f"`{column[name]}` {kind}" for name, kind in kinds.items())


def _csv_rows(file: Path, head: bytes) -> Rows:
    encoding = encoding_of(head)
    header = head.decode(encoding, "replace").splitlines()[0]
    separator = separator_of(header)
    wrong: list[str] = []

    def keep(row: pa.csv.InvalidRow) -> str:
        wrong.append(f"line {row.number}: {row.actual_columns} values for {row.expected_columns} columns")
        return "skip"

    try:
        table = pa.csv.read_csv(
            file,
            pa.csv.ReadOptions(
                encoding=encoding.removesuffix("-sig"), use_threads=False
            ),  # in order, to know the lines
            pa.csv.ParseOptions(delimiter=separator, ignore_empty_lines=False, invalid_row_handler=keep),
            pa.csv.ConvertOptions(
                column_types=dict.fromkeys(next(csv.reader([header], delimiter=separator)), pa.string())
            ),
        )
    except (pa.ArrowInvalid, UnicodeError) as error:
        raise UnreadableBody(f"This is no CSV: {error}.", where="body", help="Send CSV, JSON or Parquet.") from error
    if wrong:
        raise InvalidInput(several(wrong), where="body")
    return Rows(table, "line", 2)


def _json_rows(body: bytes) -> Rows:
    try:
        told = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableBody(f"This is no JSON: {error}.", where="body") from error
    items = told.get("items") if isinstance(told, dict) else told
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UnreadableBody("This is no table.", where="body", help='Send an array of objects, or {"items": [...]}.')
    names = list(dict.fromkeys(name for item in items for name in item))
    columns = {name: pa.array((_as_text(item.get(name)) for item in items), pa.string()) for name in names}
    return Rows(pa.table(columns), "item", 1)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " > ".join(str(step) for step in value)
    return str(value)
