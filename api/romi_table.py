"""The table of the ROMI/CPL report: cells with data bars, shares of the totals, and the way into each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.channels_address import Place
from api.numbers import written_in
from api.questions import written_conditions
from attribution.measures import Measure, Unit
from attribution.question import Condition

Row = Mapping[str, Any]
BARRED = frozenset({"cost", "leads", "qualified", "visits", "sales", "revenue", "margin", "romi"})


@dataclass(frozen=True, slots=True)
class DataBar:
    """In percent of the cell's width, between the least and the most of its column; `zero` is where 0 lies."""

    x: float
    width: float
    below_zero: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """`value` is as scripts sort it; `share` is of the column's total, for sums alone."""

    text: str
    value: str
    verdict: str
    bar: DataBar | None
    share: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """`pick` names the row in addresses; `inside` is the address one level below it."""

    names: list[str]
    cells: list[Cell]
    pick: str
    picked: bool
    inside: str


def table_rows(rows: Sequence[Row], totals: Row, columns: Sequence[Measure], place: Place) -> list[TableRow]:
    scales = {each.slug: _scale([row[each.slug] for row in rows]) for each in columns if each.slug in BARRED}
    picked = {written_conditions(row) for row in place.picked}
    return [_row(row, totals, columns, scales, place, picked) for row in rows]


def data_bar(value: float | None, low: float, high: float) -> DataBar | None:
    """None where there is nothing to draw."""
    if not value or low == high:
        return None
    left, right = sorted((0.0, value))
    room = high - low
    return DataBar(round((left - low) / room * 100, 2), round((right - left) / room * 100, 2), value < 0)


def _row(
    row: Row,
    totals: Row,
    columns: Sequence[Measure],
    scales: Mapping[str, tuple[float, float]],
    place: Place,
    picked: set[str],
) -> TableRow:
    by = place.question.by
    pick = written_conditions(Condition(name, (str(row[name]),)) for name in by)
    cells = [_cell(each, row[each.slug], totals[each.slug], scales.get(each.slug)) for each in columns]
    return TableRow([row[name] for name in by], cells, pick, pick in picked, place.inside(row))


def _cell(measure: Measure, value: Any, total: Any, scale: tuple[float, float] | None) -> Cell:
    is_part = measure.is_sum and value is not None and bool(total)
    verdict = ("good" if value >= 0 else "bad") if measure.slug == "romi" and value is not None else ""
    return Cell(
        written_in(measure.unit, value),
        "" if value is None else str(value),
        verdict,
        data_bar(value, *scale) if scale else None,
        written_in(Unit.SHARE, value / total) if is_part else "",
    )


def _scale(values: Sequence[float | None]) -> tuple[float, float]:
    known = [value for value in values if value is not None]
    return min([0.0, *known]), max([0.0, *known])
