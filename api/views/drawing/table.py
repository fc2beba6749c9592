"""The table of a picture: the first rows of the report with its totals, in columns as wide as what stands in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from api.language import gettext as _
from api.numbers import written_in
from api.report_notes import in_words
from api.views.drawing.sheet import GREY, INNER, MARGIN, WIDTH, Sheet
from api.views.drawing.words import TIMES, fitted, moment, titled, told, width_of, wrapped
from attribution.measures import Measure, Unit

MOST_ROWS = 20
_ROW, _HEADING = 22.0, 34.0
_SIZE, _HEADING_SIZE = 8.5, 8.0
_PAD, _BETWEEN = 6.0, 16.0
_MOST_NAMES = 3
_LEAST_NAME = 120.0


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    cells: Sequence[str]
    total: str
    width: float


class ReportTable:
    """`hidden` is how many rows of the report stand in its totals alone."""

    def __init__(
        self,
        rows: pd.DataFrame,
        names: Sequence[str],
        figures: Sequence[Measure],
        totals: Mapping[str, Any],
    ) -> None:
        shown = rows.head(MOST_ROWS)
        self._count, self._hidden = len(shown), len(rows) - len(shown)
        self._has_totals = bool(totals) and bool(len(shown))
        self._names = [_name_column(name, shown[name]) for name in names[:_MOST_NAMES]]
        self._figures = _as_many_as_fit([_figure_column(each, shown[each.slug], totals) for each in figures],
                                        INNER - 2 * _PAD - _LEAST_NAME * len(self._names))  # fmt: skip

    @property
    def height(self) -> float:
        return _HEADING + _ROW * (max(self._count, 1) + bool(self._hidden) + self._has_totals) + 12

    def draw(self, sheet: Sheet, top: float) -> None:
        bottom = top + _HEADING
        sheet.line(bottom)
        for number in range(1, self._count, 2):
            sheet.band(MARGIN, bottom + number * _ROW, INNER, _ROW)
        end = bottom + self._count * _ROW
        if not self._count:
            nothing = _("There is nothing in this period and with these filters.")
            sheet.text(MARGIN + _PAD, bottom + _ROW / 2, nothing, _SIZE)
        if self._hidden:
            more = _("and %(count)s more, which are in the total") if self._has_totals else _("and %(count)s more")
            hidden = more % {"count": written_in(Unit.COUNT, self._hidden)}
            sheet.text(MARGIN + _PAD, end + _ROW / 2, hidden, 8, color=GREY, style="italic")
            end += _ROW
        if self._has_totals:
            sheet.line(end)
        self._draw_names(sheet, top, end)
        self._draw_figures(sheet, top, end)

    def _draw_names(self, sheet: Sheet, top: float, end: float) -> None:
        x = MARGIN + _PAD
        for column, room in zip(self._names, self._rooms_of_names(), strict=True):
            heading = fitted(column.heading, _HEADING_SIZE, room - 8, bold=True)
            sheet.text(x, top + _HEADING / 2, heading, _HEADING_SIZE, color=GREY, fontweight="bold")
            for number, cell in enumerate(column.cells):
                sheet.text(x, _middle(top, number), fitted(cell, _SIZE, room - 8), _SIZE)
            x += room
        if self._has_totals:
            sheet.text(MARGIN + _PAD, end + _ROW / 2, _("Total"), _SIZE, fontweight="bold")

    def _rooms_of_names(self) -> list[float]:
        """What the figures leave, each name its share of it by what it needs."""
        left = INNER - 2 * _PAD - sum(column.width for column in self._figures)
        needed = sum(column.width for column in self._names) or 1
        return [max(column.width * left / needed, _LEAST_NAME * 0.6) for column in self._names]

    def _draw_figures(self, sheet: Sheet, top: float, end: float) -> None:
        x = WIDTH - MARGIN - _PAD
        for column in reversed(self._figures):
            style = {"ha": "right", "fontweight": "bold"}
            sheet.text(x, top + _HEADING / 2, column.heading, _HEADING_SIZE, color=GREY, **style)
            for number, cell in enumerate(column.cells):
                sheet.text(x, _middle(top, number), cell, _SIZE, ha="right")
            if self._has_totals:
                sheet.text(x, end + _ROW / 2, column.total, _SIZE, **style)
            x -= column.width


def _middle(top: float, row: int) -> float:
    return top + _HEADING + (row + 0.5) * _ROW


def _as_many_as_fit(columns: list[_Column], room: float) -> list[_Column]:
    while len(columns) > 1 and sum(column.width for column in columns) > room:
        columns = columns[:-1]
    return columns


def _name_column(name: str, values: "pd.Series[Any]") -> _Column:
    texts = ["" if pd.isna(value) else str(value) for value in values]
    cells = [moment(text, name) if name in TIMES else text for text in texts]
    heading = in_words(name)
    needed = max([width_of(heading, _HEADING_SIZE, bold=True), *(width_of(cell, _SIZE) for cell in cells)])
    return _Column(heading, cells, "", min(needed + _BETWEEN, 240))


def _figure_column(figure: Measure, values: "pd.Series[Any]", totals: Mapping[str, Any]) -> _Column:
    cells = [told(figure, value) for value in values]
    total = told(figure, totals[figure.slug]) if figure.slug in totals else ""
    needed = max([width_of(total, _SIZE, bold=True), *(width_of(cell, _SIZE) for cell in cells)])
    lines = wrapped(titled(figure), _HEADING_SIZE, max(needed, 64), bold=True)
    heading = "\n".join(lines if len(lines) < 3 else [lines[0], f"{lines[1]}…"])
    return _Column(heading, cells, total, max(needed, width_of(heading, _HEADING_SIZE, bold=True)) + _BETWEEN)
