"""A period's figures beside those of the period of the same length before it, from one question.

Law: a ratio of a period, or of a step within it, is made of its sums, never of other ratios.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Period
from attribution.measures import MEASURES, Measure
from attribution.reports import Condition, Question, romi_report
from attribution.runs import Run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.warehouse import Warehouse

MOST_DAYS = 3660
_EARLIEST, _LATEST = date(2000, 1, 1), date(2099, 12, 31)
_SUMMED = ("cost", "leads", "visits", "sales", "revenue", "margin")
_DIGITS = 9  # as reports answer


class Better(StrEnum):
    """Which way a measure is better; cost is neither by itself."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


BETTER: Mapping[str, Better] = {
    "cost": Better.NEITHER,
    "leads": Better.UP,
    "visits": Better.UP,
    "sales": Better.UP,
    "revenue": Better.UP,
    "margin": Better.UP,
    "cpl": Better.DOWN,
    "cps": Better.DOWN,
    "romi": Better.UP,
    "drr": Better.DOWN,
}


class Step(StrEnum):
    """The steps of a line. Weeks are sevens of days from the first day, so that both periods' lie beside each other."""

    DAY = "day"
    WEEK = "week"

    @property
    def days(self) -> int:
        return 1 if self is Step.DAY else 7


@dataclass(frozen=True, slots=True)
class Compared:
    """A measure in the period and `before` it; `line` and `line_before` have a value a step. None is no value."""

    measure: Measure
    value: float | None
    before: float | None
    line: Sequence[float | None]
    line_before: Sequence[float | None]

    @property
    def better(self) -> Better:
        return BETTER[self.measure.slug]

    @property
    def difference(self) -> float | None:
        if self.value is None or self.before is None:
            return None
        return round(self.value - self.before, _DIGITS)

    @property
    def change(self) -> float | None:
        """The difference as a part of what was before; None where that was nothing."""
        return (
            round(self.difference / abs(self.before), _DIGITS) if self.difference is not None and self.before else None
        )

    @property
    def is_good(self) -> bool | None:
        """None where it did not change, or where nobody can say."""
        if not self.difference or self.better is Better.NEITHER:
            return None
        return (self.difference > 0) == (self.better is Better.UP)


@dataclass(frozen=True, slots=True)
class Overview:
    """`steps` and `steps_before` are the first days of the steps; `about` is the report's own."""

    run: Run
    period: Period
    before: Period
    step: Step
    steps: Sequence[date]
    steps_before: Sequence[date]
    figures: Sequence[Compared]
    about: Mapping[str, Any]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was spent and nothing came in the period."""
        return not any(each.value for each in self.figures if each.measure.is_sum)

    def of(self, slug: str) -> Compared:
        return next(each for each in self.figures if each.measure.slug == slug)


def overview(
    warehouse: Warehouse,
    period: Period,
    step: Step,
    timezone: str,
    *,
    seen: Visibility = EVERYTHING,
    where: tuple[Condition, ...] = (),
) -> Overview:
    """Every measure of `BETTER`, by the date of the conversion. Raises `InvalidInput` and `NotReady`.

    `where` narrows it to a part. Dealers' shares of cost that names none depend on the period, so that each period of a
    part is asked by itself.
    """
    before = period_before(period)
    is_of_some = seen.dealers is not None or bool(where)
    asked = [period, before] if is_of_some else [Period(before.first_day, period.last_day)]
    questions = [Question(("day",), each.first_day, each.last_day, measures=_SUMMED, where=where) for each in asked]
    report, *others = (romi_report(warehouse, question, timezone, seen=seen) for question in questions)
    days = pd.concat([each.rows.set_index("day")[list(_SUMMED)].astype(float) for each in (report, *others)])
    now, then = _days_of(days, period), _days_of(days, before)
    measures = {measure.slug: measure for measure in MEASURES}
    return Overview(
        report.run_read,
        period,
        before,
        step,
        _first_days(period, step),
        _first_days(before, step),
        [_compared(measures[slug], now, then, step) for slug in BETTER],
        report.about,
    )


def period_before(period: Period) -> Period:
    """The period of the same length that ends the day before. Raises `InvalidInput`."""
    if period.first_day < _EARLIEST or period.last_day > _LATEST:
        raise InvalidInput(
            "The days lie too far away.", where="from", help=f"Choose days between {_EARLIEST} and {_LATEST}."
        )
    length = period.last_day - period.first_day + timedelta(days=1)
    if length.days > MOST_DAYS:
        raise InvalidInput("The period is too long to be compared.", where="from", help="Choose ten years at the most.")
    return Period(period.first_day - length, period.first_day - timedelta(days=1))


def _days_of(days: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The sums of each day, those too on which nothing was."""
    return days.reindex([day.isoformat() for day in _first_days(period, Step.DAY)], fill_value=0.0)


def _first_days(period: Period, step: Step) -> list[date]:
    length = (period.last_day - period.first_day).days + 1
    return [period.first_day + timedelta(days=place) for place in range(0, length, step.days)]


def _compared(measure: Measure, now: pd.DataFrame, then: pd.DataFrame, step: Step) -> Compared:
    (value,), (before,) = (_values(measure, _summed(days, len(days))) for days in (now, then))
    line, line_before = (_values(measure, _summed(days, step.days)) for days in (now, then))
    return Compared(measure, value, before, line, line_before)


def _summed(days: pd.DataFrame, at_once: int) -> pd.DataFrame:
    return days.groupby(np.arange(len(days)) // at_once).sum()


def _values(measure: Measure, sums: pd.DataFrame) -> list[float | None]:
    return [None if pd.isna(value) else round(float(value), _DIGITS) for value in measure.of_rows(sums)]
