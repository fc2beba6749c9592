"""When people act: the days of the period, how busy each is, and the hours of a day.

All cities of the holding live by Moscow time, which knows no summer time. Moments are whole milliseconds since 1970
in UTC; a day is named by its ordinal in Moscow.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MOSCOW = 3 * HOUR
GROWTH_A_YEAR = 0.12
OPENS, CLOSES = 9, 21

_EPOCH = date(1970, 1, 1)
_MONTHS = (0.86, 0.90, 1.08, 1.06, 0.94, 0.95, 0.92, 0.97, 1.06, 1.10, 1.02, 1.14)
_WEEKDAYS = (1.06, 1.04, 1.02, 1.00, 0.96, 0.98, 0.94)
_HOURS = np.array(
    [1, 0.6, 0.4, 0.3, 0.3, 0.5, 1, 2, 3.5, 5, 6, 6.5, 6.5, 6.3, 6, 5.8, 5.7, 5.8, 6, 6.2, 6.3, 6, 4.5, 2.5]
)
_HOURS_CUMULATED = np.cumsum(_HOURS) / _HOURS.sum()


@dataclass(frozen=True, slots=True)
class Period:
    """The days that are written, both inclusive."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def months(self) -> list[tuple[date, date]]:
        """The calendar months, the first and the last one cut to the period."""
        spans = []
        start = self.first
        while start <= self.last:
            end = min(start.replace(day=monthrange(start.year, start.month)[1]), self.last)
            spans.append((start, end))
            start = end + timedelta(days=1)
        return spans


def months_until(until: date, months: int) -> Period:
    """The `months` calendar months that end with `until`."""
    after = until + timedelta(days=1)
    year, month = divmod(after.year * 12 + after.month - 1 - months, 12)
    return Period(date(year, month + 1, min(after.day, monthrange(year, month + 1)[1])), until)


def day_number(day: date) -> int:
    return (day - _EPOCH).days


def date_of(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def midnight(number: int) -> int:
    """The moment at which the day begins in Moscow."""
    return number * DAY - MOSCOW


def day_of(at: int) -> int:
    return (at + MOSCOW) // DAY


def pace(number: int, period: Period) -> float:
    """How busy the day is; 1 is the mean day of the period's first year."""
    day = date_of(number)
    years = (number - day_number(period.first)) / 365
    return _MONTHS[day.month - 1] * _WEEKDAYS[day.weekday()] * (1 + GROWTH_A_YEAR * (years - 0.5))


def times_of_day(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Milliseconds since midnight, as people spread their visits over the hours."""
    hours = np.searchsorted(_HOURS_CUMULATED, rng.random(count), side="right")
    return (hours * HOUR + rng.integers(0, HOUR, count)).astype(np.int64)


def opening_hours(at: int, spread: float) -> int:
    """The moment itself if the dealer is open, else a moment (`spread` in 0..1) early on the next open day."""
    into_day = (at + MOSCOW) % DAY
    if OPENS * HOUR <= into_day < CLOSES * HOUR:
        return at
    day = day_of(at) + (1 if into_day >= CLOSES * HOUR else 0)
    return midnight(day) + OPENS * HOUR + int(spread * 2 * HOUR)
