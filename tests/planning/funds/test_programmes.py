"""Programmes, what dealers earn by their rules, and purchases by hand and by file."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from attribution.visibility import EVERYTHING, Visibility
from collectors.formats import Format, read_items
from collectors.mapping import Mapping
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput, NotFound
from planning.desk import Desk
from planning.funds.documents import ProgrammeTold, PurchaseTold, Rule
from planning.funds.ledger import entries_of
from planning.funds.programme import Programme
from planning.funds.programme_register import add_programme, change_programme, find_programme
from planning.funds.purchases import adjust_fund, enter_purchases, list_purchases, read_purchases
from planning.funds.quarters import Quarter, quarter_of, read_quarter
from planning.funds.states import Act
from planning.funds.upkeep import keep_up
from tests.planning.funds.work import LADA, RULES, asked, balance, decided, figures

FIRST, SECOND = Quarter(2027, 1), Quarter(2027, 2)


def bought(dealer: str, amount: int | str, quarter: str = "2027-Q1", **told: Any) -> PurchaseTold:
    return PurchaseTold(dealer=dealer, quarter=quarter, amount=Decimal(amount), **told)


def enter(desk: Desk, programme: Programme, *told: PurchaseTold) -> int:
    return enter_purchases(desk, programme.id, told, author="importer")


def kinds(desk: Desk, dealer: str) -> list[tuple[str, int]]:
    with desk.engine.connect() as connection:
        found, _ = entries_of(connection)
    return [(each.kind.value, each.amount) for each in reversed(found) if each.fund.dealer == dealer]


def test_a_fixed_sum_is_earned_as_its_quarter_begins(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    assert figures(desk, "north") == (100_000, 0, 0, 0, 100_000)
    assert keep_up(desk) == 0
    clock.advance(timedelta(days=49, hours=12))
    assert keep_up(desk) == 1
    assert figures(desk, "north") == (200_000, 0, 0, 100_000, 100_000)
    assert keep_up(desk) == 0


def test_a_percent_is_earned_as_purchases_are_entered(desk: Desk, lada: Programme) -> None:
    assert figures(desk, "south") == (0, 0, 0, 0, 0)
    assert enter(desk, lada, bought("south", "1000000.25")) == 1
    assert balance(desk, "south").total.available == 20_000_01
    assert enter(desk, lada, bought("south", "1000000.25")) == 0
    enter(desk, lada, bought("south", 1_500_000))
    enter(desk, lada, bought("south", 500_000))
    assert kinds(desk, "south") == [("accrual", 20_000_01), ("accrual", 9_999_99), ("accrual", 20_000_00)]
    assert figures(desk, "south") == (10_000, 0, 0, 0, 10_000)
    assert find_changes(desk.engine, what=f"purchases of fund programme {lada.id}")[1] == 4


def test_purchases_cannot_take_back_what_is_reserved(desk: Desk, lada: Programme) -> None:
    enter(desk, lada, bought("south", 5_000_000))
    decided(desk, asked(desk, lada.id, "south"), Act.APPROVE)
    with pytest.raises(InvalidInput, match=r"Юг has used or lost 50 000\.00 RUB of 2027-Q1") as raised:
        enter(desk, lada, bought("south", 1_000_000))
    assert "Cancel activities" in raised.value.help
    assert figures(desk, "south") == (100_000, 50_000, 0, 0, 50_000)
    with desk.engine.connect() as connection:
        (kept,) = list_purchases(connection, lada.id, EVERYTHING)
    assert kept.amount == 5_000_000_00


@pytest.mark.parametrize(("wrong", "said"), [
    (bought("nobody", 1), "Row 2: there is no dealer 'nobody'"),
    (bought("east", 1), "Row 2: No rule of the programme is for Восток"),
    (bought("south", 1, "2026-Q4"), "Row 2: The programme goes from 2027-Q1 to 2027-Q2"),
    (bought("south", 1, "2027-Q2"), "Row 2: 2027-Q2 has not begun"),
    (bought("south", 1, currency="USD"), "Row 2: This programme is in RUB, and the amount in USD"),
    (bought("north", 2), "Rows 1 and 2 are both of north in 2027-Q1"),
])  # fmt: skip
def test_of_a_file_with_a_wrong_row_nothing_is_taken(
    desk: Desk, lada: Programme, wrong: PurchaseTold, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as raised:
        enter(desk, lada, bought("north", 1), wrong)
    assert raised.value.help
    with desk.engine.connect() as connection:
        assert list_purchases(connection, lada.id, EVERYTHING) == []


def read(text: str) -> list[PurchaseTold]:
    return read_purchases(read_items(io.BytesIO(text.encode()), Format.CSV, Mapping()))


def test_a_table_as_people_write_it() -> None:
    told = read("Дилер;Квартал;Закупки\nsouth;2027Q1;1 250 000,50\nnorth;Q2 2027;100\n")
    assert told == [bought("south", "1250000.50"), bought("north", 100, "2027-Q2")]


@pytest.mark.parametrize(("text", "said"), [
    ("dealer,quarter,amount\nsouth,2027-Q5,1\n", "Row 1, quarter: '2027-Q5' is no quarter"),
    ("dealer,quarter,amount\nsouth,2027-Q1,1\nsouth,2027-Q1,-1\n", "Row 2, amount"),
    ("dealer,quarter,amount\nsouth,2027-Q1,1.001\n", "Row 1, amount"),
    ("dealer,quarter,amount\nsouth,2027-Q1,many\n", "Row 1, amount"),
    ("dealer,quarter\nsouth,2027-Q1\n", "Row 1, amount: Field required"),
    ("dealer,quarter,amount\n", "There is no row"),
])  # fmt: skip
def test_a_table_that_cannot_be_taken_says_where(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as raised:
        read(text)
    assert "dealer, quarter" in raised.value.help


def test_of_rules_the_closest_holds() -> None:
    rules = (
        Rule(percent=Decimal(1)), Rule(brand="Lada", percent=Decimal(2)), Rule(brand="Lada", quarter="2027-Q1",
        percent=Decimal(3)), Rule(dealer="north", percent=Decimal(4)), Rule(quarter="2027-Q1", percent=Decimal(5)),
    )  # fmt: skip
    told = LADA.model_copy(update={"rules": rules})
    assert [max((r for r in told.rules if r.fits(*key)), key=lambda r: r.weight).percent for key in (
        ("east", "Chery", SECOND), ("east", "Chery", FIRST), ("south", "Lada", SECOND), ("south", "Lada", FIRST),
        ("north", "Lada", FIRST),
    )] == [1, 5, 2, 3, 4]  # fmt: skip


def test_other_rules_change_what_is_earned(desk: Desk, lada: Programme) -> None:
    enter(desk, lada, bought("south", 1_000_000))
    rules = (Rule(brand="Lada", percent=Decimal("1.5")), Rule(dealer="north", amount=Decimal(120_000)))
    changed = change_programme(desk, lada.id, LADA.model_copy(update={"rules": rules}), based_on=1, author="importer")
    assert changed.revision == 2
    assert figures(desk, "north") == (120_000, 0, 0, 0, 120_000)
    assert figures(desk, "south") == (15_000, 0, 0, 0, 15_000)
    none = LADA.model_copy(update={"rules": (Rule(dealer="east", percent=Decimal(1)),)})
    change_programme(desk, lada.id, none, based_on=2, author="importer")
    assert figures(desk, "north") == (0, 0, 0, 0, 0)


def test_of_two_who_change_a_programme_one_is_told(desk: Desk, lada: Programme) -> None:
    def change(number: int) -> str:
        told = LADA.model_copy(update={"payer": f"payer {number}"})
        try:
            return change_programme(desk, lada.id, told, based_on=1, author=f"author {number}").told.payer
        except Conflict as error:
            return error.message.partition(" ")[2]

    with ThreadPoolExecutor(4) as pool:
        came_to = list(pool.map(change, range(4)))
    assert sum("has changed the programme 'Lada 2027' meanwhile." in each for each in came_to) == 3
    with desk.engine.connect() as connection:
        assert find_programme(connection, lada.id).told.payer in came_to


def test_a_programme_that_cannot_be_is_refused(desk: Desk, lada: Programme) -> None:
    def refused(where: str, **told: Any) -> str:
        with pytest.raises(InvalidInput) as raised:
            add_programme(desk, ProgrammeTold.model_validate(LADA.model_dump() | told), author="importer")
        assert raised.value.where == where
        return raised.value.message

    assert "already" in refused("name", name="LADA 2027")
    assert "'nobody'" in refused("rules", name="x", rules=[{"dealer": "nobody", "percent": 1}])
    assert "'Volvo'" in refused("rules", name="x", rules=[{"brand": "Volvo", "percent": 1}])
    with pytest.raises(InvalidInput, match="in RUB already"):
        change_programme(desk, lada.id, LADA.model_copy(update={"currency": "USD"}), based_on=1, author="importer")
    with pytest.raises(NotFound):
        change_programme(desk, 99, LADA, based_on=1, author="importer")


@pytest.mark.parametrize("told", [
    {"rules": []}, {"rules": [{"percent": 2, "amount": 3}]}, {"rules": [{}]}, {"rules": [{"percent": 0}]},
    {"rules": [{"percent": 101}]}, {"rules": [{"dealer": "north", "brand": "Lada", "percent": 1}]},
    {"rules": [{"percent": 1}, {"percent": 2}]}, {"last_quarter": "2026-Q4"}, {"last_quarter": "2039-Q4"},
    {"share": 49}, {"share": 101}, {"claim_days": 0}, {"carry_quarters": -1}, {"currency": "XYZ!"}, {"name": " "},
    {"first_quarter": "2027-Q0"}, {"unknown": 1},
])  # fmt: skip
def test_what_says_nothing_or_too_much_is_no_programme(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ProgrammeTold.model_validate(LADA.model_dump() | told)


def test_a_closed_programme_takes_nothing_more(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    change_programme(desk, lada.id, LADA.model_copy(update={"is_closed": True}), based_on=1, author="importer")
    for act in (
        lambda: asked(desk, lada.id),
        lambda: enter(desk, lada, bought("south", 1)),
        lambda: adjust_fund(desk, lada.id, "north", FIRST, Decimal(1), "why", author="importer"),
    ):
        with pytest.raises(InvalidInput, match="is closed"):
            act()
    clock.advance(timedelta(days=60))
    keep_up(desk)
    assert figures(desk, "north") == (100_000, 0, 0, 100_000, 0)


def test_the_payer_adds_and_takes(desk: Desk, lada: Programme) -> None:
    def adjust(amount: str, why: str = "bonus", **told: Any) -> None:
        adjust_fund(desk, lada.id, "south", FIRST, Decimal(amount), why, author="importer", **told)

    adjust("5000.50")
    adjust("-1000.50")
    assert figures(desk, "south") == (4_000, 0, 0, 0, 4_000)
    enter(desk, lada, bought("south", 50_000))
    assert figures(desk, "south") == (5_000, 0, 0, 0, 5_000)
    for told, said in (
        ({"amount": "-5001"}, r"There are 5000\.00"), ({"amount": "0"}, "nothing"),
        ({"amount": "1", "why": " "}, "reason"),
        ({"amount": "1.005"}, "two decimals"), ({"amount": "1", "currency": "EUR"}, "in RUB"),
        ({"amount": "NaN"}, "no amount"), ({"amount": "1e30"}, "no amount"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=said):
            adjust(**told)
    assert figures(desk, "south") == (5_000, 0, 0, 0, 5_000)


def test_money_that_is_carried_over_expires_later(desk: Desk, clock: FrozenClock) -> None:
    told = LADA.model_copy(update={"carry_quarters": 1, "name": "carried", "rules": RULES})
    carried = add_programme(desk, told, author="importer")
    wish = asked(desk, carried.id, cost=Decimal(120_000))
    clock.advance(timedelta(days=60))
    keep_up(desk)
    assert figures(desk) == (200_000, 0, 0, 0, 200_000)
    decided(desk, wish, Act.APPROVE)
    assert {str(quarter): bucket.reserved for quarter, bucket in balance(desk).buckets.items()} == {
        "2027-Q1": 60_000_00, "2027-Q2": 0,
    }  # fmt: skip
    clock.advance(timedelta(days=90))
    assert figures(desk) == (200_000, 60_000, 0, 40_000, 100_000)
    clock.advance(timedelta(days=90))
    assert figures(desk) == (200_000, 60_000, 0, 140_000, 0)
    keep_up(desk)
    assert figures(desk) == (200_000, 60_000, 0, 140_000, 0)


def test_what_a_dealer_does_not_see_is_not_listed(desk: Desk, lada: Programme) -> None:
    enter(desk, lada, bought("south", 1), bought("north", 2))
    with desk.engine.connect() as connection:
        found = list_purchases(connection, lada.id, Visibility(dealers=frozenset({"north"})))
    assert [each.dealer for each in found] == ["north"]


@pytest.mark.parametrize("text", ["2027-Q1", "2027Q1", "q1 2027", " Q1-2027 ", "2027/Q1", "2027 К1"])
def test_quarters_as_they_are_written(text: str) -> None:
    assert read_quarter(text) == FIRST


@pytest.mark.parametrize("text", ["", "2027", "Q1", "2027-Q5", "1999-Q4", "2100-Q1", "27-Q1"])
def test_what_is_no_quarter(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_quarter(text)


def test_quarters_go_round_the_year() -> None:
    last = Quarter(2027, 4)
    assert (last.after(1), last.after(-4), last.after(6)) == (Quarter(2028, 1), Quarter(2026, 4), Quarter(2029, 2))
    assert [str(each) for each in Quarter(2027, 3).until(Quarter(2028, 1))] == ["2027-Q3", "2027-Q4", "2028-Q1"]
    assert all(quarter_of(day) == last for day in (last.first_day, last.last_day))
