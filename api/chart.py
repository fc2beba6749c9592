"""The chart of spend, revenue and ROMI over time, as the coordinates of an SVG drawing.

Places are in percent across, and in pixels down. Each has a band and a scale of its own above one time axis: a car
sale's revenue would dwarf what its marketing cost.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import pandas as pd

from api.dates import dated
from api.language import gettext
from api.numbers import short, written

TOP, FOOT = 30, 26
BAND, GAP = 84, 30
_FREQUENCIES = {"day": "D", "week": "W-MON", "month": "MS"}
_BANDS = (("cost", "Cost"), ("revenue", "Revenue"), ("romi", "ROMI"))
_MOST_LABELS = 14
_TICK_ROOM = 12


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Band:
    """`lines` are the runs of `dots` between which no value is missing."""

    slug: str
    title: str
    top: float
    ticks: list[Tick]
    bars: list[Bar]
    lines: list[list[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Step:
    """A day, week or month on the time axis; `label` is empty where there is no room for it."""

    x: float
    label: str
    tip: str


@dataclass(frozen=True, slots=True)
class Chart:
    bands: list[Band]
    steps: list[Step]
    room: float
    height: int = TOP + len(_BANDS) * (BAND + GAP) + FOOT


def step_of(first_day: date, last_day: date) -> str:
    """The grouping whose bars are neither too many nor too few for a period."""
    days = (last_day - first_day).days
    return "day" if days <= 62 else "week" if days <= 190 else "month"


def draw(rows: pd.DataFrame, step: str) -> Chart | None:
    """The rows of a report by `step`, with the steps missing between them. None where nothing was spent or earned."""
    if not rows[["cost", "revenue"]].to_numpy().any():
        return None
    line = _without_gaps(rows, step)
    room = 100 / len(line)
    every = math.ceil(len(line) / _MOST_LABELS)
    steps = [
        Step(round(room * place, 2), _label(day, step) if place % every == 0 else "", _tip(day, step, line))
        for place, day in enumerate(line.index)
    ]
    bands = [
        _band(slug, title, TOP + place * (BAND + GAP), line[slug].tolist(), room)
        for place, (slug, title) in enumerate(_BANDS)
    ]
    return Chart(bands, steps, room)


def _without_gaps(rows: pd.DataFrame, step: str) -> pd.DataFrame:
    days = pd.to_datetime(rows[step])
    line = rows.set_index(days)[[slug for slug, _ in _BANDS]].astype(float)
    line = line.reindex(pd.date_range(days.min(), days.max(), freq=_FREQUENCIES[step]))
    return line.fillna({"cost": 0.0, "revenue": 0.0})


def _band(slug: str, title: str, top: float, values: Sequence[float], room: float) -> Band:
    known = [value for value in values if not math.isnan(value)]
    low, high = round_scale(min([0.0, *known]), max([0.0, *known]))

    def y(value: float) -> float:
        return round(top + BAND * (high - value) / (high - low), 1)

    ends = [end for end in (low, high) if abs(y(end) - y(0)) >= _TICK_ROOM]
    ticks = [Tick(y(value), short(slug, value)) for value in (0.0, *ends)]
    if slug != "romi":
        bars = [
            Bar(round(room * (place + 0.15), 2), min(y(value), y(0)), round(room * 0.7, 2), abs(y(0) - y(value)))
            for place, value in enumerate(values)
        ]
        return Band(slug, title, top, ticks, bars, [])
    points = [(round(room * (place + 0.5), 2), value) for place, value in enumerate(values)]
    runs = groupby(points, key=lambda point: math.isnan(point[1]))
    return Band(
        slug, title, top, ticks, [], [[(x, y(value)) for x, value in run] for missing, run in runs if not missing]
    )


def round_scale(low: float, high: float) -> tuple[float, float]:
    """The ends of a scale that holds both, on round numbers."""
    if low == high:
        return low, low + 1
    return 0.0 - _round_up(-low), _round_up(high)


def _round_up(value: float) -> float:
    if value <= 0:
        return 0.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(part * size for part in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if value <= part * size * (1 + 1e-9))


def _label(day: pd.Timestamp, step: str) -> str:
    return dated(day, "MMM y" if step == "month" else "dd MMM")


def _tip(day: pd.Timestamp, step: str, line: pd.DataFrame) -> str:
    when = dated(day, "LLLL y" if step == "month" else "dd MMM y")
    figures = (f"{gettext(title)} {written(slug, line.at[day, slug])}" for slug, title in _BANDS)
    named = gettext("week of %(day)s") % {"day": when} if step == "week" else when
    return f"{named}:  {'   '.join(figures)}"
