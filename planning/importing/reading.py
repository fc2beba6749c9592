"""A whole file: its sheets, what their columns mean, and the lines in them. Pure: nothing is kept or asked."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from planning.dimensions import DealerPlace
from planning.importing.containers import FileKind, kind_of
from planning.importing.delimited import read_delimited
from planning.importing.guessing import Guess, Wanted, guess_mapping, is_whole
from planning.importing.headers import Header, find_header
from planning.importing.lines_read import LinesRead
from planning.importing.mapping import Choices, TableMapping
from planning.importing.names import Known
from planning.importing.problems import Problem, Problems
from planning.importing.rows import Skipped
from planning.importing.sheet import Sheet, column_letters
from planning.importing.tables_read import TableFound, TableReader
from planning.importing.words import Role
from planning.importing.workbooks import read_workbook

Progress = Callable[[float], None]
SAMPLE_ROWS = 8
_MOST_TOLD = 12
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class World:
    """What a file is read against. `remembered` are mappings by the header's shape, from earlier files."""

    known: Known
    dealers: Mapping[str, DealerPlace]
    wanted: Wanted
    currency: str
    remembered: Mapping[str, TableMapping] = field(default_factory=dict)


@dataclass(slots=True)
class SheetRead:
    """`is_settled`: nobody needs to be asked what its columns mean. `table` is None where it was not read."""

    name: str
    is_hidden: bool
    is_left_out: bool
    header: Header | None = None
    mapping: TableMapping | None = None
    is_settled: bool = True
    doubts: list[int] = field(default_factory=list)
    sample: list[list[str]] = field(default_factory=list)
    table: TableFound | None = None

    @property
    def read(self) -> int:
        return self.table.read if self.table else 0


@dataclass(slots=True)
class FileRead:
    sheets: list[SheetRead]
    lines: LinesRead
    unknown: dict[Role, Counter[str]]

    @property
    def problems(self) -> Problems:
        return self.lines.problems

    @property
    def is_settled(self) -> bool:
        return all(sheet.is_settled for sheet in self.sheets)


def read_file(data: bytes, choices: Choices, world: World, progress: Progress) -> FileRead:
    """Raises `UnreadableBody` for a file in which no table can be found at all."""
    known = world.known.with_told(choices.names)
    sheets = _sheets(data, lambda done: progress(0.5 * done))
    taken, found = LinesRead(), []
    read_before, total = 0, sum(len(sheet.rows) for sheet in sheets) or 1

    def within(sheet: Sheet) -> Progress:
        before = read_before
        return lambda part: progress(0.5 + 0.5 * (before + part * len(sheet.rows)) / total)

    for sheet in sheets:
        found.append(_read_sheet(sheet, choices, world, known, taken, within(sheet)))
        read_before += len(sheet.rows)
    unknown: dict[Role, Counter[str]] = {}
    for each in found:
        for role, counted in (each.table.unknown if each.table else {}).items():
            unknown.setdefault(role, Counter()).update(counted)
    if taken.rounded:
        taken.problems.warn(Problem(f"{taken.rounded} amounts were finer than a hundredth, and are rounded."))
    return FileRead(found, taken, unknown)


def _sheets(data: bytes, progress: Progress) -> list[Sheet]:
    if kind_of(data) is FileKind.XLSX:
        return read_workbook(data, progress)
    return [read_delimited(data)]


def _read_sheet(
    sheet: Sheet, choices: Choices, world: World, known: Known, taken: LinesRead, progress: Progress
) -> SheetRead:
    hidden_and_unsaid = sheet.is_hidden and choices.left_out is None
    left_out = hidden_and_unsaid or (choices.left_out is not None and sheet.name in choices.left_out)
    read = SheetRead(sheet.name, sheet.is_hidden, left_out)
    if hidden_and_unsaid:
        taken.problems.warn(Problem("The sheet is hidden, and is not read.", sheet.place(0, 0)))
    read.header = find_header(sheet)
    if read.header is None:
        if any(any(cell not in ("", None) for cell in row) for row in sheet.rows):
            taken.problems.warn(Problem("No table of figures is on this sheet, so it is not read.", sheet.place(0, 0)))
        return read
    guess = guess_mapping(sheet, read.header, known, world.wanted)
    told = choices.mapping_of(read.header.shape, sheet.name)
    earlier = world.remembered.get(read.header.shape)
    if told and len(told.columns) == len(read.header.labels):
        read.mapping = told
    elif earlier and len(earlier.columns) == len(read.header.labels):
        read.mapping = as_remembered(earlier, guess.mapping)
    else:
        read.mapping, read.doubts = guess.mapping, guess.doubts
    read.is_settled = left_out or (is_whole(read.mapping) and not read.doubts)
    read.sample = _sample(sheet, read.header)
    if left_out:
        return read
    _tell_what_is_odd(sheet, read.header, guess, taken.problems)
    if is_whole(read.mapping):
        reader = TableReader(
            sheet, read.header, read.mapping, known, dict(world.dealers), world.wanted, world.currency, taken, progress
        )
        read.table = reader.read()
        _tell_what_was_skipped(sheet, read.header, read.table, taken.problems)
    return read


def as_remembered(earlier: TableMapping, guessed: TableMapping) -> TableMapping:
    """The columns as they were explained for another file; what is of this file alone comes from it."""
    columns = tuple(
        use.model_copy(update={"multiply": now.multiply})
        for use, now in zip(earlier.columns, guessed.columns, strict=True)
    )
    own = {"measure": guessed.measure, "dealer": guessed.dealer, "direction": "", "sheet_is": guessed.sheet_is}
    return earlier.model_copy(update={"columns": columns, **own})


def _sample(sheet: Sheet, header: Header) -> list[list[str]]:
    rows = range(header.first_row, min(len(sheet.rows), header.first_row + SAMPLE_ROWS))
    return [[sheet.label(row, column)[:_LONGEST_SHOWN] for column in range(len(header.labels))] for row in rows]


def _tell_what_is_odd(sheet: Sheet, header: Header, guess: Guess, problems: Problems) -> None:
    place = sheet.place(header.bottom, 0)
    hidden = sorted(each + 1 for each in sheet.hidden_rows if header.first_row <= each < len(sheet.rows))
    if hidden:
        problems.warn(Problem(f"Hidden rows are read, too: {_listed(map(str, hidden))}.", place))
    columns = sorted(each for each in sheet.hidden_columns if each < len(header.labels) and header.labels[each])
    if columns:
        problems.warn(Problem(f"Hidden columns are read, too: {_listed(map(column_letters, columns))}.", place))
    if guess.other_years:
        named = _listed(map(column_letters, guess.other_years))
        problems.warn(Problem(f"Columns of another year are not read: {named}.", place))


def _tell_what_was_skipped(sheet: Sheet, header: Header, table: TableFound, problems: Problems) -> None:
    place = sheet.place(header.bottom, 0)
    for reason, count in table.skipped.items():
        if count and reason not in (Skipped.TOTALS, Skipped.UNKNOWN):
            problems.warn(Problem(f"{count} rows are not read: {reason}.", place))


def _listed(names: Any) -> str:
    found = list(names)
    more = f" and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
    return ", ".join(found[:_MOST_TOLD]) + more
