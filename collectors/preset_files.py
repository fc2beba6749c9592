"""Files by a preset: exports of a CRM, and what dealers keep in spreadsheets.

Rows of titles above the names of the columns are passed over, and so are rows of totals. JSON may be one object that
holds the list of its items, as OData has it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from collectors.formats import Format, read_items
from collectors.items import Item, Unreadable
from collectors.mapping import Mapping
from collectors.preset import Preset
from collectors.tables import read_csv, read_xlsx
from infra.errors import InvalidInput, UnreadableBody

_TOTALS = re.compile(r"(итого?|всего|totals?|grand total|subtotal)(\s+по\b.*)?[\s:.]*", re.IGNORECASE)
_ENOUGH = 2
_MOST_SHOWN = 12


def read_mapped(
    stream: BinaryIO, form: Format, family: str, rules: Sequence[str], chosen: Preset | None
) -> Iterator[Item]:
    """The items of a stream by rules, or by a preset, which must be of that family. Raises `InvalidInput`."""
    if chosen is None:
        return read_items(stream, form, Mapping.parse(rules, family))
    if chosen.family != family:
        raise InvalidInput(
            f"The preset {chosen.name} is of {chosen.family}, not of {family}.",
            where="preset",
            help=f"Send it to {chosen.family}, or take another preset.",
        )
    if rules:
        raise InvalidInput("Rules beside a preset are not read.", where="map", help="Put them into the preset.")
    return read_by_preset(stream, form, chosen)


def read_by_preset(stream: BinaryIO, form: Format, chosen: Preset) -> Iterator[Item]:
    """Every item of the stream as an event of the preset's family. Raises `UnreadableBody`."""
    for item in _raw_items(stream, form, chosen):
        if isinstance(item, Unreadable):
            yield item
        else:
            yield from (chosen.read(each) for each in chosen.items(item))


def _raw_items(stream: BinaryIO, form: Format, chosen: Preset) -> Iterator[Item]:
    if form in (Format.JSON, Format.NDJSON):
        return read_items(stream, form, Mapping())
    rows = (read_xlsx if form is Format.XLSX else read_csv)(stream, PresetColumns(chosen))
    return (row for row in rows if isinstance(row, Unreadable) or not _is_total(row))


class PresetColumns:
    """The columns of a table that a preset knows."""

    def __init__(self, chosen: Preset) -> None:
        self._title = chosen.title
        self._known = chosen.columns

    def is_header(self, cells: Sequence[str]) -> bool:
        return self._count(cells) >= _ENOUGH

    def for_table(self, columns: Sequence[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
        if not self.is_header(columns):
            raise UnreadableBody(
                f"None of the first rows names columns of {self._title}: {', '.join(columns[:_MOST_SHOWN])}.",
                where="preset",
                help=f"It knows {', '.join(sorted(self._known)[:_MOST_SHOWN])} …; copy and change the preset.",
            )
        return dict

    def _count(self, cells: Sequence[str]) -> int:
        return sum(cell.strip().casefold() in self._known for cell in cells)


def _is_total(row: dict[str, Any]) -> bool:
    """Whether the first value says that this is a sum of the rows above."""
    first = next((value for value in row.values() if value not in (None, "")), "")
    return isinstance(first, str) and _TOTALS.fullmatch(first.strip()) is not None
