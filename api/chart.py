"""The chart of spend, revenue and ROMI over time, as the coordinates of an SVG drawing."""

from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 1120, 260, 64, 56, 16, 34


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float
    label: str
    cost_y: float
    revenue_y: float
    title: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Tick:
    y: float
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    line: str
    dots: list[tuple[float, float]]
    ticks: list[Tick]
    base: float = HEIGHT - BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


def draw(rows: list[dict[str, Any]], step: str) -> Chart | None:
    """Bars of money against the left axis, ROMI's line against the right one. None where there is nothing to draw."""
    most = max((max(row["cost"], row["revenue"]) for row in rows), default=0)
    if most <= 0:
        return None
    romis = [row["romi"] for row in rows if row["romi"] is not None]
    low, high = min([0.0, *romis]), max([1.0, *romis])
    room = (WIDTH - LEFT - RIGHT) / len(rows)
    every = max(1, len(rows) // 14)

    def money_y(value: float) -> float:
        return float(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / most)

    def romi_y(value: float) -> float:
        return float(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low))

    bars = [
        Bar(
            x=LEFT + room * place + room * 0.15,
            width=room * 0.35,
            label=str(row[step])[: 7 if step == "month" else 10],
            cost_y=money_y(row["cost"]),
            revenue_y=money_y(row["revenue"]),
            title=f"{row[step]}: {row['cost']:,.0f} spent, {row['revenue']:,.0f} revenue".replace(",", " "),
            shown=place % every == 0,
        )
        for place, row in enumerate(rows)
    ]
    dots = [
        (LEFT + room * (place + 0.5), romi_y(row["romi"])) for place, row in enumerate(rows) if row["romi"] is not None
    ]
    ticks = [
        Tick(money_y(most * part), _short(most * part), f"{(low + (high - low) * part) * 100:.0f}%")
        for part in (0, 0.25, 0.5, 0.75, 1)
    ]
    return Chart(bars, " ".join(f"{x:.1f},{y:.1f}" for x, y in dots), dots, ticks)


def _short(value: float) -> str:
    for size, mark in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.1f} {mark}"
    return f"{value:.0f}"
