"""From a cell to the whole number that a line keeps, or to the reason why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from planning.importing.amounts import NoFigure, figure_of
from planning.importing.mapping import ColumnUse
from planning.importing.sheet import Mark
from planning.measures import PlannedMeasure

MOST = 10**15
_SLACK = Decimal("0.000001")

MARKED = {
    Mark.UNCALCULATED: "This formula was never calculated: open the workbook in a spreadsheet, save it, and send that.",
    Mark.PERHAPS_UNCALCULATED: (
        "This formula shows 0 in a workbook that no spreadsheet has calculated: open it in one, save it, and send that."
    ),
    Mark.BROKEN: "This formula ends in an error.",
    Mark.PERCENT: "It is a percentage, and an amount or a number of units is wanted.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reckoned:
    """`value` is None where nothing is planned."""

    value: int | None
    is_rounded: bool = False
    currency: str = ""


def reckoned(value: Any, measure: PlannedMeasure, multiply: int) -> Reckoned:
    """In smallest units. Raises `NoFigure`."""
    figure = figure_of(value)
    if figure.number is None:
        return Reckoned(None)
    number = figure.number * multiply
    if not number.is_finite():
        raise NoFigure("It is no number.")
    if number < 0:
        raise NoFigure(f"{_written(number)} is negative: a plan is 0 or more.")
    smallest = number * measure.scale
    whole = smallest.quantize(Decimal(1), ROUND_HALF_UP) if smallest < MOST * 10 else smallest
    if whole > MOST:
        raise NoFigure(f"{_written(number)} is too much: is it in the right unit?")
    exact = abs(smallest - whole) <= _SLACK
    if not exact and not measure.is_money:
        raise NoFigure(f"{_written(number)} is no whole number of units.")
    return Reckoned(int(whole), not exact, figure.currency)


def multiplier(use: ColumnUse, row_says: int, measure: PlannedMeasure) -> int:
    """What a figure is multiplied by: as its row says, else its column; a title's thousands are of money alone."""
    if row_says > 1:
        return row_says
    return use.multiply if measure.is_money or use.measure else 1


def marked(marks: Mapping[int, Mark] | None, column: int) -> str:
    """What is wrong with a cell of a row, whatever its value; empty where nothing is."""
    if not marks or column not in marks:
        return ""
    return MARKED[marks[column]]


def _written(number: Decimal) -> str:
    return f"{number.normalize():f}"
