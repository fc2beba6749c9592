"""Tables of every shape that people send, and what is read of them."""

from datetime import date
from typing import Any

import pytest

from planning.dimensions import DealerPlace
from planning.importing.guessing import Wanted
from planning.importing.mapping import Choices, ColumnUse, TableMapping
from planning.importing.names import Known, Named, Names
from planning.importing.reading import World
from planning.importing.rows import Skipped
from planning.importing.words import Role
from tests.planning.importing.books import MONTHS, Sheet, book, year
from tests.planning.importing.world import DEALERS, KNOWN, cells, read, said, warned, world

TEN = [10] * 12
SALES = {("sales", "north"): TEN, ("sales", "south"): [20] * 12}


@pytest.mark.parametrize("months", [
    MONTHS,
    [f"{month.capitalize()}." for month in MONTHS],
    [f"{number:02}.2027" for number in range(1, 13)],
    [f"2027-{number:02}" for number in range(1, 13)],
    [f"{month} 2027 г." for month in MONTHS],
    [f"{month}.27" for month in MONTHS],
    [date(2027, number, 1) for number in range(1, 13)],
    [f"01.{number:02}.2027" for number in range(1, 13)],
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ["січ", "лют", "бер", "кві", "тра", "чер", "лип", "сер", "вер", "жов", "лис", "гру"],
    list(range(1, 13)),
])  # fmt: skip
def test_months_across_in_any_spelling(months: list[Any]) -> None:
    found = read(book(План=year(["north", "Продажи", *TEN], ["Юг", "Продажи", *[20] * 12], months=months)))
    assert found.is_settled
    assert said(found) == []
    assert cells(found) == SALES


@pytest.mark.parametrize("spell", [str, lambda number: MONTHS[number - 1], lambda number: f"{number:02}.2027"])
def test_months_down(spell: Any) -> None:
    rows: list[list[Any]] = [["ДЦ", "Месяц", "Продажи", "Бюджет, руб."]]
    rows += [
        [name, spell(number), units, 1.5]
        for name, units in (("Север на МКАД", 10), ("Юг", 20))
        for number in range(1, 13)
    ]
    found = read(book(План=rows))
    assert said(found) == []
    assert {key: values for key, values in cells(found).items() if key[0] == "sales"} == SALES
    assert cells(found)["budget", "north"] == [150] * 12


def test_a_header_of_three_rows_with_merged_cells_below_a_title() -> None:
    def shape(workbook: Any) -> None:
        sheet = workbook["План"]
        for span in ("A1:AA1", "A3:A5", "B3:B5", "C3:Z3", "C4:N4", "O4:Z4"):
            sheet.merge_cells(span)

    rows: Sheet = [
        ["План холдинга"], [],
        ["Дилерский центр", "Направление", 2027],
        [None, None, "Продажи, шт.", *[None] * 11, "Лиды"],
        [None, None, *MONTHS, *MONTHS],
        ["Север на МКАД", "Новые автомобили", *TEN, *[100] * 12],
        ["Юг", "сервис", *[20] * 12],
    ]  # fmt: skip
    found = read(book(shape, План=rows))
    assert found.is_settled
    assert said(found) == []
    assert cells(found) == {**SALES, ("leads", "north"): [100] * 12}
    assert {key.direction for key in found.lines.lines} == {"new_car", "after_sales"}


def test_groups_of_a_header_that_is_not_merged() -> None:
    rows: Sheet = [
        ["ДЦ", "Продажи", *[None] * 11, "Лиды", *[None] * 11],
        [None, *MONTHS, *MONTHS],
        ["Юг", *[20] * 12, *TEN],
    ]  # fmt: skip
    assert cells(read(book(План=rows))) == {("sales", "south"): [20] * 12, ("leads", "south"): TEN}


def test_measures_below_months_and_a_row_that_numbers_the_columns() -> None:
    heads = [cell for month in MONTHS for cell in (month, None)]
    rows: Sheet = [["ДЦ", *heads], [None, *["Продажи", "Лиды"] * 12], list(range(1, 26)), ["Юг", *[20, 10] * 12]]
    assert cells(read(book(План=rows))) == {("sales", "south"): [20] * 12, ("leads", "south"): TEN}


