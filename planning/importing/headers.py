"""Where the header of a table stands, and what it says of each column.

A header has one to seven rows; its cells may be merged, or stand over the first of several columns. Above it there may
be titles, below it a row that numbers the columns.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from planning.importing.amounts import looks_like_a_figure
from planning.importing.months import Month, month_number, month_of, split_month, year_of
from planning.importing.sheet import Sheet
from planning.importing.words import (
    NAMED_ROLES,
    Role,
    is_derived,
    measure_of,
    normal,
    role_of,
    says_fact,
    says_plan,
    total_part,
)

_MOST_ROWS_ABOVE = 60
_MOST_HEADER_ROWS = 3
_MOST_COLUMNS = 400
_DIGITS = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Header:
    """`labels` of each column, from the topmost row down; rows are counted from 0. Data begin at `first_row`."""

    top: int
    bottom: int
    first_row: int
    labels: tuple[tuple[str, ...], ...]
    titles: tuple[str, ...]

    @property
    def headings(self) -> list[str]:
        """What each column is called, in a line."""
        return [" · ".join(dict.fromkeys(parts)) for parts in self.labels]

    @property
    def shape(self) -> str:
        """Equal for tables with the same columns, whatever year they are of."""
        said = "\n".join(_DIGITS.sub("year", normal(heading)) for heading in self.headings)
        return hashlib.sha256(said.encode()).hexdigest()[:32]


def find_header(sheet: Sheet) -> Header | None:
    """None where the sheet holds no table of figures."""
    width = min(sheet.width, _MOST_COLUMNS)
    rows = range(min(len(sheet.rows), _MOST_ROWS_ABOVE))
    labels = [[sheet.label(row, column) for column in range(width)] for row in rows]
    bottom = _key_row(sheet, labels)
    if bottom is None:
        return None
    top = _top(sheet, labels, bottom)
    bottom = _bottom(sheet, labels, bottom)
    first = bottom + 1
    while first < len(labels) and _numbers_columns(labels[first]):
        first += 1
    carried = [_carried(row, labels[bottom]) for row in labels[top:bottom]] + [labels[bottom]]
    by_column = tuple(tuple(filter(None, (row[column] for row in carried))) for column in range(width))
    titles = tuple(dict.fromkeys(label for row in labels[:top] for label in row if label))
    return Header(top, bottom, first, by_column, titles)


def _key_row(sheet: Sheet, labels: Sequence[Sequence[str]]) -> int | None:
    """The row that says most of the columns: months across, or the words for what they hold."""
    for row, cells in enumerate(labels):
        months = {(each.month, each.year) for cell in cells if (each := _month_in(cell))}
        if len(months) > 1 or (months and any(map(role_of, cells))):
            return row
    for row, cells in enumerate(labels):
        if _is_months_by_number(cells) and any(map(role_of, cells)):
            return row
    known = [len({cell for cell in cells if role_of(cell) or measure_of(cell)}) for cells in labels]
    best = max(range(len(known)), key=lambda row: (known[row], -row), default=0)
    if known and known[best] > 1:
        return best
    return _above_the_first_figures(sheet, labels)


def _month_in(cell: str) -> Month | None:
    within, rest = split_month(cell)
    return month_of(cell) or (within if measure_of(rest) else None)


def _is_months_by_number(cells: Sequence[str]) -> bool:
    found = [month_number(cell) for cell in cells]
    return any(found[start : start + 12] == list(range(1, 13)) for start in range(1, len(found) - 11))


def _above_the_first_figures(sheet: Sheet, labels: Sequence[Sequence[str]]) -> int | None:
    first = next((row for row in range(1, len(labels)) if _has_figures(sheet, row)), None)
    if first is None:
        return None
    return next((row for row in range(first - 1, -1, -1) if len(set(filter(None, labels[row]))) > 1), None)


def _has_figures(sheet: Sheet, row: int) -> bool:
    found = [cell for cell in sheet.rows[row] if looks_like_a_figure(cell)]
    return any(not year_of(str(cell).removesuffix(".0")) for cell in found)


def _top(sheet: Sheet, labels: Sequence[Sequence[str]], bottom: int) -> int:
    """Rows right above belong to the header, unless they are titles: one cell, from the table's left edge on."""
    left = _leftmost(labels[bottom])
    top = bottom
    while top and bottom - top < _MOST_HEADER_ROWS:
        row = top - 1
        filled = [column for column in range(len(labels[row])) if labels[row][column]]
        if not filled or _has_figures(sheet, row) or _is_title(sheet, row, labels[row], filled, left):
            break
        top -= 1
    return top


def _is_title(sheet: Sheet, row: int, cells: Sequence[str], filled: Sequence[int], left: int) -> bool:
    """One cell from the table's left edge on, that is over no group of columns or over all of them."""
    anchors = {sheet.anchor(row, column) for column in filled}
    if len(anchors) > 1 or min(column for _row, column in anchors) > left:
        return False
    return not _is_of_groups(cells[filled[0]]) or len(filled) > len(cells) - 2


def _bottom(sheet: Sheet, labels: Sequence[Sequence[str]], bottom: int) -> int:
    """Rows right below belong to the header while nothing is named in them at the left, and nothing is figures."""
    left = _leftmost(labels[bottom])
    last = bottom
    while last + 1 < len(labels) and last - bottom < _MOST_HEADER_ROWS:
        below = labels[last + 1]
        own = [column for column, cell in enumerate(below) if cell and sheet.anchor(last + 1, column)[0] > last]
        under_left = not below[left] or sheet.anchor(last + 1, left)[0] <= bottom
        if not own or not under_left or _has_figures(sheet, last + 1) or not any(_is_said(below[each]) for each in own):
            break
        last += 1
    return last


def _is_said(cell: str) -> bool:
    return bool(_is_of_groups(cell) or role_of(cell) or is_derived(cell) or total_part(cell) is not None)


def _leftmost(cells: Sequence[str]) -> int:
    return next((column for column, cell in enumerate(cells) if cell), 0)


def _numbers_columns(cells: Sequence[str]) -> bool:
    """A row that says 1, 2, 3, … below a header."""
    filled = [cell for cell in cells if cell]
    return len(filled) > 2 and filled == [str(number) for number in range(1, len(filled) + 1)]


def _carried(cells: Sequence[str], below: Sequence[str]) -> list[str]:
    """A group's label over each of its columns, where only the first has it."""
    found, group = [], ""
    for cell, own in zip(cells, below, strict=True):
        if cell:
            group = cell if _is_of_groups(cell) else ""
        elif role_of(own) in (*NAMED_ROLES, Role.BRAND, Role.MONTH, Role.CURRENCY):
            group = ""
        found.append(cell or (group if own else ""))
    return found


def _is_of_groups(cell: str) -> bool:
    """Whether columns may stand below it: a year, a month, a measure, or «план» and «факт»."""
    return bool(year_of(cell) or _month_in(cell) or measure_of(cell) or says_fact(cell) or says_plan(cell))
