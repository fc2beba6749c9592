"""Tables that are read by their shades: a value for each row and column, the greatest the darkest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from babel.numbers import get_decimal_symbol

from api.language import gettext as _
from api.language import language
from api.numbers import written_in
from attribution.measures import Unit

SHADES = 9
WEEKDAYS = ("1 Monday", "2 Tuesday", "3 Wednesday", "4 Thursday", "5 Friday", "6 Saturday", "7 Sunday")
HOURS = tuple(f"{hour:02}" for hour in range(24))


@dataclass(frozen=True, slots=True)
class Shade:
    """A cell: `level` is 0 where there is nothing, else from 1 to `SHADES`. `told` is the whole of it, in words."""

    text: str
    level: int
    told: str


@dataclass(frozen=True, slots=True)
class ShadedRow:
    name: str
    beside: str
    cells: Sequence[Shade | None]


def weekday_name(weekday: str) -> str:
    """Of one of `WEEKDAYS`, in the reader's language."""
    return _(weekday[2:])


def level_of(value: float | None, greatest: float) -> int:
    if value is None or not value > 0 or not greatest > 0:
        return 0
    return min(SHADES, max(1, -int(-SHADES * value // greatest)))


def shaded(
    values: Sequence[Sequence[float | None]],
    names: Sequence[tuple[str, str]],
    text: Callable[[Any], str],
    told: Callable[[int, int, float], str],
) -> list[ShadedRow]:
    """A row for each name, with what stands beside it. A cell that is None has no value and is left empty."""
    greatest = max((value for row in values for value in row if value is not None), default=0.0)
    return [
        ShadedRow(
            name,
            beside,
            [
                None if value is None else Shade(text(value), level_of(value, greatest), told(place, column, value))
                for column, value in enumerate(row)
            ],
        )
        for place, ((name, beside), row) in enumerate(zip(names, values, strict=True))
    ]


def short_money(value: float) -> str:
    """For a cell that has little room: from ten thousand on in thousands, or in millions."""
    if value >= 1e6:
        return f"{_decimal(value / 1e6)}{_('m')}"
    return f"{value / 1000:.0f}{_('k')}" if value >= 10_000 else written_in(Unit.MONEY, value)


def _decimal(value: float) -> str:
    return f"{value:.1f}".replace(".", get_decimal_symbol(language()))
