"""How figures are written for people. A value that is missing is —."""

import math
from typing import Any

from attribution.measures import MEASURES, Unit

UNITS = {measure.slug: measure.unit for measure in MEASURES}


def written(slug: str, value: Any) -> str:
    """Money in whole units, counts with at most one decimal, shares in percent."""
    return written_in(UNITS[slug], value)


def written_in(unit: Unit, value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "—"
    if unit == Unit.SHARE:
        return f"{value * 100:,.1f}%".replace(",", " ")
    if unit == Unit.DAYS:
        return f"{value:,.1f} d".replace(",", " ")
    if unit == Unit.SECONDS:
        return f"{value:,.0f} s".replace(",", " ")
    if unit == Unit.TIMES:
        return f"{value:,.2f}".replace(",", " ")
    whole = unit == Unit.MONEY or abs(value - round(value)) < 1e-6
    return (f"{value:,.0f}" if whole else f"{value:,.1f}").replace(",", " ")


def short(slug: str, value: float) -> str:
    """For an axis: money in thousands, millions or billions."""
    if UNITS[slug] is Unit.SHARE:
        return f"{value * 100:,.0f}%".replace(",", " ")
    for size, mark in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g} {mark}"
    return f"{value:g}"
