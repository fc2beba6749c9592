"""Money in any currency becomes the account's by the rate of its date; without one it stands apart."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from attribution.rates import Rate, list_rates, missing_rates, read_rates, remove_rate, set_rates
from collectors.items import Item, Unreadable
from infra.audit import audit_log
from infra.clock import FrozenClock
from infra.errors import InvalidInput, NotFound
from tests.attribution.world import NOW, World, lead, spend, stage, visit

RATES = [
    Rate(currency="USD", date=date(2026, 1, 1), rate=Decimal("80.5")),
    Rate(currency="USD", date=date(2026, 1, 10), rate=Decimal("81.123456")),
    Rate(currency="EUR", date=date(2026, 1, 5), rate=Decimal(95)),
]


def rated(world: World) -> None:
    set_rates(world.services.database, RATES, author="anna", clock=world.services.clock)


def test_spend_is_turned_by_the_rate_of_its_first_day(world: World) -> None:
    rated(world)
    world.set(currency="RUB", net_of_vat=True, vat_percent=20)
    world.tell({
        "spend": [
            spend("2026-01-01", "2026-01-01", "10.01", "a", currency="USD"),
            spend("2026-01-09", "2026-01-12", 100, "b", currency="USD"),
            spend("2026-01-11", "2026-01-11", "0.3333", "c", currency="USD", vat_included=True),
            spend("2026-01-11", "2026-01-11", 7, "d", currency="RUB"), spend("2026-01-11", "2026-01-11", 9, "e"),
            spend("2026-01-04", "2026-01-04", 50, "f", currency="EUR", clicks=3),
            spend("2026-01-05", "2026-01-06", 51, "f", currency="GBP"),
        ],
    })  # fmt: skip
    world.attribute()
    cost = {name: Decimal(str(round(value, 4))) for name, value in world.figures("source", "cost").items()}
    assert cost == {"a": Decimal("805.805"), "b": 8050, "c": Decimal("22.5320"), "d": 7, "e": 9}
    report = world.report("source")
    assert [each.as_dict() for each in missing_rates(world.services.warehouse, report.run_read)] == [
        {"family": "spend", "currency": "EUR", "from": "2026-01-04", "to": "2026-01-04", "events": 1, "amount": 50.0},
        {"family": "spend", "currency": "GBP", "from": "2026-01-05", "to": "2026-01-05", "events": 1, "amount": 51.0},
    ]
    assert report.about["missing_rates"][0]["currency"] == "EUR"


def test_deals_are_turned_by_the_rate_of_the_sale(world: World) -> None:
    rated(world)
    world.tell({
        "deals": [
            stage("d1", "contract", 1, amount=100, currency="USD"),
            stage("d1", "sale", 12, margin="10.5", currency="EUR"),
            stage("d2", "sale", 2, amount=1000, currency="EUR"), stage("d3", "sale", 2, amount=5, margin=1),
            stage("d4", "visit", 2, amount=1000, currency="GBP"),
            stage("d5", "contract", 1, amount=7, currency="GBP"), stage("d5", "sale", 2, amount=8),
            stage("d6", "sale", 2, amount=9), stage("d6", "contract", 1, margin=3, currency="GBP"),
        ],
    })  # fmt: skip
    world.attribute()
    report = world.report("month")
    assert report.totals["revenue"] == 8112.3456 + 5 + 8 + 9
    assert report.totals["margin"] == 997.5 + 1
    assert report.totals["sales"] == 5
    missing = [(each["family"], each["currency"], each["amount"]) for each in report.about["missing_rates"]]
    assert missing == [("deals", "EUR", 1000), ("deals", "GBP", 3)]


def test_a_fee_is_turned_by_the_rate_of_the_months_first_day(world: World) -> None:
    rated(world)
    fee = {"from": "2026-01-01", "to": "2026-01-31", "fixed_month": 31, "per_lead": 2, "currency": "USD"}
    unknown = {"from": "2026-01-01", "to": "2026-01-31", "fixed_month": 31, "currency": "EUR"}
    world.refer(contractors=[{"id": "agency", "campaigns": [{"source": "yandex"}], "fees": [fee, unknown]}])
    world.tell({
        "spend": [spend("2026-01-01", "2026-01-31", 100, "yandex")],
        "touches": [visit("t1", "v1", 1, "yandex")],
        "leads": [lead("l1", 20, visitor_id="v1")],
    })  # fmt: skip
    world.attribute()
    report = world.report("source")
    assert report.totals["cost"] == 100 + 33 * 80.5
    (missing,) = report.about["missing_rates"]
    assert (missing["family"], missing["currency"]) == ("fees", "EUR")


def test_where_all_is_in_the_accounts_currency_nothing_changes(world: World) -> None:
    world.tell({"spend": [spend("2026-01-01", "2026-01-03", 100, "yandex", currency="RUB")]})
    world.attribute()
    report = world.report("source")
    assert report.totals["cost"] == 100
    assert "missing_rates" not in report.about


def test_rates_are_listed_replaced_and_removed(database: Engine) -> None:
    clock = FrozenClock(NOW)
    for rate in (Decimal(90), Decimal("0.0061234567")):
        set_rates(
            database, [*RATES, Rate(currency="usd", date=date(2026, 2, 1), rate=rate)], author="anna", clock=clock
        )
    newest = {"currency": "USD", "date": "2026-02-01", "rate": 0.0061234567}
    assert list_rates(database, "usd", 1) == ([newest], 3)
    assert list_rates(database)[1] == 4
    remove_rate(database, "usd", date(2026, 2, 1), author="anna", clock=clock)
    assert list_rates(database, "USD")[1] == 2
    with pytest.raises(NotFound, match="There is no rate of USD from 2026-02-01 on"):
        remove_rate(database, "usd", date(2026, 2, 1), author="anna", clock=clock)
    with database.connect() as connection:
        notes = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()
    assert [(note.who, note.before, note.after) for note in notes] == [
        ("anna", "", "4 rates of EUR, USD, 2026-01-01 to 2026-02-01")
    ] * 2 + [("anna", "USD 2026-02-01: 0.0061234567", "")]


def test_rates_are_read_as_central_banks_write_them() -> None:
    told: list[Item] = [
        {"Currency": "jpy", "date": "31.01.2026", "nominal": 100, "rate": "54,1"},
        {"currency": "USD", "date": "2026-01-31", "rate": "81.25", "nominal": "", "name": "US dollar"},
    ]
    assert [(each.currency, each.date, each.of_one) for each in read_rates(told)] == [
        ("JPY", date(2026, 1, 31), Decimal("0.541")), ("USD", date(2026, 1, 31), Decimal("81.25")),
    ]  # fmt: skip
    for wrong, word in (
        ({"currency": "XXQ"}, "ISO 4217"), ({"date": "soon"}, "date"), ({"rate": 0}, "greater than 0"),
        ({"rate": "many"}, "decimal"), ({"nominal": -1}, "greater than 0"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=word):
            read_rates([*told, {"currency": "USD", "date": "2026-01-31", "rate": 1, **wrong}])
    with pytest.raises(InvalidInput, match="Row 1 cannot be read: no CSV"):
        read_rates([Unreadable("x", "no CSV")])
