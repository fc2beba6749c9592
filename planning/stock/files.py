"""Stock as a table: read from CSV and XLSX in whatever order of columns, and written as one to fill in.

A line is a dealer's model: what is in stock, and on its way by month. Months of what is on its way are columns that
name them, or one column of units beside one that says when they arrive; then several lines may be of one model.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import xlsxwriter

from infra.errors import InvalidInput
from planning.importing.amounts import NoFigure, figure_of
from planning.importing.containers import FileKind, kind_of
from planning.importing.delimited import read_delimited
from planning.importing.months import month_number
from planning.importing.months import month_of as month_in
from planning.importing.names import Names
from planning.importing.sheet import Sheet
from planning.importing.words import normal
from planning.importing.workbooks import read_workbook
from planning.media.months import Month
from planning.stock.levels import MOST_UNITS, Key, Level, ToldLevel

MOST_BYTES = 32 * 1024**2
_HEADINGS = {
    "dealer": "дилер|дц|салон|дилерский центр|автосалон|dealer|dealership|showroom|код дилера|dealer id",
    "model": "модель|model|автомобиль|product|товар|номенклатура|наименование",
    "in_stock": "на складе|склад|остаток|остатки|в наличии|наличие|in stock|stock|units|количество|кол-во|на складі",
    "transit": "в пути|в дороге|транзит|in transit|on its way|transit|ожидается|заказано|в дорозі",
    "arrives": "прибытие|месяц прибытия|дата прибытия|поступление|arrives|arrival|arrival month|eta|прибуття",
    "counted_on": "дата|на дату|дата остатка|counted on|as of|date",
}
_MOST_TOLD = 8
_TITLE_ROWS = 30
TEMPLATE = ("Dealer", "Model", "In stock", "In transit", "Arrives", "Counted on")


@dataclass
class _Columns:
    """Where in a sheet what stands; `months` are columns of what is on its way."""

    header: int
    named: dict[str, int]
    months: dict[int, Month]


def read_stock(data: bytes, dealers: Names, models: Names, today: date) -> list[ToldLevel]:
    """All that the file tells, whole. Raises `InvalidInput`, with the first wrong lines, and `UnreadableBody`."""
    if len(data) > MOST_BYTES:
        raise InvalidInput("The file is larger than 32 MiB.", where="file", help="Send the table of stock alone.")
    sheets = read_workbook(data, _nobody) if kind_of(data) is FileKind.XLSX else [read_delimited(data)]
    told: dict[Key, ToldLevel] = {}
    wrongs: list[str] = []
    is_any = False
    for sheet in (each for each in sheets if not each.is_hidden):
        columns = _columns(sheet, today)
        if columns:
            is_any = True
            _read_sheet(sheet, columns, _Known(dealers, models, today), told, wrongs)
    if not is_any:
        raise InvalidInput(
            "No table of stock is found: no row has a column for the dealer, the model and what is in stock.",
            where="file",
            help=f"Name the columns {', '.join(TEMPLATE)}, as the table to fill in does.",
        )
    if wrongs:
        more = f" And {len(wrongs) - _MOST_TOLD} more." if len(wrongs) > _MOST_TOLD else ""
        raise InvalidInput(
            f"Nothing was taken: {' '.join(wrongs[:_MOST_TOLD])}{more}",
            where="file",
            help="Correct these lines, and send the whole file again.",
        )
    return list(told.values())


def _nobody(_done: float) -> None:
    """A table of stock is read at once."""


def _columns(sheet: Sheet, today: date) -> _Columns | None:
    words = {normal(word): name for name, told in _HEADINGS.items() for word in told.split("|")}
    for row in range(min(len(sheet.rows), _TITLE_ROWS)):
        named: dict[str, int] = {}
        months: dict[int, Month] = {}
        for column in range(len(sheet.rows[row])):
            name = words.get(normal(sheet.label(row, column)))
            month = _month(sheet.value(row, column), today)
            if name:
                named.setdefault(name, column)
            elif month:
                months[column] = month
        if {"dealer", "model", "in_stock"} <= set(named):
            return _Columns(row, named, months)
    return None


def _month(value: Any, today: date) -> Month | None:
    """The next one of its name where it says no year."""
    found = month_in(value)
    if found is None or not 1 <= found.month <= 12:
        return None
    year = found.year or today.year + (found.month < today.month)
    return Month(year, found.month)


@dataclass(frozen=True, slots=True)
class _Known:
    dealers: Names
    models: Names
    today: date


def _read_sheet(sheet: Sheet, columns: _Columns, known: _Known, told: dict[Key, ToldLevel], wrongs: list[str]) -> None:
    for row in range(columns.header + 1, len(sheet.rows)):
        cells = {name: sheet.value(row, column) for name, column in columns.named.items()}
        dealer, model = (sheet.label(row, columns.named[name]) for name in ("dealer", "model"))
        if not dealer and not model:
            continue
        try:
            level = _level(sheet, row, columns, known, cells)
        except InvalidInput as error:
            wrongs.append(f"{sheet.place(row, 0)}: {error.message}")
            continue
        told[level.key] = _together(told.get(level.key), level)


def _level(sheet: Sheet, row: int, columns: _Columns, known: _Known, cells: dict[str, Any]) -> ToldLevel:
    """Of one line. Raises `InvalidInput`."""
    dealer, model = (sheet.label(row, columns.named[name]) for name in ("dealer", "model"))
    meant = known.dealers.meaning(dealer)
    if not meant.is_known or not meant.id:
        raise InvalidInput(f"there is no dealer {dealer!r}.")
    if not model:
        raise InvalidInput("the model is missing.")
    transit = {month: _units(sheet.value(row, column)) for column, month in columns.months.items()}
    if units := _units(cells.get("transit", "")):
        arrives = _arrival(cells.get("arrives", ""), known.today)
        transit[arrives] = transit.get(arrives, 0) + units
    has_transit = bool(columns.months) or "transit" in columns.named
    return ToldLevel(
        meant.id,
        known.models.meaning(model).id or model,
        _units(cells["in_stock"]),
        transit if has_transit else None,
        _day(cells.get("counted_on", "")),
    )


def _units(value: Any) -> int:
    """Empty is none. Raises `InvalidInput`."""
    if value == "" or value is None:
        return 0
    try:
        number = figure_of(value).number
    except NoFigure as error:
        raise InvalidInput(f"{error.message[:1].lower()}{error.message[1:]}") from None
    if number is None:
        return 0
    if number != number.to_integral_value() or not 0 <= number <= MOST_UNITS:
        raise InvalidInput(f"{value} is no number of cars.")
    return int(number)


def _arrival(value: Any, today: date) -> Month:
    """Raises `InvalidInput`."""
    number = month_number(value)
    month = Month(today.year + (number < today.month), number) if 1 <= number <= 12 else _month(value, today)
    if month is None:
        raise InvalidInput("cars are on their way, and the month in which they arrive is missing.")
    return month


def _day(value: Any) -> date | None:
    """Raises `InvalidInput`."""
    if value in ("", None):
        return None
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        raise InvalidInput(f"{value!r} is no day such as 2026-11-30.") from None


def _together(before: ToldLevel | None, more: ToldLevel) -> ToldLevel:
    """Lines of one model add up."""
    if before is None:
        return more
    transit = None if before.transit is None and more.transit is None else dict(before.transit or {})
    for month, units in (more.transit or {}).items():
        assert transit is not None  # noqa: S101  # more has some
        transit[month] = transit.get(month, 0) + units
    in_stock = (before.in_stock or 0) + (more.in_stock or 0)
    return ToldLevel(before.dealer, before.model, in_stock, transit, more.counted_on or before.counted_on)


def stock_rows(levels: Iterable[Level]) -> list[list[Any]]:
    """As the table has them: what arrives later stands on lines of its own."""
    rows: list[list[Any]] = []
    for level in levels:
        arriving: list[tuple[int | str, str]] = [(units, str(month)) for month, units in sorted(level.transit.items())]
        for place, (units, month) in enumerate(arriving or [("", "")]):
            here = level.in_stock if place == 0 else 0
            rows.append([level.dealer, level.model, here, units, month, level.counted_on.isoformat()])
    return rows


def stock_csv(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(TEMPLATE)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def stock_workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet, bold = book.add_worksheet("Stock"), book.add_format({"bold": True})
        sheet.write_row(0, 0, TEMPLATE, bold)
        for place, row in enumerate(rows, 1):
            sheet.write_row(place, 0, row)
        sheet.set_column(0, 1, 28)
        sheet.set_column(2, 5, 14)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()


def _harmless(cell: Any) -> Any:
    """A name that a spreadsheet would compute gets an apostrophe, which reading takes off again."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
