"""The sheets of an XLSX workbook, with what is odd about their cells."""

import io
import posixpath
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from infra.errors import UnreadableBody
from planning.importing.archive import broken, check_archive
from planning.importing.sheet import Range, Sheet, column_letters
from planning.importing.sheet_marks import SheetMarks, formats_of, read_xml, scan_sheet

MOST_SHEETS = 200
_MOST_CELLS = 12_000_000
_MOST_ROWS = 200_000
_MOST_COLUMNS = 2000
_MOST_MERGED = 5000
Progress = Callable[[float], None]
"""Is told which part of the work is done, from 0 to 1."""


def read_workbook(data: bytes, progress: Progress) -> list[Sheet]:
    """Raises `UnreadableBody`, before anything is parsed that would not fit."""
    check_archive(data)
    progress(0.05)
    marks = _scan(data, progress)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        kept = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet and each.name in marks]
        sheets = []
        for number, each in enumerate(kept, 1):
            hidden = each.visible != SheetVisibleEnum.Visible
            sheets.append(_sheet(book.get_sheet_by_name(each.name), marks[each.name], hidden=hidden))
            progress(0.5 + 0.5 * number / len(kept))
    except (CalamineError, ValueError) as error:
        raise broken(str(error)) from error
    return sheets


def _sheet(read: CalamineSheet, found: SheetMarks, *, hidden: bool) -> Sheet:
    rows = read.to_python(skip_empty_area=False)
    return Sheet(
        read.name,
        rows,
        _merged(read, len(rows)),
        hidden,
        frozenset(found.hidden_rows),
        frozenset(found.hidden_columns),
        {row: dict(each) for row, each in found.marks.items()},
        {row: dict(each) for row, each in found.currencies.items()},
    )


def _merged(read: CalamineSheet, height: int) -> tuple[Range, ...]:
    found = read.merged_cell_ranges or []
    if len(found) > _MOST_MERGED:
        raise UnreadableBody(
            f"The sheet “{read.name}” has {len(found)} merged ranges.",
            where=read.name,
            help=f"Undo the merging below the header: up to {_MOST_MERGED} are read.",
        )
    merged = tuple((top, left, min(bottom, height), right) for (top, left), (bottom, right) in found)
    if sum(bottom - top for top, _left, bottom, _right in merged) > _MOST_ROWS * 10:
        raise broken("its merged ranges lie upon each other")
    return merged


@dataclass(slots=True)
class _Read:
    """How much of all sheets was read so far."""

    progress: Progress
    total: int
    done: int = 0

    def more(self, size: int) -> None:
        self.done += size
        self.progress(0.05 + 0.45 * min(self.done / self.total, 1))


def _scan(data: bytes, progress: Progress) -> dict[str, SheetMarks]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts, doubtful = _parts(archive)
        formats = formats_of(archive)
        names = set(archive.namelist())
        parts = {name: part for name, part in parts.items() if part in names}
        read = _Read(progress, sum(archive.getinfo(part).file_size for part in parts.values()) or 1)
        found = {name: scan_sheet(archive, part, formats, read.more, doubtful=doubtful) for name, part in parts.items()}
    for name, marks in found.items():
        _check_extent(name, marks)
    return found


def _check_extent(name: str, marks: SheetMarks) -> None:
    rows, columns = marks.last[0] + 1, marks.last[1] + 1
    if rows > _MOST_ROWS or columns > _MOST_COLUMNS or rows * columns > _MOST_CELLS:
        last = f"{column_letters(marks.last[1])}{marks.last[0] + 1}"
        raise UnreadableBody(
            f"The sheet “{name}” reaches to {last}, though {marks.filled} of its cells are filled.",
            where=name,
            help=f"Clear what stands far from the table; up to {_MOST_ROWS} rows and {_MOST_COLUMNS} columns are read.",
        )


def _parts(archive: zipfile.ZipFile) -> tuple[dict[str, str], bool]:
    """The sheets' parts by name, and whether the workbook waits to be calculated when it is opened."""
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    waits = [False]

    def workbook(name: str, told: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "sheet":
            relation = next((value for key, value in told.items() if key.rpartition(" ")[2] == "id"), "")
            sheets.append((told.get("name", ""), relation))
        elif tag == "calcPr":
            waits[0] = told.get("fullCalcOnLoad") in ("1", "true")

    def relation(_name: str, told: dict[str, str]) -> None:
        targets[told.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", told.get("Target", ""))).lstrip("/")

    read_xml(archive, "xl/workbook.xml", workbook)
    read_xml(archive, "xl/_rels/workbook.xml.rels", relation)
    if not sheets:
        raise broken("it has no sheets")
    if len(sheets) > MOST_SHEETS:
        raise UnreadableBody(
            f"The workbook has {len(sheets)} sheets.", where="file", help=f"Send it in parts of up to {MOST_SHEETS}."
        )
    return {name: targets.get(relation, "") for name, relation in sheets}, waits[0]
