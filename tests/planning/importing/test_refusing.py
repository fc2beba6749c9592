"""Files that cannot be taken, and cells that cannot be: each is told by its address, and nothing is guessed."""

from typing import Any

import openpyxl
import pytest

from infra.errors import UnreadableBody
from planning.importing.archive import check_archive
from tests.planning.importing.books import MONTHS, Sheet, bomb, book, calculated, saved, with_part, year
from tests.planning.importing.world import cells, read, said, world

TEN = [10] * 12


@pytest.mark.parametrize(("value", "reason"), [
    (-5, "-5 is negative: a plan is 0 or more."),
    ("(100)", "-100 is negative: a plan is 0 or more."),
    (10.5, "10.5 is no whole number of units."),
    ("12 тыс.", "“12 тыс.” is in thousands or millions: write the whole number."),
    ("15%", "It is a percentage, and an amount or a number of units is wanted."),
    ("1,234", "“1,234” can be read in two ways: write 1234, or with two decimals."),
    ("много", "“много” is no number."),
    (True, "It says yes or no, and a number is wanted."),
    (1e30, "is too much: is it in the right unit?"),
])  # fmt: skip
def test_a_cell_that_is_no_plan_is_told_by_its_address(value: Any, reason: str) -> None:
    found = read(book(План=year(["north", "Продажи", *TEN], ["Юг", "Продажи", 1, value, *[1] * 10])))
    assert len(said(found)) == 1
    assert said(found)[0].startswith("План, D3: ")
    assert reason in said(found)[0]


def test_a_formula_that_was_never_calculated_is_refused() -> None:
    rows: Sheet = year(
        ["north", "Продажи", "=1+1", *[1] * 11], ["Юг", "Продажи", *[20] * 12, "=SUM(C3:N3)"], months=[*MONTHS, "Итого"]
    )
    found = read(book(План=rows))
    assert said(found) == [
        "План, C2: This formula was never calculated: open the workbook in a spreadsheet, save it, and send that."
    ]
    settled = read(calculated(book(План=rows), {"C2": "2", "O3": "240"}))
    assert said(settled) == []
    assert cells(settled)["sales", "north"] == [2, *[1] * 11]


def test_a_zero_that_no_spreadsheet_has_calculated_is_refused() -> None:
    rows: Sheet = year(["north", "Продажи", "=1+1", *[1] * 11])
    data = calculated(book(План=rows), {"C2": "0"})
    assert said(read(data)) == []
    waiting = with_part(data, "xl/workbook.xml", lambda xml: xml.replace("<calcPr ", '<calcPr fullCalcOnLoad="1" '))
    assert "shows 0 in a workbook that no spreadsheet has calculated" in said(read(waiting))[0]


def test_a_cell_in_error_is_refused() -> None:
    def shape(workbook: Any) -> None:
        workbook["План"]["C2"] = "#N/A"

    assert said(read(book(shape, План=year(["north", "Продажи", *TEN])))) == [
        "План, C2: This formula ends in an error."
    ]


def test_percentages_and_currencies_of_number_formats() -> None:
    def shape(workbook: Any) -> None:
        workbook["План"]["C2"].number_format = "0%"
        workbook["План"]["D2"].number_format = "#,##0.00 [$€-407]"
        workbook["План"]["E2"].number_format = '#,##0 "₽"'

    assert said(read(book(shape, План=year(["north", "Бюджет", 0.5, *[1] * 11])))) == [
        "План, C2: It is a percentage, and an amount or a number of units is wanted.",
        "План, D2: The amount is in EUR, and the plan is in RUB.",
    ]


def test_currencies_that_are_mixed() -> None:
    heads = ["ДЦ", "Показатель", "Валюта", *MONTHS]
    rows: Sheet = [heads, ["north", "Бюджет", "руб.", *TEN], ["Юг", "Бюджет", "EUR", *TEN]]
    assert said(read(book(План=rows))) == ["План, C3: The currency is EUR, and the plan's is RUB."]
    assert said(read(book(План=year(["north", "Бюджет", "€ 100", *[1] * 11])))) == [
        "План, C2: The amount is in EUR, and the plan is in RUB."
    ]


