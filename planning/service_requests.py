"""Requests for service of a year: those that are planned, else those that are forecast, else those of last year.

Months that the forecast does not reach have those of the same month of the last twelve.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planning.forecast.outlook import Outlook, Series
from planning.media.months import Month
from planning.split import Weights

PLANNED, FORECAST, LAST_YEAR = "plan", "forecast", "last year"
_YEAR = 12


@dataclass(frozen=True)
class Requests:
    """Of the shape (dealers, 12), January first. What is planned, or was, has no room; `level` is the interval's."""

    mean: Weights
    low: Weights
    high: Weights
    source: tuple[str, ...]
    level: float = 0.8


def requests_of(
    dealers: tuple[str, ...],
    planned: Mapping[str, Weights],
    outlook: Outlook | None,
    last_year: Weights,
    year: int,
    direction: str,
) -> Requests:
    """`last_year` has a row a dealer."""
    mean, low, high = last_year.copy(), last_year.copy(), last_year.copy()
    source = [LAST_YEAR] * len(dealers)
    for place, dealer in enumerate(dealers):
        if dealer in planned:
            mean[place] = low[place] = high[place] = planned[dealer]
            source[place] = PLANNED
        elif outlook is not None and _put_forecast(outlook, dealer, direction, year, (mean, low, high), place):
            source[place] = FORECAST
    return Requests(mean, low, high, tuple(source), outlook.level if outlook else 0.8)


def _put_forecast(
    outlook: Outlook, dealer: str, direction: str, year: int, into: tuple[Weights, Weights, Weights], place: int
) -> bool:
    """Whether there is one of any month of the year."""
    series = outlook.places.get(Series("leads", dealer, direction))
    months = {month: at for at, month in enumerate(outlook.months)}
    reached = [number for number in range(_YEAR) if Month(year, number + 1) in months]
    if series is None or not reached:
        return False
    columns = [months[Month(year, number + 1)] for number in reached]
    if not np.isfinite(outlook.mean[series, columns]).all():
        return False
    for table, found in zip(into, (outlook.mean, outlook.low, outlook.high), strict=True):
        table[place, reached] = found[series, columns]
    return True
