"""How old what is unspent is, what expires, and what waits for whom."""

from datetime import date, timedelta
from decimal import Decimal

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import FrozenClock
from planning.desk import Desk
from planning.funds.balances import balances
from planning.funds.deciding import Decision, decide
from planning.funds.documents import PurchaseTold
from planning.funds.programme import Programme
from planning.funds.programme_register import change_programme
from planning.funds.purchases import enter_purchases
from planning.funds.reports import ageing_report, balance_report
from planning.funds.states import Act, Party
from planning.funds.waiting import Waiting, waiting
from tests.planning.funds.work import LADA, asked, balance, by, claimed, decided, figures


def enter(desk: Desk, programme: Programme, amount: int) -> None:
    told = PurchaseTold(dealer="south", quarter="2027-Q1", amount=Decimal(amount))
    enter_purchases(desk, programme.id, [told], author="importer")


def test_what_is_unspent_is_of_what_was_earned_last(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    enter(desk, lada, 5_000_000)
    clock.advance(timedelta(days=31))
    enter(desk, lada, 6_000_000)
    assert balance(desk, "south").unspent == (20_000_00, 100_000_00, 0, 0)
    decided(desk, asked(desk, lada.id, "south", cost=Decimal(60_000)), Act.APPROVE)
    assert balance(desk, "south").unspent == (20_000_00, 70_000_00, 0, 0)
    endless = LADA.model_copy(update={"carry_quarters": None})
    change_programme(desk, lada.id, endless, based_on=1, author="importer")
    clock.advance(timedelta(days=30))
    assert balance(desk, "south").unspent == (20_000_00, 0, 70_000_00, 0)
    clock.advance(timedelta(days=30))
    assert balance(desk, "south").unspent == (0, 20_000_00, 0, 70_000_00)
    assert balance(desk, "south").expiring == ()


def test_claims_age_from_when_they_were_sent(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    sent = claimed(desk, decided(desk, asked(desk, lada.id), Act.APPROVE))
    assert balance(desk).claimed == (50_000_00, 0, 0, 0)
    clock.advance(timedelta(days=91))
    assert balance(desk).claimed == (0, 0, 0, 50_000_00)
    decided(desk, sent, Act.SETTLE)
    assert balance(desk).claimed == (0, 0, 0, 0)


def test_what_will_expire_is_told_with_its_day(desk: Desk, lada: Programme) -> None:
    (expiry,) = balance(desk).expiring
    assert (expiry.day, expiry.amount) == (date(2027, 3, 31), 100_000_00)


def test_each_sees_their_own(desk: Desk, lada: Programme) -> None:
    with desk.engine.connect() as connection:
        everything = balances(connection, desk, EVERYTHING)
        own = balances(connection, desk, Visibility(dealers=frozenset({"south"})))
        others = balances(connection, desk, Visibility(dealers=frozenset({"east"})))
    assert [each.dealer.id for each in everything] == ["north", "south"]
    assert [each.dealer.id for each in own] == ["south"]
    assert others == []


def test_reports_have_sums_of_one_currency(desk: Desk, lada: Programme) -> None:
    enter(desk, lada, 1_000_000)
    with desk.engine.connect() as connection:
        found = balances(connection, desk, EVERYTHING)
    report = balance_report(found)
    assert report.totals == {"earned": 120_000, "reserved": 0, "settled": 0, "expired": 0, "available": 120_000}
    assert report.items()[0] == {
        "programme": "Lada 2027", "dealer": "north", "dealer_name": "Север", "brand": "Lada", "currency": "RUB",
        "earned": 100_000, "reserved": 0, "settled": 0, "expired": 0, "available": 100_000,
    }  # fmt: skip
    aged = ageing_report(found).items()[1]
    assert (aged["unspent_0_30"], aged["expires_on"], aged["expires"]) == (20_000, "2027-03-31", 20_000)
    assert balance_report([]).items() == []


def told(desk: Desk, seen: Visibility = EVERYTHING) -> list[Waiting]:
    with desk.engine.connect() as connection:
        return waiting(connection, desk, seen)


def turns(desk: Desk) -> list[tuple[str, Party, date | None]]:
    return [(each.kind, each.acts, each.due) for each in told(desk) if each.kind != "expires"]


def test_whose_turn_it_is(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    wish = asked(desk, lada.id)
    assert turns(desk) == [("decide", Party.PAYER, date(2027, 2, 1))]
    returned = decided(desk, wish, Act.RETURN, comment="where?")
    assert turns(desk) == [("answer", Party.DEALER, date(2027, 2, 1))]
    decide(desk, wish.id, Decision(act=Act.CANCEL, revision=returned.revision, comment="no"), by("anna"))
    assert turns(desk) == []
    approved = decided(desk, asked(desk, lada.id), Act.APPROVE)
    assert turns(desk) == []
    clock.advance(timedelta(days=20))
    assert turns(desk) == [("claim", Party.DEALER, date(2027, 5, 29))]
    sent = claimed(desk, approved)
    assert turns(desk) == [("check", Party.PAYER, None)]
    back = decided(desk, sent, Act.RETURN_CLAIM, comment="screenshots")
    assert turns(desk) == [("claim", Party.DEALER, date(2027, 5, 29))]
    settled = decided(desk, claimed(desk, back), Act.SETTLE)
    assert turns(desk) == [("pay", Party.PAYER, None)]
    decided(desk, settled, Act.PAY, payment="1")
    assert turns(desk) == []


def test_one_whose_deadline_has_passed_waits_for_the_payer(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    decided(desk, asked(desk, lada.id), Act.APPROVE)
    clock.advance(timedelta(days=120))
    assert turns(desk) == [("extend", Party.PAYER, date(2027, 5, 29))]


def test_money_that_expires_soon_waits_for_its_dealer(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    assert told(desk) == []
    clock.advance(timedelta(days=20))
    (expiring,) = told(desk, Visibility(dealers=frozenset({"north"})))
    assert (expiring.kind, expiring.due, expiring.amount) == ("expires", date(2027, 3, 31), 100_000_00)
    assert told(desk, Visibility(dealers=frozenset({"south"}))) == []
    assert figures(desk) == (100_000, 0, 0, 0, 100_000)
