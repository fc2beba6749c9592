"""A line over time for each of several rows of a report, as the points of an SVG drawing on one scale.

Places are in percent across, and in pixels down.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from api.chart import round_scale
from api.dates import dated
from api.language import gettext
from api.numbers import written_in
from attribution.measures import Measure

HEIGHT, TOP, FOOT = 300, 16, 26
_FREQUENCIES = {"day": "D", "week": "W-MON", "month": "MS"}
_MOST_LABELS = 14

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Line:
    """`runs` are the stretches between which no value is missing; `values` has one for each step, as text."""

    title: str
    runs: list[Points]
    values: list[str]


@dataclass(frozen=True, slots=True)
class LineStep:
    """`label` is empty where there is no room for it."""

    x: float
    label: str
    when: str


@dataclass(frozen=True, slots=True)
class LineChart:
    measure: Measure
    lines: list[Line]
    ticks: list[tuple[float, str]]
    steps: list[LineStep]
    room: float
    height: int = TOP + HEIGHT + FOOT


def draw_lines(rows_of: Mapping[str, pd.DataFrame], measure: Measure, step: str) -> LineChart | None:
    """By the title of each row, its report by `step`. None where none of them has a value."""
    found = {title: _over_time(rows, measure.slug, step) for title, rows in rows_of.items()}
    known = [line for line in found.values() if len(line)]
    if not known:
        return None
    first, last = min(line.index.min() for line in known), max(line.index.max() for line in known)
    days = pd.date_range(first, last, freq=_FREQUENCIES[step])
    lines = {title: _filled(line, days, measure) for title, line in found.items()}
    values = [value for line in lines.values() for value in line if not math.isnan(value)]
    if not values:
        return None
    low, high = round_scale(min([0.0, *values]), max([0.0, *values]))
    room = 100 / len(days)
    every = math.ceil(len(days) / _MOST_LABELS)
    return LineChart(
        measure,
        [
            Line(title, _runs(line, low, high, room), [written_in(measure.unit, value) for value in line])
            for title, line in lines.items()
        ],
        [
            (_y(value, low, high), written_in(measure.unit, value))
            for value in dict.fromkeys((high, (high + low) / 2, low))
        ],
        [
            LineStep(round(room * place, 2), _label(day, step) if place % every == 0 else "", _when(day, step))
            for place, day in enumerate(days)
        ],
        room,
    )


def _over_time(rows: pd.DataFrame, slug: str, step: str) -> "pd.Series[float]":
    return pd.Series(rows[slug].astype(float).tolist(), index=pd.DatetimeIndex(pd.to_datetime(rows[step])))


def _filled(line: "pd.Series[float]", days: pd.DatetimeIndex, measure: Measure) -> list[float]:
    """A sum is 0 where nothing was; a ratio is missing."""
    told: list[float] = line.reindex(days).tolist() if len(line) else [math.nan] * len(days)
    return [0.0 if measure.is_sum and math.isnan(value) else value for value in told]


def _runs(line: Sequence[float], low: float, high: float, room: float) -> list[Points]:
    points = [(round(room * (place + 0.5), 2), value) for place, value in enumerate(line)]
    runs = groupby(points, key=lambda point: math.isnan(point[1]))
    return [[(x, _y(value, low, high)) for x, value in run] for missing, run in runs if not missing]


def _y(value: float, low: float, high: float) -> float:
    return round(TOP + HEIGHT * (high - value) / (high - low), 1)


def _label(day: pd.Timestamp, step: str) -> str:
    return dated(day, "MMM y" if step == "month" else "dd MMM")


def _when(day: pd.Timestamp, step: str) -> str:
    when = dated(day, "LLLL y" if step == "month" else "dd MMM y")
    return gettext("week of %(day)s") % {"day": when} if step == "week" else when
