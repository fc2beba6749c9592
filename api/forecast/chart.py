"""The picture of a forecast: what happened, what is expected, and within which bounds; and small ones for a table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from api.chart import round_scale
from api.dates import dated
from api.numbers import short, written_in
from attribution.units import Unit
from planning.media.months import Month
from planning.response.curves import Numbers

WIDTH, HEIGHT = 1000, 260
SPARK_WIDTH, SPARK_HEIGHT = 100, 28
_MOST_LABELS = 9

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class DrawnMonth:
    """`label` is empty where there is no room for it. What is not known or not expected is —."""

    label: str
    minor: bool
    when: str
    happened: str
    expected: str
    bounds: str
    planned: str


@dataclass(frozen=True, slots=True)
class ForecastChart:
    """`fan` is a polygon; `plans` are levels, each with its beginning and end; ticks go from the top down."""

    ticks: list[str]
    happened: list[Points]
    expected: Points
    fan: Points
    plans: list[tuple[float, float, float]]
    begins: float
    months: list[DrawnMonth]
    width: int = WIDTH
    height: int = HEIGHT


def draw_forecast(
    known: Sequence[Month],
    happened: Numbers,
    ahead: Sequence[Month],
    mean: Numbers,
    low: Numbers,
    high: Numbers,
    planned: Numbers,
) -> ForecastChart:
    """Missing values are NaN."""
    months = [*known, *ahead]
    room = WIDTH / max(len(months), 1)
    most = max([0.0, *(float(value) for each in (happened, high, planned) for value in each if not math.isnan(value))])
    scale = round_scale(0.0, most)[1]

    def point(place: int, value: float) -> tuple[float, float]:
        return round(room * (place + 0.5), 1), round(HEIGHT * (1 - value / scale), 1)

    first = len(known)
    line = [point(first + at, value) for at, value in enumerate(mean)]
    last = [point(first - 1, happened[-1])] if first and not math.isnan(happened[-1]) else []
    fan = [*(point(first + at, value) for at, value in enumerate(high))]
    fan += [point(first + at, low[at]) for at in range(len(low) - 1, -1, -1)]
    plans = [
        (round(room * (first + at), 1), round(room * (first + at + 1), 1), point(0, value)[1])
        for at, value in enumerate(planned)
        if not math.isnan(value)
    ]
    return ForecastChart(
        [short("leads", value) for value in (scale, scale / 2, 0.0)],
        _runs([point(at, value) if not math.isnan(value) else None for at, value in enumerate(happened)]),
        [*last, *line],
        [*last, *fan],
        plans,
        round(room * first, 1),
        _told(months, first, happened, mean, low, high, planned),
    )


def draw_spark(happened: Numbers, mean: Numbers) -> tuple[list[Points], Points]:
    """What happened, and what is expected, on one small scale."""
    values = [*happened, *mean]
    most = max([1e-9, *(float(value) for value in values if not math.isnan(value))])
    room = SPARK_WIDTH / max(len(values), 1)
    points = [
        None
        if math.isnan(value)
        else (round(room * (at + 0.5), 1), round(SPARK_HEIGHT - 2 - (SPARK_HEIGHT - 4) * value / most, 1))
        for at, value in enumerate(values)
    ]
    return _runs(points[: len(happened)]), [each for each in points[len(happened) :] if each]


def _runs(points: Sequence[tuple[float, float] | None]) -> list[Points]:
    """Between which no month is missing; a month that stands alone is a dot."""
    runs: list[Points] = [[]]
    for each in points:
        if each is None:
            runs.append([])
        else:
            runs[-1].append(each)
    return [run if len(run) > 1 else run * 2 for run in runs if run]


def _told(
    months: Sequence[Month], first: int, happened: Numbers, mean: Numbers, low: Numbers, high: Numbers, planned: Numbers
) -> list[DrawnMonth]:
    every = math.ceil(len(months) / _MOST_LABELS)
    return [
        DrawnMonth(
            dated(month.first, "MMM yy") if place % every == 0 else "",
            (place // every) % 2 == 1,
            dated(month.first, "LLLL y"),
            count(happened[place]) if place < first else "—",
            count(mean[place - first]) if place >= first else "—",
            f"{count(low[place - first])} – {count(high[place - first])}" if place >= first else "—",
            count(planned[place - first]) if place >= first else "—",
        )
        for place, month in enumerate(months)
    ]


def count(value: float) -> str:
    """Few are told with a decimal: half a car a month is one in two months."""
    if math.isnan(value):
        return "—"
    return written_in(Unit.COUNT, round(value) if value >= 10 else round(value, 1))
