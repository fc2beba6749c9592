"""How figures are written for people. A value that is missing is —."""

import math
from typing import Any

from babel.numbers import get_decimal_symbol

from api.language import gettext as _
from api.language import language
from attribution.measures import MEASURES, Unit

UNITS = {measure.slug: measure.unit for measure in MEASURES}


def written(slug: str, value: Any) -> str:
    """Money in whole units, counts with at most one decimal, shares in percent."""
    return written_in(UNITS[slug], value)


def written_in(unit: Unit, value: Any) -> str:
    """In the language's form: its decimal sign, and a space between thousands."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "—"
    if unit == Unit.SHARE:
        return f"{_grouped(value * 100, 1)}%"
    if unit == Unit.DAYS:
        return _("%(days)s d") % {"days": _grouped(value, 1)}
    if unit == Unit.SECONDS:
        return _("%(seconds)s s") % {"seconds": _grouped(value, 0)}
    if unit == Unit.TIMES:
        return _grouped(value, 2)
    whole = unit == Unit.MONEY or abs(value - round(value)) < 1e-6
    return _grouped(value, 0 if whole else 1)


def _grouped(value: float, places: int) -> str:
    return f"{value:,.{places}f}".translate({ord(","): " ", ord("."): get_decimal_symbol(language())})


def short(slug: str, value: float) -> str:
    """For an axis: money in thousands, millions or billions."""
    if UNITS[slug] is Unit.SHARE:
        return f"{_grouped(value * 100, 0)}%"
    for size, mark in ((1e9, _("bn")), (1e6, _("m")), (1e3, _("k"))):
        if abs(value) >= size:
            return f"{value / size:g} {mark}"
    return f"{value:g}"
