"""Sales by budget with their interval, as the coordinates of an SVG drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.chart import round_scale
from api.numbers import short, written_in
from attribution.measures import Unit

WIDTH, HEIGHT = 1000, 240


@dataclass(frozen=True, slots=True)
class BudgetChart:
    """`band` is the outline of the interval; `at` is where the solution stands. `rows` are the same as a table."""

    ticks: list[str]
    labels: list[str]
    line: list[tuple[float, float]]
    band: list[tuple[float, float]]
    at: tuple[float, float]
    rows: list[tuple[str, str, str]]
    width: int = WIDTH
    height: int = HEIGHT


def draw_budget(curve: Sequence[Mapping[str, Any]], budget: float, sales: float) -> BudgetChart | None:
    """None where nothing is to be drawn."""
    most = max((each["high"] or 0 for each in curve), default=0)
    first, last = curve[0]["budget"], curve[-1]["budget"]
    if not most or last <= first:
        return None
    _, high = round_scale(0.0, max(most, sales))

    def at(money: float, count: float) -> tuple[float, float]:
        return round(WIDTH * (money - first) / (last - first), 1), round(HEIGHT * (1 - count / high), 1)

    upper = [at(each["budget"], each["high"]) for each in curve]
    lower = [at(each["budget"], each["low"]) for each in curve]
    return BudgetChart(
        [written_in(Unit.COUNT, value) for value in (high, high / 2, 0.0)],
        [short("cost", float(f"{value:.3g}")) for value in (first, (first + last) / 2, last)],
        [at(each["budget"], each["sales"]) for each in curve],
        [*upper, *reversed(lower)],
        at(budget, sales),
        [
            (
                written_in(Unit.MONEY, each["budget"]),
                written_in(Unit.COUNT, each["sales"]),
                f"{written_in(Unit.COUNT, each['low'])} – {written_in(Unit.COUNT, each['high'])}",
            )
            for each in curve[::2]
        ],
    )