def test_a_thirteenth_month() -> None:
    across = year(["north", "Продажи", *TEN, 1], months=[f"{number:02}.2027" for number in range(1, 14)])
    assert said(read(book(План=across))) == ["План, O1: There is no month 13."]
    numbered = year(["north", "Продажи", *TEN, 1], months=list(range(1, 14)))
    assert said(read(book(План=numbered))) == ["План, O1: There is no month 13."]
    down: Sheet = [["ДЦ", "Месяц", "Продажи"], ["north", 12, 1], ["north", 13, 1]]
    assert said(read(book(План=down))) == ["План, B3: There is no month 13."]


def test_dealers_that_are_closed_or_not_open_yet() -> None:
    found = read(book(План=year(["Восток", "Продажи", *[1] * 7, *[0] * 5], ["Запад", "Продажи", 0, 0, 1, *[1] * 9])))
    assert said(found) == [
        "План, I2: Восток closes on 2027-06-30, and month 7 has a figure here.",
        "План, E3: Запад opens on 2027-04-15, and month 3 has a figure here.",
    ]


def test_the_same_cell_twice_also_on_another_sheet() -> None:
    rows: Sheet = year(["north", "Продажи", *TEN], ["Север на МКАД", "Продажи", 10, *[None] * 11])
    again: Sheet = year(["north", "Продажи", None, 5, *[None] * 10])
    assert said(read(book(План=rows, Ещё=again))) == [
        "План, C3: Sales of month 1 is here a second time: План, C2 has it, too.",
        "Ещё, D2: Sales of month 2 is here a second time: План, D2 has it, too.",
    ]


def test_rows_without_a_dealer() -> None:
    rows: Sheet = [["ДЦ", "Показатель", *MONTHS], [None, "Продажи", *TEN]]
    assert said(read(book(План=rows))) == ["План, A2: No dealer is named here."]


def test_another_year_in_a_column_of_months() -> None:
    rows: Sheet = [["ДЦ", "Месяц", "Продажи"], ["north", "01.2027", 1], ["north", "02.2026", 1]]
    assert said(read(book(План=rows))) == ["План, B3: The year is 2026, and the plan's is 2027."]


def old_workbook(*, protected: bool) -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    return head + ("EncryptedPackage".encode("utf-16-le") if protected else b"") + b"\0" * 100


@pytest.mark.parametrize(("data", "said_of_it"), [
    (b"", "The file is empty."),
    (b"  \n ", "The file is empty."),
    (old_workbook(protected=False), "Excel 97 to 2003"),
    (old_workbook(protected=True), "protected by a password"),
    (b"%PDF-1.7 ...", "a PDF"),
    (b"<html><table></table></html>", "a web page or XML"),
    (b"PK\x03\x04 and then nothing", "no XLSX workbook that can be read"),
    (b"\x00\x01\x02\x03" * 100, "neither a workbook nor a text"),
    (book(План=year(["north", "Продажи", *TEN]))[:3000], "no XLSX workbook that can be read"),
    (with_part(book(План=year()), "xl/worksheets/sheet1.xml", lambda xml: xml[:-40]), "is damaged"),
    (with_part(book(План=year()), "xl/workbook.xml", lambda xml: "<!DOCTYPE a>" + xml), "document type"),
    (bomb(450 * 2**20), "too large to be unpacked"),
])  # fmt: skip
def test_files_that_are_none_are_refused_with_advice(data: bytes, said_of_it: str) -> None:
    with pytest.raises(UnreadableBody, match=said_of_it) as refused:
        read(data)
    assert refused.value.help


def test_a_part_that_lies_about_its_size_is_measured() -> None:
    with pytest.raises(UnreadableBody, match="too large"):
        check_archive(bomb(60 * 2**20))


def test_three_cells_at_the_ends_of_the_earth() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "План"
    sheet["A1"], sheet["B1"], sheet["XFD1048576"] = "ДЦ", "Продажи", 1
    with pytest.raises(UnreadableBody, match="“План” reaches to XFD1048576, though 3 of its cells are filled"):
        read(saved(workbook))
    sheet["XFD1048576"] = None
    read(saved(workbook))  # only claims to be that large


def test_a_sheet_of_words_is_told_and_left_alone() -> None:
    found = read(
        book(План=year(["north", "Продажи", *TEN]), Пояснения=[["Планы утверждает директор."]]), against=world()
    )
    assert [each.message for each in found.problems.warnings] == [
        "No table of figures is on this sheet, so it is not read."
    ]
    assert cells(found) == {("sales", "north"): TEN}
