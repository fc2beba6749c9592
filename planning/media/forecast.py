"""What will be spent at the end of a flight or a month, with the interval in which it lies nine times of ten.

The pace so far goes on over the days that are left, each weighing as its weekday does. Two days of the plan's pace
stand beside what was measured, so that the first days do not decide alone. Law: what is spent, or booked for days to
come, is in the forecast and in the whole of its interval.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from scipy import stats

from planning.media.money import shown
from planning.split import Weights

CONFIDENCE = 0.9
_PRIOR_DAYS = 2.0
_PRIOR_VARIES = 0.5
"""How far a day lies from its plan where nothing is measured, as a part of the plan's pace."""
_PRIOR_COUNTS = 3.0
"""For how many days that counts."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """In minor units. Nothing is left to be forecast where `low` and `high` are `expected`."""

    spent: float
    expected: float
    low: float
    high: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "spent": shown(self.spent),
            "expected": shown(self.expected),
            "low": shown(self.low),
            "high": shown(self.high),
        }


def forecast_end(
    spent: Weights, weights: Weights, rest: Weights, *, planned_pace: float, booked: float = 0.0, outside: float = 0.0
) -> Forecast:
    """`spent` are the whole days so far, `weights` and `rest` what these and the days left weigh: 1 is a usual day.

    `planned_pace` is what such a day is planned to cost. `booked` is known already of days left, or of a day that is
    not over; `outside` was spent on days out of the flight.
    """
    so_far = float(spent.sum()) + outside
    left = float(rest.sum())
    if left <= 0:
        end = so_far + booked
        return Forecast(so_far, end, end, end)
    known, counted = float(weights.sum()), weights > 0
    pace = max(0.0, (float(spent.sum()) + _PRIOR_DAYS * planned_pace) / (known + _PRIOR_DAYS))
    deviations = spent[counted] / weights[counted] - pace
    days = _PRIOR_COUNTS + int(counted.sum())
    varies = (_PRIOR_COUNTS * (_PRIOR_VARIES * planned_pace) ** 2 + float((deviations**2).sum())) / days
    of_pace = (float((weights**2).sum()) + _PRIOR_DAYS) / (known + _PRIOR_DAYS) ** 2
    room = _quantile(int(days) - 1) * math.sqrt(varies * (float((rest**2).sum()) + left**2 * of_pace))
    expected = so_far + max(pace * left, booked)
    least = so_far + booked
    return Forecast(so_far, expected, max(least, expected - room), max(expected, so_far + pace * left + room))


def together(parts: "list[Forecast]") -> Forecast:
    """Of parts that go their own ways."""
    expected = sum(each.expected for each in parts)
    below = math.sqrt(sum((each.expected - each.low) ** 2 for each in parts))
    above = math.sqrt(sum((each.high - each.expected) ** 2 for each in parts))
    return Forecast(sum(each.spent for each in parts), expected, expected - below, expected + above)


def weekday_weights(known: Weights | None, planned: Weights) -> Weights:
    """Of the seven days: as measured in eight weeks, with two weeks of the plan's beside it; the mean is 1."""
    even: Weights = planned * len(planned) / planned.sum()
    if known is None:
        return even
    mixed = (8 * known + 2 * even) / 10
    found: Weights = mixed * len(mixed) / mixed.sum()
    return found


@cache
def _quantile(freedom: int) -> float:
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, max(1, freedom)))
