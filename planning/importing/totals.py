"""Totals of a table are not read, but checked: whether they add up to what was read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from planning.importing.amounts import NoFigure
from planning.importing.figures import multiplier, reckoned
from planning.importing.guessing import PART_OF_TOTALS
from planning.importing.mapping import TableMapping
from planning.importing.names import Known
from planning.importing.problems import Problem, Problems
from planning.importing.rows import Row
from planning.importing.sheet import Sheet, as_label
from planning.importing.words import Role, is_total
from planning.measures import PLANNED, PlannedMeasure

_SLACK = 0.005
"""Of a whole unit, as far as rounding goes."""


@dataclass
class ReadTable:
    """The figures that were read of a table, row by row, in smallest units; of which dealer each row is.

    `measures` of a row are those of its columns of figures; `multiplies` what the label of its measure says.
    """

    columns: list[int]
    rows: list[int] = field(default_factory=list)
    values: list[list[int]] = field(default_factory=list)
    measures: list[tuple[str, ...]] = field(default_factory=list)
    dealers: list[str] = field(default_factory=list)
    multiplies: list[int] = field(default_factory=list)


@dataclass
class TotalsCheck:
    sheet: Sheet
    mapping: TableMapping
    known: Known
    table: ReadTable
    problems: Problems

    def check(self, totals: Sequence[Row]) -> None:
        """Warns of each total that does not add up, with what the rows come to."""
        if not self.table.rows:
            return
        self._check_columns()
        values = np.array(self.table.values, dtype=np.int64)
        sums = np.vstack([np.zeros((1, values.shape[1]), dtype=np.int64), values.cumsum(axis=0)])
        numbers = np.array(self.table.rows)
        borders = [int(np.searchsorted(numbers, row.number)) for row in totals]
        for place, row in enumerate(totals):
            before = borders[place - 1] if place else 0
            after = borders[place + 1] if place + 1 < len(totals) else len(numbers)
            spans = [(0, len(numbers)), (before, borders[place]), (borders[place], after), (0, borders[place])]
            self._check_row(row, values, [sums[end] - sums[start] for start, end in spans], spans)

    def _check_row(
        self,
        row: Row,
        values: npt.NDArray[np.int64],
        whole: Sequence[npt.NDArray[np.int64]],
        spans: Sequence[tuple[int, int]],
    ) -> None:
        """One total may sum the whole table, the block above or below it, one dealer, or one measure."""
        wanted = row.names[Role.MEASURE].id
        groups = self._groups(row, wanted)
        for place, column in enumerate(self.table.columns):
            measure = PLANNED.get(self.mapping.columns[column].measure or wanted or self._only_measure())
            cell = row.cells[column] if column < len(row.cells) else ""
            told = (
                _told(cell, measure, multiplier(self.mapping.columns[column], row.multiply, measure))
                if measure
                else None
            )
            if measure is None or told is None or column in self.sheet.marks.get(row.number, {}):
                continue
            candidates = [] if groups is not None and wanted else [int(each[place]) for each in whole]
            if groups is not None:
                candidates += [int(values[start:end, place][groups[start:end]].sum()) for start, end in spans]
            slack = _SLACK * measure.scale if measure.is_money else 0
            nearest = min(candidates, key=lambda each: abs(each - told))
            if abs(nearest - told) > slack:
                self._warn(row.number, column, measure, told, nearest)

    def _groups(self, row: Row, measure: str) -> npt.NDArray[np.bool_] | None:
        """The rows that a total of some dealer or measure sums; None where it names neither."""
        dealer = next((found for word in _tails(row.label) if (found := self.known[Role.DEALER].meaning(word).id)), "")
        dealer = dealer or row.names[Role.DEALER].id
        if not dealer and not measure:
            return None
        return np.array([
            (not dealer or each == dealer) and (not measure or measure in measures)
            for each, measures in zip(self.table.dealers, self.table.measures, strict=True)
        ], dtype=np.bool_)  # fmt: skip

    def _only_measure(self) -> str:
        found = {measure for row in self.table.measures for measure in row}
        return found.pop() if len(found) == 1 else ""

    def _check_columns(self) -> None:
        for column in self.mapping.with_role(Role.TOTAL):
            use = self.mapping.columns[column]
            if use.month == PART_OF_TOTALS:
                continue
            months = range(3 * use.month - 2, 3 * use.month + 1) if use.month else range(1, 13)
            parts = [
                place
                for place, each in enumerate(self.table.columns)
                if self.mapping.columns[each].month in months and self.mapping.columns[each].measure == use.measure
            ]
            if parts:
                self._check_column(column, parts)

    def _check_column(self, column: int, parts: Sequence[int]) -> None:
        use = self.mapping.columns[column]
        table = self.table
        rows = zip(table.rows, table.values, table.measures, table.multiplies, strict=True)
        for number, values, measures, multiply in rows:
            measure = PLANNED[measures[parts[0]]]
            told = _told(self.sheet.value(number, column), measure, multiplier(use, multiply, measure))
            if told is None or column in self.sheet.marks.get(number, {}):
                continue
            added = sum(values[part] for part in parts)
            if abs(added - told) > (_SLACK * measure.scale * len(parts) if measure.is_money else 0):
                self._warn(number, column, measure, told, added, of_months=True)

    def _warn(
        self, row: int, column: int, measure: PlannedMeasure, told: int, added: int, *, of_months: bool = False
    ) -> None:
        says, sums, differs = (f"{measure.shown(each):,}" for each in (told, added, abs(told - added)))
        place = self.sheet.place(row, column)
        if of_months:
            problem = Problem(f"The total says {says}, and the months add up to {sums}: {differs} apart.", place)
        else:
            problem = Problem(f"The total says {says}, and the rows add up to {sums}: {differs} apart.", place)
        self.problems.warn(problem)


def _told(cell: object, measure: PlannedMeasure, multiply: int) -> int | None:
    """None where the cell says nothing that could be checked."""
    if cell in ("", None):
        return None
    try:
        return reckoned(cell, measure, multiply).value
    except NoFigure:
        return None


def _tails(label: str) -> Iterable[str]:
    """«Север на МКАД» and shorter ends of «Итого по Север на МКАД»."""
    words = as_label(label).split()
    return (" ".join(words[start:]) for start in range(1, len(words)) if is_total(words[0]))
