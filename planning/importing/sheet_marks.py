"""What the reader of values does not tell of a sheet, from its XML: formulas never calculated, and what is hidden.

Fast readers read a formula that nobody has calculated as 0 without a word.
"""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from planning.importing.archive import broken
from planning.importing.currencies import currency_of_format
from planning.importing.sheet import Mark, column_number

_CHUNK = 512 * 1024
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_PERCENT_FORMATS = {"9", "10"}
Told = Callable[[int], None]
"""Is told how many bytes were read since."""


@dataclass(slots=True)
class SheetMarks:
    """`last` is the last row and column that hold something."""

    marks: dict[int, dict[int, Mark]] = field(default_factory=lambda: defaultdict(dict))
    currencies: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filled: int = 0
    last: tuple[int, int] = (-1, -1)


class _Scan:
    """Goes through a sheet's XML once. `doubtful`: formulas that show 0 were perhaps never calculated.

    A sheet has millions of cells, so that little is done for each: where it stands is read of those alone that matter.
    """

    def __init__(self, formats: Mapping[str, str], *, doubtful: bool) -> None:
        self.found = SheetMarks()
        self._formats = formats
        self._doubtful = doubtful
        self._cell: dict[str, str] = {}
        self._filled: dict[str, str] = {}
        self._row, self._column, self._last_column = -1, -1, -1
        self._is_formula = False
        self._value = ""
        self._steps = {"c": self._begin_cell, "v": self._fill, "is": self._fill, "f": self._begin_formula}
        self._steps |= {"row": self._begin_row, "col": self._note_columns}
        self._parser = parser_of(self._start, namespaces=False)

    def read(self, stream: Any, told: Told) -> SheetMarks:
        while piece := stream.read(_CHUNK):
            self._parser.Parse(piece, False)
            told(len(piece))
        self._parser.Parse(b"", True)
        self._begin_row({})
        return self.found

    def _start(self, name: str, told: dict[str, str]) -> None:
        step = self._steps.get(name)
        if step is None:
            short = name.rpartition(":")[2]
            step = self._steps[name] = self._steps.get(short, _pass_by) if short != name else _pass_by
        step(told)

    def _begin_row(self, told: dict[str, str]) -> None:
        self._end_cell()
        if self._filled:
            self._last_column = max(self._last_column, self._place_of(self._filled))
            self.found.last = self._row, self._last_column
            self._filled = {}
        self._row = int(told["r"]) - 1 if "r" in told else self._row + 1
        self._column = -1
        if told.get("hidden") in ("1", "true"):
            self.found.hidden_rows.add(self._row)

    def _begin_cell(self, told: dict[str, str]) -> None:
        if self._is_formula:
            self._end_cell()
        self._column += 1
        self._cell = told

    def _begin_formula(self, _told: dict[str, str]) -> None:
        self._is_formula = True
        self._value = ""

    def _fill(self, _told: dict[str, str]) -> None:
        cell = self._filled = self._cell
        self.found.filled += 1
        if self._is_formula:
            self._parser.CharacterDataHandler = self._take
        if cell.get("t") == "e":
            self.found.marks[self._row][self._place_of(cell)] = Mark.BROKEN
        elif self._formats and (shown := self._formats.get(cell.get("s", ""))):
            if shown == Mark.PERCENT:
                self.found.marks[self._row][self._place_of(cell)] = Mark.PERCENT
            else:
                self.found.currencies[self._row][self._place_of(cell)] = shown

    def _take(self, text: str) -> None:
        self._value += text

    def _end_cell(self) -> None:
        """Of a formula: whether it was calculated."""
        if not self._is_formula:
            return
        self._parser.CharacterDataHandler = None
        self._is_formula = False
        kind, value, place = self._cell.get("t", "n"), self._value.strip(), self._place_of(self._cell)
        if not value and kind != "str":
            self.found.marks[self._row][place] = Mark.UNCALCULATED
        elif self._doubtful and value == "0" and kind != "e":
            self.found.marks[self._row][place] = Mark.PERHAPS_UNCALCULATED

    def _place_of(self, cell: dict[str, str]) -> int:
        """The column, as the cell tells it, or as it stands in its row."""
        address = _ADDRESS.fullmatch(cell.get("r", ""))
        if address is None:
            return self._column
        self._column = column_number(address[1])
        return self._column

    def _note_columns(self, told: dict[str, str]) -> None:
        if told.get("hidden") in ("1", "true"):
            first, last = int(told.get("min", 0)), int(told.get("max", 0))
            self.found.hidden_columns.update(range(first - 1, min(last, first + 1000)))


def _pass_by(_told: dict[str, str]) -> None:
    """Of all other elements nothing is noted."""


def parser_of(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    *,
    namespaces: bool = True,
) -> expat.XMLParserType:
    """Of XML with names as `namespace name`, or as they are written. Whatever declares a document type is refused."""
    parser = expat.ParserCreate(namespace_separator=" " if namespaces else None)
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.buffer_text = True
    return parser


def _refuse_doctype(*_told: object) -> None:
    raise broken("its XML declares a document type")


def scan_sheet(
    archive: zipfile.ZipFile, part: str, formats: Mapping[str, str], told: Told, *, doubtful: bool
) -> SheetMarks:
    """Raises `UnreadableBody` where the sheet is broken."""
    try:
        with archive.open(part) as stream:
            return _Scan(formats, doubtful=doubtful).read(stream, told)
    except (expat.ExpatError, zipfile.BadZipFile, EOFError, ValueError, KeyError) as error:
        raise broken(f"{part} is damaged") from error


def formats_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """Which styles show a percent, or an amount of some currency: `%` or ISO 4217, by the style's number."""
    named: dict[str, str] = {}
    styles: list[str] = []
    inside: list[bool] = [False]

    def start(name: str, told: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "numFmt":
            named[told.get("numFmtId", "")] = told.get("formatCode", "")
        elif tag == "cellXfs":
            inside[0] = True
        elif tag == "xf" and inside[0]:
            styles.append(told.get("numFmtId", ""))

    def end(name: str) -> None:
        if name.rpartition(" ")[2] == "cellXfs":
            inside[0] = False

    read_xml(archive, "xl/styles.xml", start, end)
    shown = {str(number): _shown(each, named.get(each, "")) for number, each in enumerate(styles)}
    return {number: each for number, each in shown.items() if each}


def _shown(number: str, code: str) -> str:
    if number in _PERCENT_FORMATS or "%" in code:
        return Mark.PERCENT
    return currency_of_format(code)


def read_xml(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
) -> None:
    """Nothing where there is no such part. Raises `UnreadableBody` where it is broken."""
    try:
        data = archive.read(part)
    except KeyError:
        return
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise broken(f"{part} is damaged") from error
    try:
        parser_of(start, end).ParseFile(io.BytesIO(data))
    except expat.ExpatError as error:
        raise broken(f"{part} is damaged") from error
