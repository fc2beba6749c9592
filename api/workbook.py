"""A report as a workbook that is forwarded as it is: what it is of above the table, and all that is known of it beside.

The first sheet has the title, the period and the filters, a table that can be filtered, and totals below it; the sheet
«About» says everything that was asked and computed, what to beware of, and how the figures are made.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from api.language import gettext as _
from api.language import ngettext
from api.report_notes import ReportNotes, in_words
from api.told import told
from attribution.answer import Answer
from attribution.measures import Measure, Unit
from infra.errors import InvalidInput

HEADER_ROW = 4
"""Counted from 0: title, what it is of, filters, and an empty row stand above."""

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
_MOST_ROWS = 1_048_576 - HEADER_ROW - 2
_MOST_CHARACTERS = 32_767
_NARROWEST, _WIDEST_NAME, _WIDEST_FIGURE = 10, 48, 18
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE_MONEY = 10_000


@dataclass(slots=True)
class _Column:
    """`values` are what the cells hold: texts, numbers, days, or None. `total` stands below them."""

    heading: str
    values: Sequence[Any]
    number_format: str = ""
    total: Any = None
    is_name: bool = False
    width: float = field(init=False)

    def __post_init__(self) -> None:
        longest = max((_length(value, self.number_format) for value in (*self.values, self.total)), default=0)
        widest_word = max(map(len, self.heading.split()), default=0)
        most = _WIDEST_NAME if self.is_name else _WIDEST_FIGURE
        heading = len(self.heading) + 4 if self.is_name else widest_word + 4  # room for the filter's arrow
        self.width = min(max(longest + 2, heading, _NARROWEST), most)


def workbook(answer: Answer, notes: ReportNotes) -> bytes:
    """Raises `InvalidInput` where there are more rows than a sheet can have."""
    if len(answer.rows) > _MOST_ROWS:
        raise InvalidInput(
            f"The report has {len(answer.rows):,} rows, and a sheet of a workbook {_MOST_ROWS:,} at most.",
            where="format",
            help="Take it as CSV or Parquet, or ask for fewer groupings or a shorter period.",
        )
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties({"title": notes.title, "subject": notes.period, "author": "Closed Loop"})
        _write_report(book, answer, notes)
        _write_about(book, answer.figures, notes)
    return buffer.getvalue()


def _write_report(book: xlsxwriter.Workbook, answer: Answer, notes: ReportNotes) -> None:
    sheet = book.add_worksheet(_sheet_name(answer.subject))
    columns = _columns(answer)
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, notes.title, book.add_format({"bold": True, "font_size": 16}))
    grey = book.add_format({"font_color": "#595959"})
    sheet.write_string(1, 0, notes.in_a_line, grey)
    sheet.write_string(2, 0, f"{_('Filters')}: {notes.filters}{_caution(notes)}", grey)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
    if len(answer.rows):
        _write_table(book, sheet, columns)
    else:
        sheet.write_string(HEADER_ROW, 0, _("There is nothing in this period and with these filters."), grey)
    _fit_to_paper(sheet, notes)


def _caution(notes: ReportNotes) -> str:
    count = len(notes.caveats)
    text = ngettext("%(num)s note on the sheet «%(sheet)s»", "%(num)s notes on the sheet «%(sheet)s»", count)
    return " · " + text % {"num": count, "sheet": _("About")} if count else ""


def _write_table(book: xlsxwriter.Workbook, sheet: Worksheet, columns: Sequence[_Column]) -> None:
    names = sum(column.is_name for column in columns)
    last = HEADER_ROW + len(columns[0].values)
    styles = [book.add_format({"num_format": column.number_format or "@"}) for column in columns]
    heading = {"bold": True, "text_wrap": True, "valign": "top"}
    left, right = book.add_format(heading), book.add_format({**heading, "align": "right"})
    headers = [
        {"header": column.heading, "header_format": left if column.is_name else right, "format": style}
        for column, style in zip(columns, styles, strict=True)
    ]
    sheet.add_table(
        HEADER_ROW, 0, last, len(columns) - 1, {"columns": headers, "style": "Table Style Medium 2", "name": "Report"}
    )
    sheet.set_row(HEADER_ROW, 15 * max(_lines(column) for column in columns) + 3)
    for place, (column, style) in enumerate(zip(columns, styles, strict=True)):
        for row, value in enumerate(column.values, HEADER_ROW + 1):
            _write(sheet, row, place, value, style)
    _write_totals(book, sheet, last + 1, columns)
    sheet.freeze_panes(HEADER_ROW + 1, names)


def _write_totals(book: xlsxwriter.Workbook, sheet: Worksheet, row: int, columns: Sequence[_Column]) -> None:
    """What the report itself counts as its totals: a ratio is not the sum of those above."""
    if all(column.total is None for column in columns):
        return
    for place, column in enumerate(columns):
        style = book.add_format({"bold": True, "top": 2, "num_format": column.number_format or "@"})
        _write(sheet, row, place, _("Total") if place == 0 and column.is_name else column.total, style)


def _write(sheet: Worksheet, row: int, place: int, value: Any, style: Format) -> None:
    if value is None:
        sheet.write_blank(row, place, None, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), style)  # noqa: DTZ001
    elif isinstance(value, str):
        sheet.write_string(row, place, value[:_MOST_CHARACTERS], style)
    else:
        sheet.write_number(row, place, value, style)


def _fit_to_paper(sheet: Worksheet, notes: ReportNotes) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.hide_gridlines(2)
    sheet.set_footer(f"&L{notes.title.replace('&', '&&')[:150]}&R&P / &N")


def _write_about(book: xlsxwriter.Workbook, figures: Sequence[Measure], notes: ReportNotes) -> None:
    sheet = book.add_worksheet(_("About"))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    sheet.hide_gridlines(2)
    heading = book.add_format({"bold": True, "font_size": 12})
    label = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    parts = [
        (notes.title, notes.facts),
        (_("Mind this"), tuple(("", caveat) for caveat in notes.caveats)),
        (_("How figures are made"), tuple((told(each.title), each.formula) for each in figures if each.formula)),
    ]
    row = 0
    for title, lines in parts:
        if not lines:
            continue
        sheet.write_string(row, 0, title, heading)
        for place, (name, said) in enumerate(lines, row + 1):
            sheet.write_string(place, 0, name, label)
            sheet.write_string(place, 1, said[:_MOST_CHARACTERS], text)
        row += len(lines) + 2


def _columns(answer: Answer) -> list[_Column]:
    names = [_name_column(name, answer.rows[name]) for name in answer.names]
    figures = [_figure_column(each, answer.rows[each.slug], answer.totals.get(each.slug)) for each in answer.figures]
    return _each_once([*names, *figures])


def _each_once(columns: list[_Column]) -> list[_Column]:
    """A table has no two headings alike, in whatever case."""
    known: set[str] = set()
    for column in columns:
        heading, number = column.heading, 2
        while column.heading.lower() in known:
            column.heading = f"{heading} {number}"
            number += 1
        known.add(column.heading.lower())
    return columns


def _name_column(name: str, values: "pd.Series[Any]") -> _Column:
    texts = ["" if pd.isna(value) else str(value) for value in values]
    if texts and all(_ISO_DAY.fullmatch(text) for text in texts):
        days = [date.fromisoformat(text) for text in texts]
        return _Column(in_words(name), days, "mmm yyyy" if name == "month" else "yyyy-mm-dd", is_name=True)
    return _Column(in_words(name), texts, is_name=True)


def _figure_column(figure: Measure, values: "pd.Series[Any]", total: Any) -> _Column:
    cells = [None if pd.isna(value) else float(value) for value in values]
    summed = float(total) if isinstance(total, int | float) and not pd.isna(total) else None
    unit = {Unit.DAYS: _("days"), Unit.SECONDS: _("s")}.get(figure.unit)
    heading = " ".join(told(figure.title).split())[:200]
    written = _number_format(figure.unit, [each for each in (*cells, summed) if each is not None])
    return _Column(f"{heading}, {unit}" if unit else heading, cells, written, summed)


def _number_format(unit: Unit, values: Sequence[float]) -> str:
    """Money in whole units where there is much of it; a count that a model divides has a decimal."""
    if unit is Unit.MONEY:
        return "#,##0" if max(map(abs, values), default=0) >= _WHOLE_MONEY else "#,##0.00"
    if unit is Unit.COUNT:
        return "#,##0" if all(abs(value - round(value)) < 1e-6 for value in values) else "#,##0.0"
    return {Unit.SHARE: "#,##0.0%", Unit.TIMES: "#,##0.00", Unit.DAYS: "#,##0.0", Unit.SECONDS: "#,##0"}[unit]


def _length(value: Any, number_format: str) -> int:
    """How many characters the cell shows."""
    if value is None:
        return 0
    if isinstance(value, str):
        return max(map(len, value.split("\n")), default=0)
    if isinstance(value, date):
        return len(number_format)
    decimals = len(number_format.rstrip("%").partition(".")[2])
    scaled = value * 100 if number_format.endswith("%") else value
    return len(f"{scaled:,.{decimals}f}") + number_format.endswith("%")


def _lines(column: _Column) -> int:
    room, lines, used = column.width - 3, 1, 0
    for word in column.heading.split():
        if used and used + 1 + len(word) > room:
            lines, used = lines + 1, len(word)
        else:
            used += len(word) + bool(used)
    return lines


def _sheet_name(subject: str) -> str:
    return subject.upper() if len(subject) < 5 else in_words(subject.replace("-", " "))[:31]
