"""The curve of a channel with its interval and months, as points of an SVG drawing that is stretched to its room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from api.chart import round_scale
from api.numbers import short
from planning.response.curves import Numbers
from planning.response.summing import Line

WIDTH, HEIGHT = 300, 160


@dataclass(frozen=True, slots=True)
class CurveChart:
    """`line` and `band` are lists of points as SVG takes them, `seen` where curves were seen, `now` today's spend."""

    line: str
    band: str
    dots: Sequence[tuple[float, float]]
    now: tuple[float, float]
    seen: tuple[float, float]
    x_most: str
    y_most: str
    width: int = WIDTH
    height: int = HEIGHT


def draw_curve(line: Line, spend: Numbers, leads: Numbers, now: float) -> CurveChart:
    """`spend` and `leads` are those of months; months without spend are left out."""
    some = spend > 0
    spend, leads = spend[some], leads[some]
    top = _high(np.nanquantile(line.leads.high, 0.95), leads.max(initial=0))
    right = _high(line.spend[-1], spend.max(initial=0))

    def x(value: float) -> float:
        return round(WIDTH * min(value / right, 1), 1)

    def y(value: float) -> float:
        return round(HEIGHT * (1 - min(max(value / top, 0), 1)), 1)

    def points(values: Numbers) -> list[str]:
        return [f"{x(at)},{y(value)}" for at, value in zip(line.spend, values, strict=True)]

    return CurveChart(
        " ".join(points(line.leads.value)),
        " ".join([*points(line.leads.low), *reversed(points(line.leads.high))]),
        [(x(at), y(value)) for at, value in zip(spend, leads, strict=True)],
        (x(now), y(float(np.interp(now, line.spend, line.leads.value)))),
        (x(float(spend.min(initial=right))), x(float(spend.max(initial=0)))),
        short("cost", right),
        short("leads", top),
    )


def _high(*values: float) -> float:
    return round_scale(0.0, max(float(value) for value in values))[1]
