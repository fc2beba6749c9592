"""Lines of a plan as a table that the import reads back as the same, without a question.

Law: what is exported and imported again is the same, cell by cell. Names are texts for a spreadsheet, never formulas:
in a workbook by the type of their cells, in CSV by an apostrophe before them, which the import takes off again.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import xlsxwriter

from infra.errors import InvalidInput
from planning.grid import Grid, LineKey
from planning.importing.names import Known
from planning.importing.words import Role, role_of, total_part
from planning.measures import PLANNED
from planning.plans import Plan

Lines = Mapping[LineKey, Sequence[int | None]]
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NAMES = (Role.DEALER, Role.DIRECTION, Role.CHANNEL, Role.CONTRACTOR, Role.MEASURE, Role.CURRENCY)
_ENGLISH = {
    Role.DEALER: "Dealer", Role.DIRECTION: "Direction", Role.CHANNEL: "Channel", Role.CONTRACTOR: "Contractor",
    Role.MEASURE: "Measure", Role.CURRENCY: "Currency",
}  # fmt: skip
_TOTAL = "Total"
HEADINGS = (*_ENGLISH.values(), _TOTAL)
"""In English, as they are translated."""

_COMPUTED = re.compile(r"'*[=+\-@\t\r]")
_MOST_ROWS = 200_000
_WIDTHS = {
    Role.DEALER: 32,
    Role.DIRECTION: 18,
    Role.CHANNEL: 16,
    Role.CONTRACTOR: 20,
    Role.MEASURE: 22,
    Role.CURRENCY: 10,
}


@dataclass(frozen=True, slots=True)
class PlanTable:
    """`translated` are headings and names of measures in the reader's language, by what they are in English.

    A translation that the import would not understand is not used.
    """

    plan: Plan
    known: Known
    translated: Mapping[str, str] = field(default_factory=dict)

    @property
    def headings(self) -> list[str]:
        return [self._heading(role) for role in _NAMES]

    @property
    def total(self) -> str:
        told = self.translated.get(_TOTAL, "")
        return told if told and total_part(told) == 0 else _TOTAL

    def _heading(self, role: Role) -> str:
        told = self.translated.get(_ENGLISH[role], "")
        return told if told and role_of(told) is role else _ENGLISH[role]

    def names(self, key: LineKey) -> list[str]:
        """As they are written, in the order of the headings."""
        found = {
            Role.DEALER: key.dealer,
            Role.DIRECTION: key.direction,
            Role.CHANNEL: key.channel,
            Role.CONTRACTOR: key.contractor,
        }
        spelt = [self.known[role].spelling(each) for role, each in found.items()]
        return [*spelt, self._measure(key.measure), self.plan.currency if PLANNED[key.measure].is_money else ""]

    def _measure(self, slug: str) -> str:
        told = self.translated.get(PLANNED[slug].title, "")
        return told if told and self.known[Role.MEASURE].meaning(told).id == slug else self._in_english(slug)

    def _in_english(self, slug: str) -> str:
        return self.known[Role.MEASURE].spelling(slug)


def lines_of(grid: Grid) -> Lines:
    return dict(zip(grid.keys, grid.values.tolist(), strict=True))


def plan_workbook(lines: Lines, table: PlanTable) -> bytes:
    """XLSX; a column of totals is computed by the spreadsheet. Raises `InvalidInput` for too many lines."""
    _check(lines)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties({"title": table.plan.name, "author": "Closed Loop"})
        sheet = book.add_worksheet(str(table.plan.year))
        bold = book.add_format({"bold": True, "bottom": 1})
        month = book.add_format({"bold": True, "bottom": 1, "num_format": "mmm yyyy", "align": "right"})
        formats = {True: book.add_format({"num_format": "#,##0.00"}), False: book.add_format({"num_format": "#,##0"})}
        for column, heading in enumerate(table.headings):
            sheet.write_string(0, column, heading, bold)
            sheet.set_column(column, column, _WIDTHS[_NAMES[column]])
        for place, number in enumerate(table.plan.months):
            sheet.write_datetime(0, len(_NAMES) + place, date(table.plan.year, number, 1), month)
        total = len(_NAMES) + len(table.plan.months)
        sheet.write_string(0, total, table.total, bold)
        sheet.set_column(len(_NAMES), total, 13)
        sheet.freeze_panes(1, len(_NAMES))
        sheet.autofilter(0, 0, max(len(lines), 1), total)
        for row, (key, values) in enumerate(lines.items(), 1):
            for column, name in enumerate(table.names(key)):
                sheet.write_string(row, column, name)
            _write_figures(sheet, row, total, key, [values[number - 1] for number in table.plan.months], formats)
    return buffer.getvalue()


def _write_figures(
    sheet: Any, row: int, total: int, key: LineKey, values: Sequence[int | None], formats: Mapping[bool, Any]
) -> None:
    measure = PLANNED[key.measure]
    shown = formats[measure.is_money]
    for column, value in enumerate(values, total - len(values)):
        if value is None:
            sheet.write_blank(row, column, None, shown)
        else:
            sheet.write_number(row, column, measure.shown(value), shown)
    first, last = (xlsxwriter.utility.xl_rowcol_to_cell(row, each) for each in (total - len(values), total - 1))
    added = measure.shown(sum(value or 0 for value in values))
    sheet.write_formula(row, total, f"=SUM({first}:{last})", shown, added)


def plan_csv(lines: Lines, table: PlanTable) -> bytes:
    """UTF-8 with a byte-order mark, commas, decimal points. Raises `InvalidInput` for too many lines."""
    _check(lines)
    buffer = io.StringIO(newline="")
    rows = csv.writer(buffer)
    rows.writerow([*table.headings, *(f"{table.plan.year}-{number:02}" for number in table.plan.months)])
    for key, values in lines.items():
        figures = [_written(key, values[number - 1]) for number in table.plan.months]
        rows.writerow([*map(_harmless, table.names(key)), *figures])
    return buffer.getvalue().encode("utf-8-sig")


def _written(key: LineKey, value: int | None) -> str:
    if value is None:
        return ""
    if not PLANNED[key.measure].is_money:
        return str(value)
    whole, part = divmod(value, 100)
    return f"{whole}.{part:02}"


def _harmless(name: str) -> str:
    return f"'{name}" if _COMPUTED.match(name) else name


def _check(lines: Lines) -> None:
    if len(lines) > _MOST_ROWS:
        raise InvalidInput(
            f"The plan has {len(lines)} lines, and a file {_MOST_ROWS} at most.",
            where="version",
            help="Ask for one measure, or for some dealers.",
        )
