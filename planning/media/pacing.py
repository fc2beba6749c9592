"""How an item's money is meant to go out over the days of its flight.

Law: the days add up to the budget, in whole minor units.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import numpy as np

from planning.media.months import days_of
from planning.media.parts import in_parts
from planning.split import Weights

_SATURDAY = 5


class Pacing(StrEnum):
    EVEN = "even"
    WEEKDAYS = "weekdays"
    """Monday to Friday alone."""


def day_weights(days: Sequence[date], pacing: Pacing) -> Weights:
    """A flight that has no weekday is even."""
    even = np.ones(len(days))
    if pacing is Pacing.EVEN:
        return even
    weights = np.array([float(day.weekday() < _SATURDAY) for day in days])
    return weights if weights.any() else even


def daily_plan(budget: int, first: date, last: date, pacing: Pacing) -> dict[date, int]:
    days = days_of(first, last)
    return dict(zip(days, in_parts(budget, day_weights(days, pacing).tolist()), strict=True))
