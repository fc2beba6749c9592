"""Money in any currency becomes the account's by the rate of its date; without one it stands apart."""

from datetime import date
from decimal import Decimal

from attribution.rates import Rate, missing_rates, set_rates
from tests.attribution.world import World, lead, spend, stage, visit

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
    assert [each.as_dict() for each in missing_rates(world.services.warehouse, report.run)] == [
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
        ],
    })  # fmt: skip
    world.attribute()
    report = world.report("month")
    assert report.totals["revenue"] == 8112.3456 + 5
    assert report.totals["margin"] == 997.5 + 1
    assert report.totals["sales"] == 3
    (missing,) = report.about["missing_rates"]
    assert (missing["family"], missing["currency"], missing["amount"]) == ("deals", "EUR", 1000)


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
