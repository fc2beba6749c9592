"""A week's people, drawn: who is needed as bars, who is at work as a line, hour by hour."""

from dataclasses import dataclass

import numpy as np

from api.call_load.rota_view import path_of
from api.shading import WEEKDAYS, weekday_name
from planning.call_load.load import Load
from planning.call_load.queues import Counts
from planning.call_load.reports import known

WIDTH, HEIGHT = 672.0, 100.0


@dataclass(frozen=True, slots=True)
class WeekChart:
    """Places are of a picture of `WIDTH` by `HEIGHT`; `most` people are as high as it."""

    most: int
    bars: list[tuple[float, float, float, bool]]
    line: str
    days: list[tuple[float, str]]


def week_chart(load: Load) -> WeekChart:
    """Bars of needed people, each with whether more are needed than there are; the line of those at work."""
    needed, staff = load.needed[0].ravel(), load.staff[0].ravel()
    most = int(max(needed.max(initial=0), staff.max(initial=0), 1))
    width = WIDTH / len(needed)
    bars = [
        (round(place * width, 2), round(HEIGHT * each / most, 2), round(width, 2), bool(0 <= at_work < each))
        for place, (each, at_work) in enumerate(zip(needed.tolist(), staff.tolist(), strict=True))
        if each > 0
    ]
    days = [(round(number * WIDTH / len(WEEKDAYS), 2), weekday_name(day)) for number, day in enumerate(WEEKDAYS)]
    return WeekChart(most, bars, _line(staff, most), days)


def _line(staff: Counts, most: int) -> str:
    people = known(staff)
    return path_of(people, most, WIDTH, HEIGHT) if np.isfinite(people).all() else ""
