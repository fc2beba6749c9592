"""Whatever somebody sends is read, or refused with a word: never a mistake of ours."""

from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.errors import UnreadableBody
from planning.importing.sheet import Place, Sheet, column_letters, column_number
from planning.importing.workbooks import read_workbook
from tests.planning.importing.books import MONTHS, book, year
from tests.planning.importing.world import read, world

WORDS = st.sampled_from([
    "ДЦ", "Показатель", "Месяц", "Канал", "Валюта", "Итого", "Год", "1 кв.", "Продажи", "Бюджет, тыс. руб.", "north",
    "Юг", "Восток", "new_car", "руб.", "EUR", "2027", "2026", "13.2027", "—", "12 тыс.", "15%", "1,234", "план", "факт",
    "1 234,5", "CPL", *MONTHS,
])  # fmt: skip
CELLS = (
    st.none()
    | WORDS
    | st.integers(-5, 2030)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.sampled_from([date(2027, 1, 1), datetime(2027, 2, 1, 10), time(10, 5)])  # noqa: DTZ001  # sheets know no zones
    | st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=5)
)
HEADER = ["ДЦ", "Показатель", *MONTHS[:4], "Итого", "Канал"]
ROWS = st.lists(st.lists(CELLS, max_size=8), max_size=10)
GRIDS = ROWS | ROWS.map(lambda rows: [HEADER, *rows])
RANGES = st.lists(st.tuples(*[st.integers(1, 8)] * 4), max_size=3)


def merging(ranges: list[tuple[int, int, int, int]]) -> Any:
    def shape(workbook: Any) -> None:
        sheet = workbook["План"]
        for top, left, height, width in ranges:
            span = {"start_row": top, "start_column": left, "end_row": top + height, "end_column": left + width}
            if not any(str(each) for each in sheet.merged_cells.ranges):
                sheet.merge_cells(**span)

    return shape


@given(GRIDS, RANGES, st.booleans(), st.none() | st.integers(1, 12))
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_any_table(
    rows: list[list[Any]], ranges: list[tuple[int, int, int, int]], facts: bool, month: int | None
) -> None:
    found = read(book(merging(ranges), План=rows), against=world(month=month, is_facts=facts))
    assert sum(value is not None for each in found.lines.lines.values() for value in each) == found.lines.cells
    assert all(0 <= value < 10**16 for each in found.lines.lines.values() for value in each if value is not None)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.sampled_from(["utf-8", "utf-16", "cp1251"]))
@settings(max_examples=200)
def test_any_text(text: str, encoding: str) -> None:
    refused_or_read(text.encode(encoding, "replace"))


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    refused_or_read(data)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=200)
def test_any_workbook_with_broken_bytes(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for place, byte in changes:
        data[place % len(data)] = byte
    refused_or_read(bytes(data))


WHOLE = book(План=year(["north", "Продажи", *[10] * 12], ["Юг", "Бюджет", *["1,5"] * 12]))


def refused_or_read(data: bytes) -> None:
    with suppress(UnreadableBody):
        read(data)


@given(st.integers(0, 16_383))
def test_columns_are_named_as_spreadsheets_name_them(number: int) -> None:
    assert column_number(column_letters(number)) == number


def test_places() -> None:
    assert str(Place("План", 6, 2)) == "План, C7"
    assert str(Place("", 0, 26)) == "AA1"
    assert Sheet("", [["a"]]).place(0, 0) == Place("", 0, 0)


def test_progress_only_grows_and_ends() -> None:
    seen: list[float] = []
    read_workbook(WHOLE, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1
