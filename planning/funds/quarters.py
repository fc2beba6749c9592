"""Quarters of a calendar year, in which funds are earned."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from infra.errors import InvalidInput

_WRITTEN = re.compile(r"(\d{4})\s*[-/ ]?\s*[QqКк]([1-4])")
_TURNED = re.compile(r"[QqКк]([1-4])\s*[-/ ]?\s*(\d{4})")
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """`number` is from 1 to 4. Days are the account's."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.number}"

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        return self.after(1).first_day - timedelta(days=1)

    def after(self, quarters: int) -> "Quarter":
        years, number = divmod(self.number - 1 + quarters, 4)
        return Quarter(self.year + years, number + 1)

    def until(self, last: "Quarter") -> "Iterator[Quarter]":
        """It and those after it, `last` included."""
        quarter = self
        while quarter <= last:
            yield quarter
            quarter = quarter.after(1)


def quarter_of(day: date) -> Quarter:
    return Quarter(day.year, (day.month + 2) // 3)


def read_quarter(text: str, where: str = "quarter") -> Quarter:
    """`2026-Q1`, `2026Q1` or `Q1 2026`. Raises `InvalidInput`."""
    told = text.strip()
    if found := _WRITTEN.fullmatch(told):
        quarter = Quarter(int(found[1]), int(found[2]))
    elif found := _TURNED.fullmatch(told):
        quarter = Quarter(int(found[2]), int(found[1]))
    else:
        raise InvalidInput(f"{text!r} is no quarter.", where=where, help="Write it as 2026-Q1.")
    if not _FIRST_YEAR <= quarter.year <= _LAST_YEAR:
        raise InvalidInput(f"{quarter} is out of time.", where=where, help=f"Years are {_FIRST_YEAR} to {_LAST_YEAR}.")
    return quarter