def test_names_merged_down_and_names_that_are_not_repeated() -> None:
    def shape(workbook: Any) -> None:
        workbook["План"].merge_cells("A2:A3")

    rows: Sheet = year(
        ["Север на МКАД", "Продажи", *TEN], [None, "Лиды", *TEN], ["Юг", "Продажи", *[20] * 12], [None, "Лиды", *TEN]
    )
    assert cells(read(book(shape, План=rows))) == {**SALES, ("leads", "north"): TEN, ("leads", "south"): TEN}


def test_dealers_in_rows_of_their_own() -> None:
    rows: Sheet = [
        ["Показатель", *MONTHS], ["Север на МКАД"], ["Продажи", *TEN], ["Юг"], ["Продажи", *[20] * 12],
    ]  # fmt: skip
    found = read(book(План=rows))
    assert found.is_settled
    assert cells(found) == SALES


def test_a_sheet_for_each_dealer_or_measure() -> None:
    rows: Sheet = [["Показатель", *MONTHS], ["Продажи", *TEN]]
    twice: Sheet = [["Показатель", *MONTHS], ["Продажи", *[20] * 12]]
    assert cells(read(book(**{"Север на МКАД": rows, "Юг": twice}))) == SALES
    by_measure: Sheet = [["ДЦ", *MONTHS], ["north", *TEN], ["Юг", *[20] * 12]]
    assert cells(read(book(Продажи=by_measure))) == SALES


def test_dealers_of_one_name_are_told_apart_by_their_brand() -> None:
    brands = {"a": "Lada", "b": "Kia"}
    places = {key: DealerPlace(key, "Центр", brand, "", "", "", None, None) for key, brand in brands.items()}
    dealers = Names(tuple(Named(each.id, each.name, brand=each.brand) for each in places.values()))
    known = Known({**KNOWN.names, Role.DEALER: dealers})
    heads = ["ДЦ", "Бренд", "Показатель", *MONTHS]
    rows: Sheet = [heads, ["Центр", "kia", "Продажи", *TEN], ["a", "Kia", "Лиды", *TEN]]
    found = read(book(План=rows), against=World(known, places, Wanted(2027), "RUB"))
    assert cells(found) == {("sales", "b"): TEN, ("leads", "a"): TEN}
    assert warned(found) == ["План, B3: The brand is Kia, and Центр is of Lada."]
    unsaid: Sheet = [["ДЦ", "Показатель", *MONTHS], ["Центр", "Продажи", *TEN]]
    assert read(book(План=unsaid), against=World(known, places, Wanted(2027), "RUB")).unknown


def test_the_title_tells_the_measure() -> None:
    rows: Sheet = [["План продаж на 2027 год"], [], ["ДЦ", *MONTHS], ["north", *TEN]]
    assert cells(read(book(Лист1=rows))) == {("sales", "north"): TEN}


def test_totals_are_checked_and_not_read() -> None:
    rows: Sheet = year(
        ["north", "Продажи", *TEN, 30, 120], ["Юг", "Продажи", *[20] * 12, 61, 240],
        ["Итого", "Продажи", *[30] * 11, 33],
        months=[*MONTHS, "1 кв.", "Итого"],
    )  # fmt: skip
    found = read(book(План=rows))
    assert cells(found) == SALES
    assert warned(found) == [
        "План, O3: The total says 61, and the months add up to 60: 1 apart.",
        "План, N4: The total says 33, and the rows add up to 30: 3 apart.",
    ]
    assert found.sheets[0].table
    assert found.sheets[0].table.skipped[Skipped.TOTALS] == 1


