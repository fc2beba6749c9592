"""What is told of stock: kept all or not at all, and read from tables."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput, NotFound, UnreadableBody
from planning.importing.names import Named, Names
from planning.media.months import Month
from planning.stock.files import read_stock, stock_csv, stock_rows, stock_workbook
from planning.stock.levels import Level, ToldLevel, keep_levels, known_levels
from planning.stock.terms import Terms, keep_terms, known_terms

TODAY = date(2026, 11, 2)
JANUARY = Month(2027, 1)
DEALERS = Names([Named("north", "Север"), Named("south", "Юг")])
MODELS = Names([Named("Granta"), Named("Vesta")])


def keep(
    engine: Engine, clock: FrozenClock, *told: ToldLevel, author: str = "anna", seen: Visibility | None = None
) -> int:
    return keep_levels(engine, clock, told, TODAY, author=author, seen=seen or Visibility())


def levels(engine: Engine) -> dict[tuple[str, str], Level]:
    with engine.connect() as connection:
        return known_levels(connection)


def test_levels_are_kept_and_changes_noted(holding: Engine, clock: FrozenClock) -> None:
    assert keep(holding, clock, ToldLevel("north", "Granta", 4, {JANUARY: 3, JANUARY.after: 0})) == 1
    assert keep(holding, clock, ToldLevel("north", "Granta", 4, {JANUARY: 3})) == 0, "nothing has changed"
    assert keep(holding, clock, ToldLevel("north", "Granta", 6)) == 1
    (kept,) = levels(holding).values()
    assert (kept.in_stock, kept.transit, kept.revision, kept.counted_on) == (6, {JANUARY: 3}, 2, TODAY)
    assert keep(holding, clock, ToldLevel("north", "Granta", None)) == 1
    assert levels(holding) == {}
    assert find_changes(holding, what="stock")[1] == 3


def test_who_was_slower_is_told(holding: Engine, clock: FrozenClock) -> None:
    keep(holding, clock, ToldLevel("north", "Granta", 4), author="oleg")
    with pytest.raises(Conflict, match="oleg has set it to 4"):
        keep(holding, clock, ToldLevel("north", "Vesta", 1), ToldLevel("north", "Granta", 9, based_on=0))
    assert [each.in_stock for each in levels(holding).values()] == [4], "all or nothing"
    with pytest.raises(Conflict, match="somebody has taken it out"):
        keep(holding, clock, ToldLevel("north", "Vesta", 9, based_on=3))


def test_what_is_not_seen_is_not_there(holding: Engine, clock: FrozenClock) -> None:
    own = Visibility(dealers=frozenset({"south"}))
    keep(holding, clock, ToldLevel("north", "Granta", 4))
    with pytest.raises(NotFound):
        keep(holding, clock, ToldLevel("south", "Granta", 1), ToldLevel("north", "Granta", 9), seen=own)
    with holding.connect() as connection:
        assert known_levels(connection, own) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        ToldLevel("north", "Granta", -1), ToldLevel("north", " ", 1), ToldLevel("north", "Granta", 1, {JANUARY: -5}),
        ToldLevel("north", "Granta", 1, counted_on=date(2027, 1, 1)), ToldLevel("north", "G" * 201, 1),
        ToldLevel("north", "Granta", 10**9),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(holding: Engine, clock: FrozenClock, wrong: ToldLevel) -> None:
    with pytest.raises(InvalidInput) as error:
        keep(holding, clock, ToldLevel("south", "Granta", 1), wrong)
    assert error.value.help
    assert levels(holding) == {}


def test_terms_are_replaced_and_checked(holding: Engine, clock: FrozenClock) -> None:
    told = [Terms("Lada", "", 45, 95, 2), Terms()]
    keep_terms(holding, clock, told, author="anna")
    with holding.connect() as connection:
        known = known_terms(connection)
    assert known.of("Lada", "Vesta").lead_days == 45
    with pytest.raises(Conflict):
        keep_terms(holding, clock, [], author="oleg", based_on=[])
    keep_terms(holding, clock, [], author="oleg", based_on=told)
    for wrong in (Terms(lead_days=-1), Terms(service_percent=100), Terms(most_months=0)):
        with pytest.raises(InvalidInput):
            keep_terms(holding, clock, [wrong], author="anna")


def test_a_table_is_read_in_any_order_of_columns() -> None:
    text = "Остатки на складе;;;\nМодель;ДЦ;В наличии;янв 2027;02.2027\nGRANTA;север;4;3;\nИкс;south;1 000;;7\n;;;;\n"
    found = read_stock(text.encode("cp1251"), DEALERS, MODELS, TODAY)
    assert found == [
        ToldLevel("north", "Granta", 4, {JANUARY: 3, JANUARY.after: 0}, None),
        ToldLevel("south", "Икс", 1000, {JANUARY: 0, JANUARY.after: 7}, None),
    ]


def test_what_was_written_is_read_back() -> None:
    told = Level("north", "=Granta", 4, TODAY, {JANUARY: 3, JANUARY.after: 2})
    rows = stock_rows([told, Level("south", "Vesta", 0, TODAY)])
    for data in (stock_csv(rows), stock_workbook(rows)):
        found = {each.model: each for each in read_stock(data, DEALERS, MODELS, TODAY)}
        assert found["=Granta"] == ToldLevel("north", "=Granta", 4, dict(told.transit), TODAY)
        assert found["Vesta"].in_stock == 0


def test_a_workbook_of_a_colleague_is_read() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Дилер", "Модель", "Остаток", "В пути", "Месяц прибытия"])
    sheet.append(["Север", "Vesta", 5, 2, date(2027, 1, 20)])
    sheet.append(["Север", "Vesta", 1, 4, "февраль"])
    buffer = BytesIO()
    book.save(buffer)
    (found,) = read_stock(buffer.getvalue(), DEALERS, MODELS, TODAY)
    assert (found.in_stock, found.transit) == (6, {JANUARY: 2, JANUARY.after: 4})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dealer;Model;In stock\nwest;Vesta;5\nnorth;Vesta;five\n", "no dealer 'west'.*no number"),
        ("Dealer;Model;In stock;In transit\nnorth;Vesta;5;2\n", "month in which they arrive is missing"),
        ("Dealer;Model;In stock\nnorth;Vesta;-5\n", "no number of cars"),
        ("Dealer;Model;In stock\nnorth;;5\n", "model is missing"),
        ("Dealer;Sales\nnorth;5\n", "No table of stock is found"),
    ],
)
def test_a_wrong_table_is_refused_whole(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as error:
        read_stock(text.encode(), DEALERS, MODELS, TODAY)
    assert error.value.help


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04broken"])
def test_what_is_no_table_is_told(data: bytes) -> None:
    with pytest.raises(UnreadableBody):
        read_stock(data, DEALERS, MODELS, TODAY)
