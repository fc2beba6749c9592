"""Lines as a file has them: a cell of them stands in one place of the file, or the file is in error."""

from dataclasses import dataclass, field

from planning.grid import LineKey
from planning.importing.problems import Problem, Problems
from planning.importing.sheet import Place, Sheet
from planning.measures import PLANNED

MonthValues = list[int | None]
"""Of twelve months, January first, in smallest units; None where the file says nothing."""


@dataclass
class LinesRead:
    """`amount` of rounded amounts are those that were finer than a hundredth."""

    problems: Problems = field(default_factory=Problems)
    lines: dict[LineKey, MonthValues] = field(default_factory=dict)
    rounded: int = 0
    cells: int = 0
    _places: dict[LineKey, list[tuple[int, int, int]]] = field(default_factory=dict)
    _sheets: list[Sheet] = field(default_factory=list)

    def begin(self, sheet: Sheet) -> int:
        """The sheet's number, by which its cells are told."""
        self._sheets.append(sheet)
        return len(self._sheets) - 1

    def put(self, key: LineKey, month: int, value: int, sheet: int, row: int, column: int) -> None:
        """`month` is 1 to 12."""
        values = self.lines.get(key)
        if values is None:
            values = self.lines[key] = [None] * 12
            self._places[key] = [(0, 0, 0)] * 12
        if values[month - 1] is not None:
            self._note_double(key, month, self._sheets[sheet].place(row, column))
            return
        values[month - 1] = value
        self._places[key][month - 1] = sheet, row, column
        self.cells += 1

    def place(self, key: LineKey, month: int) -> Place:
        sheet, row, column = self._places[key][month - 1]
        return self._sheets[sheet].place(row, column)

    def _note_double(self, key: LineKey, month: int, place: Place) -> None:
        title, first = PLANNED[key.measure].title, self.place(key, month)
        self.problems.error(Problem(f"{title} of month {month} is here a second time: {first} has it, too.", place))
