"""Lines over time, as the points of SVG drawings that are stretched to the room that a page has.

Numbers and days stand beside a drawing as text: what is stretched has no letters.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from api.chart import round_scale
from api.dates import dated
from api.language import gettext as _
from api.numbers import short, written_in
from attribution.overview import Compared, Overview, Step

WIDTH, HEIGHT = 1000, 240
SPARK_WIDTH, SPARK_HEIGHT = 100, 28
_MOST_LABELS = 8

Points = list[tuple[float, float]]
Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Moment:
    """A step of the line. `label` is empty where there is no room for it; of labels, every other is `minor`."""

    label: str
    minor: bool
    when: str
    value: str
    before: str
    when_before: str


@dataclass(frozen=True, slots=True)
class Trend:
    """`lines` and `lines_before` are the runs between which no value is missing; `ticks` go from the top down."""

    ticks: list[str]
    zero: float
    lines: list[Points]
    lines_before: list[Points]
    moments: list[Moment]
    width: int = WIDTH
    height: int = HEIGHT


def draw_trend(found: Overview, slug: str) -> Trend:
    """One measure in the period, and before it."""
    line = found.of(slug)
    low, high = _scale([*line.line, *line.line_before])
    return Trend(
        [short(slug, value) for value in (high, (high + low) / 2, low)],
        _y(0, low, high, HEIGHT),
        _runs(line.line, low, high, WIDTH, HEIGHT),
        _runs(line.line_before, low, high, WIDTH, HEIGHT),
        _moments(found, line),
    )


def draw_spark(values: Values) -> list[Points]:
    """The same, small, on a scale of its own."""
    low, high = _scale(values)
    return _runs(values, low, high, SPARK_WIDTH, SPARK_HEIGHT)


def _scale(values: Values) -> tuple[float, float]:
    known = [value for value in values if value is not None]
    return round_scale(min([0.0, *known]), max([0.0, *known]))


def _runs(values: Values, low: float, high: float, width: int, height: int) -> list[Points]:
    """A point that stands alone is a line to itself, which round ends make a dot."""
    room = width / len(values)
    points = [(round(room * (place + 0.5), 1), value) for place, value in enumerate(values)]
    runs = groupby(points, key=lambda point: point[1] is None)
    lines = [
        [(x, _y(value, low, high, height)) for x, value in run if value is not None]
        for missing, run in runs
        if not missing
    ]
    return [line if len(line) > 1 else line * 2 for line in lines]


def _y(value: float, low: float, high: float, height: int) -> float:
    return round(height * (high - value) / (high - low), 1)


def _moments(found: Overview, line: Compared) -> list[Moment]:
    every = math.ceil(len(found.steps) / _MOST_LABELS)
    unit = line.measure.unit
    return [
        Moment(
            dated(day, "dd MMM") if place % every == 0 else "",
            (place // every) % 2 == 1,
            _named(day, found.step),
            written_in(unit, line.line[place]),
            written_in(unit, line.line_before[place]),
            _named(found.steps_before[place], found.step),
        )
        for place, day in enumerate(found.steps)
    ]


def _named(day: date, step: Step) -> str:
    return dated(day, "dd MMM y") if step is Step.DAY else _("7 days from %(day)s") % {"day": dated(day, "dd MMM y")}
