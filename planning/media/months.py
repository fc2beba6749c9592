"""A month of the account."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from infra.errors import InvalidInput

_WRITTEN = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    month: int

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    @property
    def days(self) -> list[date]:
        return days_of(self.first, self.last)

    @property
    def before(self) -> "Month":
        return month_of(self.first - timedelta(days=1))

    @property
    def after(self) -> "Month":
        return month_of(self.last + timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


def month_of(day: date) -> Month:
    return Month(day.year, day.month)


def read_month(text: str, where: str = "month") -> Month:
    """Raises `InvalidInput`."""
    told = _WRITTEN.fullmatch(text)
    if told is None:
        raise InvalidInput(f"{text!r} is no month.", where=where, help="Write it as 2026-11.")
    return Month(int(told[1]), int(told[2]))


def days_of(first: date, last: date) -> list[date]:
    """Both inclusive; none where the last comes before the first."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
