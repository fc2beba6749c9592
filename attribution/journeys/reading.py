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
    """A Parquet file with these columns (ours to the file's), of types that the engine's statements take."""

    layout: Layout
    file: Path
    column: Mapping[str, str]


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
    return Source(found.layout, file, {name: name for name in table.column_names})


def _read_parquet(file: Path, scratch: Path, reading: Reading) -> Source:
    try:
        parquet = pq.ParquetFile(file)
        found = find_columns(parquet.schema_arrow.names, reading.columns or {})
        if _is_plain(parquet, found) and not reading.by_campaign:
            return Source(found.layout, file.absolute(), found.column)
        table = parquet.read(list(found.column.values()))
    except pa.ArrowInvalid as error:
        raise UnreadableBody(f"This is no Parquet file: {error}.", where="body") from error
    return _rewritten(Rows(table, "row", 1), scratch, reading)


def _is_plain(parquet: pq.ParquetFile, found: Found) -> bool:
    """Whether the engine can take these touches as they are: of its types, and by the file's counts with no gap."""
    schema = parquet.schema_arrow
    if (
        found.layout is PATTERNS
        or "value" not in found.column
        or pa.types.is_dictionary(schema.field(found.column["channel"]).type)
    ):
        return False
    kinds = {
        "visitor": lambda kind: pa.types.is_integer(kind) or _is_text(kind),
        "time": pa.types.is_timestamp,
        "channel": _is_text,
        "converted": lambda kind: pa.types.is_integer(kind) or pa.types.is_boolean(kind),
        "value": lambda kind: pa.types.is_floating(kind) or pa.types.is_integer(kind),
    }
    if not all(fits(schema.field(found.column[name]).type) for name, fits in kinds.items()):
        return False
    places = [parquet.schema.names.index(found.column[name]) for name in kinds]
    groups = (parquet.metadata.row_group(number) for number in range(parquet.metadata.num_row_groups))
    told = [group.column(place).statistics for group in groups for place in places]
    return all(each is not None and each.has_null_count and each.null_count == 0 for each in told)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


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
