"""From a sheet whose mapping is known to lines, and to all that is wrong with its cells."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from planning.dimensions import DealerPlace
from planning.grid import LineKey
from planning.importing.amounts import NoFigure
from planning.importing.currencies import currency_of
from planning.importing.figures import marked, multiplier, reckoned
from planning.importing.guessing import Wanted
from planning.importing.headers import Header
from planning.importing.lines_read import LinesRead
from planning.importing.mapping import TableMapping
from planning.importing.names import Known
from planning.importing.problems import Problem
from planning.importing.rows import Row, Rows, Skipped
from planning.importing.sheet import Place, Sheet
from planning.importing.totals import ReadTable, TotalsCheck
from planning.importing.words import Role, normal
from planning.measures import PLANNED, PlannedMeasure

_STEP = 1000
_MONEY_EXACT = 2**43
"""Up to which hundredths are exact enough in floats."""


@dataclass(frozen=True, slots=True)
class TableFound:
    """What was read of a sheet: how many rows, which were not and why, and names that nobody has explained yet."""

    read: int
    skipped: Counter[Skipped]
    unknown: dict[Role, Counter[str]]
    explained: dict[Role, dict[str, str]]


@dataclass
class TableReader:
    """`dealers` are those that the file may name, `currency` is the plan's."""

    sheet: Sheet
    header: Header
    mapping: TableMapping
    known: Known
    dealers: dict[str, DealerPlace]
    wanted: Wanted
    currency: str
    taken: LinesRead
    progress: Callable[[float], None]
    _table: ReadTable = field(init=False)
    _number: int = field(init=False)
    _open: dict[str, dict[int, bool]] = field(default_factory=dict)

    def read(self) -> TableFound:
        self._table = ReadTable(self.mapping.with_role(Role.FIGURES))
        self._number = self.taken.begin(self.sheet)
        self._check_months()
        rows = Rows(self.sheet, self.header, self.mapping, self.known)
        height = len(self.sheet.rows)
        for row in rows.read():
            self._take(row)
            if row.number % _STEP == 0:
                self.progress(row.number / height)
        check = TotalsCheck(self.sheet, self.mapping, self.known, self._table, self.taken.problems)
        check.check(rows.totals)
        return TableFound(len(self._table.rows), rows.skipped, rows.unknown, rows.explained)

    def _check_months(self) -> None:
        for column in self._table.columns:
            month = self.mapping.columns[column].month
            if month > 12:
                self._wrong(Problem(f"There is no month {month}.", self.sheet.place(self.header.bottom, column)))

    def _take(self, row: Row) -> None:
        dealer = row.names[Role.DEALER].id
        wrong = self._wrong_of(row)
        if wrong is None and not dealer:
            wrong = Problem("No dealer is named here.", self._place(row.number, Role.DEALER))
        if wrong is None:
            self._check_brand(row, dealer)
            self._put(row, dealer)
        else:
            self._wrong(wrong)

    def _check_brand(self, row: Row, dealer: str) -> None:
        """A brand that is not the dealer's may be a slip of the table's."""
        place = self.dealers[dealer]
        if row.brand and place.brand and normal(row.brand) != normal(place.brand):
            said = Problem(
                f"The brand is {row.brand}, and {place.shown_name} is of {place.brand}.",
                self._place(row.number, Role.BRAND),
            )
            self.taken.problems.warn(said)

    def _wrong_of(self, row: Row) -> Problem | None:
        """What is wrong with the row as a whole."""
        if row.currency and (told := currency_of(row.currency)) != self.currency:
            place = self._place(row.number, Role.CURRENCY)
            return Problem(f"The currency is {told or row.currency}, and the plan's is {self.currency}.", place)
        if row.year and row.year != self.wanted.year:
            place = self._place(row.number, Role.MONTH)
            return Problem(f"The year is {row.year}, and the plan's is {self.wanted.year}.", place)
        return None

    def _put(self, row: Row, dealer: str) -> None:
        direction, channel, contractor = (
            row.names[role].id for role in (Role.DIRECTION, Role.CHANNEL, Role.CONTRACTOR)
        )
        of_row = row.names[Role.MEASURE].id
        measure, key = None, LineKey("", dealer)
        values, measures = [], []
        is_open = self._open_months(dealer)
        for column in self._table.columns:
            use = self.mapping.columns[column]
            if measure is None or measure.slug != (use.measure or of_row):
                measure = PLANNED.get(use.measure or of_row)
                if measure is None:
                    self._wrong(Problem("Nothing says which measure this is.", self.sheet.place(row.number, column)))
                    return
                key = LineKey(measure.slug, dealer, direction, channel, contractor)
            value = self._value(row, column, measure, multiplier(use, row.multiply, measure))
            values.append(value or 0)
            measures.append(measure.slug)
            month = use.month or row.month
            if value is None:
                continue
            if is_open.get(month) or self._may_have(value, self.dealers[dealer], month, row.number, column):
                self.taken.put(key, month, value, self._number, row.number, column)
        self._table.rows.append(row.number)
        self._table.values.append(values)
        self._table.measures.append(tuple(measures))
        self._table.dealers.append(dealer)
        self._table.multiplies.append(row.multiply)

    def _open_months(self, dealer: str) -> dict[int, bool]:
        """Of the months that are wanted, whether the dealer is open in them."""
        if dealer not in self._open:
            months = [self.wanted.month] if self.wanted.month else range(1, 13)
            place = self.dealers[dealer]
            self._open[dealer] = {month: place.is_open(self.wanted.year, month) for month in months}
        return self._open[dealer]

    def _value(self, row: Row, column: int, measure: PlannedMeasure, multiply: int) -> int | None:
        cell: Any = row.cells[column] if column < len(row.cells) else ""
        if self.sheet.marks and (wrong := marked(self.sheet.marks.get(row.number), column)):
            self._wrong(Problem(wrong, self.sheet.place(row.number, column)))
            return None
        if type(cell) is float and multiply == 1 and 0 <= cell < _MONEY_EXACT:
            smallest = cell * measure.scale
            if (whole := round(smallest)) == smallest and not self.sheet.currencies:
                return whole
        if cell in ("", None):
            return None
        try:
            found = reckoned(cell, measure, multiply)
        except NoFigure as error:
            self._wrong(Problem(error.message, self.sheet.place(row.number, column)))
            return None
        self.taken.rounded += found.is_rounded
        shown = found.currency or self.sheet.currencies.get(row.number, {}).get(column, "")
        if measure.is_money and shown and shown != self.currency:
            said = f"The amount is in {shown}, and the plan is in {self.currency}."
            self._wrong(Problem(said, self.sheet.place(row.number, column)))
            return None
        return found.value

    def _may_have(self, value: int, dealer: DealerPlace, month: int, row: int, column: int) -> bool:
        """Whether this month of this dealer can have a figure at all."""
        place = self.sheet.place(row, column)
        if month > 12:  # said of the heading already, unless the row names it
            if not self.mapping.columns[column].month:
                self._wrong(Problem(f"There is no month {month}.", self._place(row, Role.MONTH)))
            return False
        if month < 1:
            self._wrong(Problem("Nothing says which month this is.", place))
            return False
        if self.wanted.month and month != self.wanted.month:
            if value:
                self._wrong(Problem(f"The plan is of month {self.wanted.month}, and this is of month {month}.", place))
            return False
        if value and not dealer.is_open(self.wanted.year, month):
            why = dealer.why_closed(self.wanted.year, month)
            self._wrong(Problem(f"{why}, and month {month} has a figure here.", place))
            return False
        return True

    def _place(self, row: int, role: Role) -> Place:
        found = self.mapping.with_role(role)
        return self.sheet.place(row, found[0] if found else 0)

    def _wrong(self, problem: Problem) -> None:
        self.taken.problems.error(problem)
