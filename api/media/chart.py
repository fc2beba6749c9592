"""The picture of a media plan: money planned and spent up to each day, and where the month will end."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.chart import round_scale
from api.dates import dated
from api.numbers import short, written_in
from attribution.measures import Unit
from planning.media.curve import PlanDay
from planning.media.forecast import Forecast

WIDTH, HEIGHT = 1000, 240
_MOST_LABELS = 8

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class DrawnDay:
    """`label` is empty where there is no room for it. `spent` is — for days to come."""

    label: str
    minor: bool
    when: str
    planned: str
    spent: str
    cost: str
    leads: str


@dataclass(frozen=True, slots=True)
class PlanChart:
    """Ticks go from the top down. `budget` and `end` are heights; `end` are those of the forecast and its interval."""

    ticks: list[str]
    planned: Points
    spent: Points
    budget: float | None
    end: tuple[float, float, float] | None
    ahead: Points
    days: list[DrawnDay]
    width: int = WIDTH
    height: int = HEIGHT


def draw_plan(
    curve: Sequence[PlanDay], today: date, *, budget: int | None, forecast: Forecast | None
) -> PlanChart | None:
    """None where nothing is planned and nothing spent."""
    gone = [each for each in curve if each.day <= today]
    highest = max([each.planned_so_far for each in curve] + [each.spent_so_far for each in gone] + [budget or 0])
    if not highest:
        return None
    most = max(highest, forecast.high if forecast else 0) / 100
    low, high = round_scale(0.0, most)

    def y(minor: float) -> float:
        return round(HEIGHT * (high - minor / 100) / (high - low), 1)

    room = WIDTH / len(curve)
    places = [round(room * (number + 1), 1) for number in range(len(curve))]
    spent = [(x, y(each.spent_so_far)) for x, each in zip(places, gone, strict=False)]
    end = (y(forecast.expected), y(forecast.low), y(forecast.high)) if forecast else None
    begun = spent[-1] if spent else (0.0, float(HEIGHT))
    return PlanChart(
        [short("cost", value) for value in (high, (high + low) / 2, low)],
        [(0.0, float(HEIGHT)), *((x, y(each.planned_so_far)) for x, each in zip(places, curve, strict=True))],
        [(0.0, float(HEIGHT)), *spent] if spent else [],
        y(budget) if budget else None,
        end,
        [begun, (float(WIDTH), end[0])] if end and len(gone) < len(curve) else [],
        _days(curve, today),
    )


def _days(curve: Sequence[PlanDay], today: date) -> list[DrawnDay]:
    every = math.ceil(len(curve) / _MOST_LABELS)
    return [
        DrawnDay(
            dated(each.day, "dd MMM") if place % every == 0 else "",
            (place // every) % 2 == 1,
            dated(each.day, "dd MMM y"),
            written_in(Unit.MONEY, each.planned_so_far / 100),
            written_in(Unit.MONEY, each.spent_so_far / 100) if each.day <= today else "—",
            written_in(Unit.MONEY, each.figures.cost / 100),
            written_in(Unit.COUNT, each.figures.leads),
        )
        for place, each in enumerate(curve)
    ]