def test_subtotals_of_dealers_and_a_grand_total() -> None:
    rows: Sheet = year(
        ["north", "Продажи", *TEN], ["north", "Лиды", *[5] * 12], ["Итого Север на МКАД", "Продажи", *TEN],
        ["Юг", "Продажи", *[20] * 12], ["Итого Юг", "Продажи", *[21] * 12], ["ВСЕГО", "Продажи", *[30] * 12],
    )  # fmt: skip
    assert warned(read(book(План=rows)))[0] == "План, C6: The total says 21, and the rows add up to 20: 1 apart."
    assert len(warned(read(book(План=rows)))) == 12


def test_numbers_as_texts_and_cells_in_which_nothing_is_planned() -> None:
    values = ["1 234", "1\u00a0234", "1\u202f234", "-", "—", "", None, "0", 0, "12 шт.", "1,234,567", "1.234.567"]
    found = read(book(План=year(["north", "Продажи", *values])))
    assert said(found) == []
    assert cells(found)["sales", "north"] == [1234, 1234, 1234, None, None, None, None, 0, 0, 12, 1234567, 1234567]


def test_money_in_roubles_thousands_and_hundredths() -> None:
    rows: Sheet = year(
        ["north", "Бюджет", "1 234,5", 0.1, 0.29, "100 руб.", "₽ 5", 1234.565, *[None] * 6],
        ["north", "Выручка, тыс. руб.", 1.5, *[None] * 11],
        ["north", "Маржа, млн руб.", "0,25", *[None] * 11],
    )
    found = read(book(План=rows))
    assert cells(found)["budget", "north"][:6] == [123450, 10, 29, 10000, 500, 123457]
    assert cells(found)["revenue", "north"][0] == 150_000
    assert cells(found)["margin", "north"][0] == 25_000_000
    assert warned(found) == ["None: 1 amounts were finer than a hundredth, and are rounded."]


def test_thousands_that_the_title_tells_are_of_money_alone() -> None:
    rows: Sheet = [["План на 2027 год, тыс. руб."], [], *year(["north", "Бюджет", *TEN], ["north", "Продажи", *TEN])]
    found = cells(read(book(План=rows)))
    assert found["budget", "north"] == [1_000_000] * 12
    assert found["sales", "north"] == TEN


def test_thousands_of_units_where_the_measure_says_so() -> None:
    assert cells(read(book(План=year(["north", "Лиды, тыс. шт.", *[1.5] * 12]))))["leads", "north"] == [1500] * 12
    across: Sheet = [["ДЦ", "Месяц", "Лиды, тыс.", "Бюджет"], ["north", 1, 1.5, 7]]
    found = cells(read(book(План=across)))
    assert (found["leads", "north"][0], found["budget", "north"][0]) == (1500, 700)


def test_what_is_hidden_is_told() -> None:
    def shape(workbook: Any) -> None:
        workbook["План"].row_dimensions[3].hidden = True
        workbook["План"].column_dimensions["D"].hidden = True
        workbook["Черновик"].sheet_state = "hidden"

    rows: Sheet = year(["north", "Продажи", *TEN], ["Юг", "Продажи", *[20] * 12])
    found = read(book(shape, План=rows, Черновик=year(["north", "Лиды", *TEN])))
    assert cells(found) == SALES
    assert warned(found) == [
        "План, A1: Hidden rows are read, too: 3.",
        "План, A1: Hidden columns are read, too: D.",
        "Черновик, A1: The sheet is hidden, and is not read.",
    ]
    taken = read(book(shape, План=rows, Черновик=year(["north", "Лиды", *TEN])), Choices(left_out=()))
    assert cells(taken)["leads", "north"] == TEN


def test_shares_other_years_and_facts_beside_the_plan_are_left_out() -> None:
    rows: Sheet = [
        ["ДЦ", "Показатель", *[f"{month} 2026" for month in MONTHS], *[f"{month} 2027" for month in MONTHS]],
        ["north", "Продажи", *[1] * 12, *TEN], ["north", "Конверсия в продажу, %", *[0.1] * 24],
    ]  # fmt: skip
    found = read(book(План=rows))
    assert cells(found) == {("sales", "north"): TEN}
    assert "План, A1: Columns of another year are not read: C, D, E, F, G, H, I, J, K, L, M, N." in warned(found)
    beside: Sheet = [
        ["ДЦ", "Показатель", *[cell for month in MONTHS for cell in (month, None)]],
        [None, None, *["план", "факт"] * 12],
        ["north", "Продажи", *[10, 7] * 12],
    ]  # fmt: skip
    assert cells(read(book(План=beside))) == {("sales", "north"): TEN}
    assert cells(read(book(План=beside), against=world(is_facts=True))) == {("sales", "north"): [7] * 12}


