"""Costs: spend over the days of its period, VAT, contractors' fees, messages, and who bears what names no dealer."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from attribution.answer import Answer
from attribution.question import Condition
from attribution.sharing import DealerShare
from tests.attribution.world import World, lead, moment, spend, visit

CAMPAIGNS = [{"source": "yandex"}]
DEALERS = [{"id": "north", "brand": "Lada", "weight": 3}, {"id": "south", "brand": "Geely", "weight": 1}]


def agency(*fees: dict[str, Any]) -> dict[str, Any]:
    return {"id": "agency", "campaigns": CAMPAIGNS, "fees": list(fees)}


def cost(world: World, by: str, **asked: Any) -> dict[str, Decimal]:
    """Exact: ten-thousandths are the smallest unit."""
    return {name: Decimal(str(round(value, 4))) for name, value in world.figures(by, "cost", **asked).items()}


def of(*sources: str) -> dict[str, Any]:
    """What a question asks to be told of some sources alone."""
    return {"where": (Condition("source", sources),)}


def media(world: World) -> None:
    """Each story is of a source of its own."""
    days, sent = ("2026-01-01", "2026-01-03"), {"occurred_at": moment(1), "channel": "sms", "campaign": "trade-in"}
    world.tell({
        "spend": [
            spend("2026-01-30", "2026-02-01", 100, "spread", impressions=10, clicks=2),
            spend("2026-01-01", "2026-01-31", 310, "part"),
            spend(*days, 100, "again"), spend(*days, 7, "not again"),
            spend("2026-01-01", "2026-01-01", 100, "radio"), spend("2026-01-01", "2026-01-01", 5),
        ],
        "messages": [
            *(sent | {"id": f"m{n}", "message_id": f"m{n}", "event": "sent", "cost": "2.35"} for n in range(3)),
            sent | {"id": "m0-delivered", "message_id": "m0", "event": "delivered", "cost": 0},
        ],
    })  # fmt: skip
    world.wait()
    world.tell({"spend": [spend(*days, "80.50", "again")]})
    world.attribute()


def test_a_period_is_spread_over_its_days_and_nothing_is_lost(shared: World) -> None:
    shared.hold(media)
    days = cost(shared, "day", **of("spread"))
    assert sorted(days) == ["2026-01-30", "2026-01-31", "2026-02-01"]
    assert {round(part, 2) for part in days.values()} == {Decimal("33.33")}
    assert sum(days.values()) == 100
    assert cost(shared, "month", **of("spread"))["2026-02-01"] == days["2026-02-01"]
    assert sum(shared.figures("day", "impressions", **of("spread")).values()) == 10
    assert sum(shared.figures("day", "clicks", **of("spread")).values()) == 2


def test_a_report_over_a_part_of_a_period_holds_its_days(shared: World) -> None:
    shared.hold(media)
    told = shared.report("channel", first=date(2026, 1, 10), last=date(2026, 1, 14), **of("part"))
    assert told.totals["cost"] == 50


def test_a_row_sent_again_replaces_itself(shared: World) -> None:
    shared.hold(media)
    assert cost(shared, "source", **of("again", "not again")) == {"again": Decimal("80.5"), "not again": 7}


def test_messages_cost_where_they_were_sent(shared: World) -> None:
    shared.hold(media)
    assert cost(shared, "campaign")["trade-in"] == Decimal("7.05")
    assert cost(shared, "channel")["messages"] == Decimal("7.05")
    assert cost(shared, "part") == {"messages": Decimal("7.05"), "media": Decimal("602.5")}


def test_cost_that_brought_nothing_shows_in_its_own_row(shared: World) -> None:
    shared.hold(media)
    assert cost(shared, "source", **of("radio")) == {"radio": 100}
    assert cost(shared, "source", where=(Condition("channel", ("(none)",)),)) == {"(none)": 5}
    assert cost(shared, "channel")["(none)"] == 5


def agencies(world: World) -> None:
    """Each story is of a contractor of its own, whose source has its name."""
    agreed = {
        "percent": {"from": "2026-01-02", "to": "2026-01-03", "percent": 12.5},
        "month": {"from": "2026-01-01", "to": "2026-01-31", "fixed_month": 310},
        "leads": {"from": "2026-01-01", "per_lead": 500},
        "passed over": {"percent": 10},
    }
    own = [{"id": name, "campaigns": [{"source": name}], "fees": [fee]} for name, fee in agreed.items()]
    world.refer(contractors=[*own, {"id": "other", "fees": [{"percent": 50}]}])
    world.tell({
        "spend": [
            spend("2026-01-01", "2026-01-04", 400, "percent"), spend("2026-01-01", "2026-01-04", 8, "nobody's"),
            spend("2026-01-05", "2026-01-05", 100, "month", campaign="a"),
            spend("2026-01-20", "2026-01-20", 300, "month", campaign="b"),
            spend("2026-01-01", "2026-01-01", 100, "passed over", contractor="other"),
        ],
        "touches": [
            visit("first", "v", 0, "vk"), visit("last", "v", 40, "vk"),
            visit("t1", "v1", 1, "leads"), visit("t2", "v2", 1, "vk"),
        ],
        "leads": [
            lead("l1", 2, visitor_id="v1", dealer="north"), lead("l2", 3, visitor_id="v1", dealer="south"),
            lead("l3", 2, visitor_id="v2", dealer="north"),
        ],
    })  # fmt: skip
    world.attribute()


def test_percent_of_media_is_taken_while_it_is_agreed(shared: World) -> None:
    shared.hold(agencies)
    assert cost(shared, "source", **of("percent", "nobody's")) == {"percent": 425, "nobody's": 8}
    assert cost(shared, "day", **of("percent", "nobody's"))["2026-01-02"] == Decimal("114.5")
    assert cost(shared, "contractor", **of("percent", "nobody's")) == {"percent": 425, "(none)": 8}


def test_a_months_fee_lies_on_the_media_of_the_month_by_cost(shared: World) -> None:
    shared.hold(agencies)
    assert cost(shared, "campaign", **of("month")) == {"a": Decimal("177.5"), "b": Decimal("532.5")}


def test_a_fee_for_each_lead_goes_by_who_brought_it(shared: World) -> None:
    shared.hold(agencies)
    assert cost(shared, "contractor")["leads"] == 1000
    assert cost(shared, "source", **of("leads", "vk")) == {"leads": 1000}
    assert cost(shared, "dealer", **of("leads")) == {"north": 500, "south": 500}


def test_a_row_that_names_its_contractor_is_his(shared: World) -> None:
    shared.hold(agencies)
    assert cost(shared, "contractor", **of("passed over")) == {"other": 150}
    assert "passed over" not in cost(shared, "contractor")


def taxed(world: World, net: bool) -> None:
    """A row with the tax in it, and one without."""
    world.set(net_of_vat=net, vat_percent=20)
    day = ("2026-01-01", "2026-01-01")
    world.tell({"spend": [spend(*day, 120, f"{included}", vat_included=included) for included in (True, False)]})
    world.attribute()


@pytest.mark.parametrize(
    ("net", "included", "told"), [(True, True, 100), (True, False, 120), (False, True, 120), (False, False, 120)]
)
def test_value_added_tax_is_taken_out_where_it_is_in(shared: World, net: bool, included: bool, told: int) -> None:
    shared.hold(taxed, net)
    assert cost(shared, "source")[f"{included}"] == told


def test_a_months_fee_without_media_lies_on_its_days(world: World) -> None:
    world.refer(contractors=[agency({"from": "2026-01-22", "fixed_month": 310})])
    world.tell({"touches": [visit("first", "v", 0, "vk"), visit("last", "v", 35, "vk")]})
    world.attribute()
    assert cost(world, "contractor") == {"agency": Decimal("155.3571")}  # 10 days of January, 5 of 28 of February
    assert cost(world, "month") == {"2026-01-01": 100, "2026-02-01": Decimal("55.3571")}
    assert cost(world, "source") == {"(none)": Decimal("155.3571")}


def test_of_several_campaigns_that_fit_the_one_that_names_most_holds(world: World) -> None:
    owned = {
        "by-source": {"source": "yandex"},
        "by-medium": {"medium": "cpc"},
        "by-campaign": {"campaign": "spring"},
        "by-two": {"source": "vk", "medium": "cpc"},
        "by-all": {"source": "vk", "medium": "cpc", "campaign": "spring"},
    }
    world.refer(contractors=[{"id": name, "campaigns": [marks]} for name, marks in owned.items()])
    day = "2026-01-01"
    world.tell({
        "spend": [
            spend(day, day, 1, "yandex"), spend(day, day, 2, "avito"), spend(day, day, 4, "yandex", campaign="spring"),
            spend(day, day, 8, "vk"), spend(day, day, 16, "vk", campaign="spring"),
            spend(day, day, 32, "vk", campaign="autumn"), spend(day, day, 64, "vk", medium="organic"),
        ],
    })  # fmt: skip
    world.attribute()
    assert cost(world, "contractor") == {
        "by-source": 1, "by-medium": 2, "by-campaign": 4, "by-two": 40, "by-all": 16, "(none)": 64,
    }  # fmt: skip


def test_fees_of_several_kinds_add_up(world: World) -> None:
    world.refer(contractors=[agency({"percent": 10, "fixed_month": 31, "per_lead": 5})])
    world.tell({
        "spend": [spend("2026-01-01", "2026-01-31", 1000, "yandex")],
        "touches": [visit("t1", "v1", 1, "yandex")],
        "leads": [lead("l1", 2, visitor_id="v1")],
    })  # fmt: skip
    world.attribute()
    assert cost(world, "source") == {"yandex": 1000 + 100 + 31 + 5}
    assert cost(world, "part") == {"media": 1000, "fees": 136}


ONE_DAY = ("2026-01-01", "2026-01-01")
SHARED = {
    "spend": [spend(*ONE_DAY, 100, "yandex"), spend(*ONE_DAY, 7, "vk", dealer="north")],
    "leads": [
        lead(f"{dealer}{n}", 1, dealer=dealer)
        for dealer, n in zip(["north"] * 3 + ["south", "w"], range(5), strict=True)
    ],
}


def nameless(world: World) -> None:
    world.refer(dealers=DEALERS)
    world.tell(SHARED)
    world.attribute()


@pytest.mark.parametrize(
    ("rule", "parts", "brands"),
    [
        (DealerShare.LEADS, {"north": 67, "south": 20, "w": 20}, {"Lada": 67, "Geely": 20, "(none)": 20}),
        (
            DealerShare.EVEN,
            {"north": Decimal("40.3333"), "south": Decimal("33.3334"), "w": Decimal("33.3333")},
            {"Lada": Decimal("40.3333"), "Geely": Decimal("33.3333"), "(none)": Decimal("33.3334")},
        ),
        (DealerShare.WEIGHTS, {"north": 82, "south": 25}, {"Lada": 82, "Geely": 25}),
        (DealerShare.NONE, {"north": 7, "(none)": 100}, {"Lada": 7, "(none)": 100}),
    ],
)
def test_cost_without_a_dealer_is_shared_out_by_the_rule(
    shared: World, rule: DealerShare, parts: dict[str, Any], brands: dict[str, Any]
) -> None:
    shared.hold(nameless)
    assert cost(shared, "dealer", share=rule) == pytest.approx(parts, abs=Decimal("0.0001"))
    assert cost(shared, "brand", share=rule) == pytest.approx(brands, abs=Decimal("0.0001"))
    assert cost(shared, "source", share=rule) == {"yandex": 100, "vk": 7}
    by_both = shared.report("source", "dealer", share=rule).rows.query("cost > 0")
    assert by_both.groupby("source")["cost"].sum().round(4).to_dict() == {"yandex": 100, "vk": 7}
    assert by_both.groupby("dealer")["cost"].sum().round(4).to_dict() == pytest.approx(
        {name: float(part) for name, part in parts.items()}, abs=1e-4
    )


amounts = st.decimals(min_value=0, max_value=10**7, places=4)


@settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.tuples(amounts, st.integers(1, 31), st.integers(0, 70), st.sampled_from(["", "north", "south", "west"])),
        min_size=1, max_size=8,
    ),
    percent=st.floats(0, 30),
    month=st.decimals(min_value=0, max_value=10**5, places=2),
)  # fmt: skip
def test_no_rouble_is_lost_or_made(world: World, rows: list[tuple[Any, ...]], percent: float, month: Decimal) -> None:
    """All media, and fees as they were agreed, stand in every report, whatever it groups by and shares by."""
    world.clear()
    world.refer(
        dealers=DEALERS,
        contractors=[agency({"from": "2026-01-01", "to": "2026-01-31", "percent": percent, "fixed_month": str(month)})],
    )
    told = [
        spend(moment(first)[:10], moment(first + days - 1)[:10], amount, "yandex", dealer=dealer, id=f"s{n}")
        for n, (amount, days, first, dealer) in enumerate(rows)
    ]
    edges = [visit("first", "v", 0), visit("last", "v", 30)]
    world.tell({"spend": told, "touches": edges})
    world.attribute()
    media = sum((row[0] for row in rows), Decimal(0))
    of_january = Decimal(world.rows(JANUARYS_MEDIA)[0]["cost"])
    whole = media + of_january * Decimal(percent) / 100 + month
    for by in (("source",), ("day",), ("contractor",), ("brand", "month")):
        assert_adds_up(world.report(*by), whole)
    for rule in DealerShare:
        assert_adds_up(world.report("dealer", share=rule), whole)


def assert_adds_up(report: Answer, whole: Decimal) -> None:
    assert report.totals["cost"] == pytest.approx(float(whole), abs=1e-3)
    assert report.rows["cost"].sum() == pytest.approx(report.totals["cost"], abs=1e-6)
    assert (report.rows["cost"] >= 0).all()


JANUARYS_MEDIA = """
    select sum(cost) as cost from daily_costs
    where
        run = (select max(run) from attribution_runs) and part = 'media'
        and date between '2026-01-01' and '2026-01-31'
"""
