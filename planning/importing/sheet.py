"""A sheet as it was read, and the places in it as spreadsheets write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

Range = tuple[int, int, int, int]
"""First row, first column, last row, last column: counted from 0, inclusive."""


class Mark(StrEnum):
    """What a cell is besides its value."""

    UNCALCULATED = "uncalculated"
    PERHAPS_UNCALCULATED = "perhaps uncalculated"
    BROKEN = "broken"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Place:
    """A cell; row and column are counted from 0. The sheet of a text file has no name."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        address = f"{column_letters(self.column)}{self.row + 1}"
        return f"{self.sheet}, {address}" if self.sheet else address


@dataclass(frozen=True)
class Sheet:
    """Rows from the first of the sheet on, each from column A on, of whatever length.

    `marks` are of cells by row, then column; `currencies` those that number formats name, as ISO 4217.
    """

    name: str
    rows: list[list[Any]]
    merged: tuple[Range, ...] = ()
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    marks: Mapping[int, Mapping[int, Mark]] = field(default_factory=dict)
    currencies: Mapping[int, Mapping[int, str]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)

    def value(self, row: int, column: int) -> Any:
        """Empty beyond what is filled."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return ""
        found = self.rows[row][column]
        return "" if found is None else found

    def anchor(self, row: int, column: int) -> tuple[int, int]:
        """The cell whose value shows here: the first of a merged range, or the cell itself."""
        for top, left, right in self._merged_in.get(row, ()):
            if left <= column <= right:
                return top, left
        return row, column

    @cached_property
    def _merged_in(self) -> dict[int, list[tuple[int, int, int]]]:
        """By each row that they cover: the first row, and the first and last column."""
        found: dict[int, list[tuple[int, int, int]]] = {}
        for top, left, bottom, right in self.merged:
            for row in range(top, bottom + 1):
                found.setdefault(row, []).append((top, left, right))
        return found

    def label(self, row: int, column: int) -> str:
        """What shows here, as a text."""
        return as_label(self.value(*self.anchor(row, column)))

    def place(self, row: int, column: int) -> Place:
        return Place(self.name, row, column)


def as_label(value: Any) -> str:
    """A value as a text of one line, without blanks around it; of a moment, its day."""
    if isinstance(value, str):
        return " ".join(value.replace("\0", "").split())
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def column_letters(column: int) -> str:
    """`A` of 0, `AA` of 26."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """0 of `A`."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