def test_a_plan_of_one_month() -> None:
    rows: Sheet = [["ДЦ", "Продажи", "Бюджет"], ["north", 10, 5], ["Юг", 20, 6]]
    found = read(book(План=rows), against=world(month=3))
    assert cells(found)["sales", "south"] == [None, None, 20, *[None] * 9]
    across = read(book(План=year(["north", "Продажи", *TEN])), against=world(month=3))
    assert said(across)[0] == "План, C2: The plan is of month 3, and this is of month 1."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_text_files(encoding: str, separator: str) -> None:
    rows: Sheet = [
        ["План на 2027"],
        ["ДЦ", "Показатель", *MONTHS],
        ["Север на МКАД", "Продажи", *TEN],
        ["Юг", "продажи", *[20] * 12],
    ]
    text = "\r\n".join(separator.join(map(str, row)) for row in rows)
    found = read(text.encode(encoding))
    assert said(found) == []
    assert cells(found) == SALES


def test_names_that_nobody_knows_wait_with_suggestions() -> None:
    rows: Sheet = year(
        ["Автоцентр Северный МКАД", "Продажи", *TEN], ["Юг", "Продажи", *[20] * 12], ["Луна", "Продажи", *TEN]
    )
    found = read(book(План=rows))
    assert cells(found) == {("sales", "south"): [20] * 12}
    assert found.unknown == {Role.DEALER: {"Автоцентр Северный МКАД": 1, "Луна": 1}}
    assert KNOWN[Role.DEALER].suggestions("Автоцентр Северный МКАД")[0] == "north"
    assert KNOWN[Role.DEALER].suggestions("Луна") == []
    told = Choices(names={Role.DEALER: {"Автоцентр Северный МКАД": "north", "Луна": None}})
    settled = read(book(План=rows), told)
    assert cells(settled) == SALES
    assert settled.unknown == {}


def test_a_column_that_nobody_can_tell_is_asked_for() -> None:
    rows: Sheet = [["ДЦ", "Показатель", "Штуковина", *MONTHS], ["north", "Продажи", 7, *TEN]]
    found = read(book(План=rows))
    assert not found.is_settled
    assert found.sheets[0].doubts == [2]
    mapping = found.sheets[0].mapping
    header = found.sheets[0].header
    assert mapping
    assert header
    assert read(book(План=rows), Choices(mappings={header.shape: mapping})).is_settled


def test_a_mapping_is_remembered_by_the_shape_of_the_header() -> None:
    rows: Sheet = [["x1", "Продажи", *TEN], ["x2", "Продажи", *[20] * 12]]
    this_year: Sheet = [
        ["A", "B", *[f"{month} 2027" for month in MONTHS]],
        *rows,
    ]
    first = read(book(План=this_year))
    header = first.sheets[0].header
    assert header
    assert not first.is_settled
    figures = [ColumnUse(role=Role.FIGURES, month=number) for number in range(1, 13)]
    mapping = TableMapping(columns=(ColumnUse(role=Role.DEALER), ColumnUse(role=Role.MEASURE), *figures))
    names = Choices(names={Role.DEALER: {"x1": "north", "x2": "south"}})
    remembered = World(KNOWN, {each.id: each for each in DEALERS}, Wanted(2028), "RUB", {header.shape: mapping})
    next_year: Sheet = [["A", "B", *[f"{month} 2028" for month in MONTHS]], *rows]
    assert {key: each[:6] for key, each in cells(read(book(План=next_year), names, remembered)).items()} == {
        ("sales", "north"): [10] * 6, ("sales", "south"): [20] * 6,
    }  # fmt: skip
