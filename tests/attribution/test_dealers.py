"""The comparison of dealers, from events to ranks."""

from collections import defaultdict
from datetime import date
from random import Random
from typing import Any

import pytest

from attribution.answer import Answer, Period
from attribution.dealers import COMPARABLE, Comparison, Peers, dealer_comparison
from attribution.intervals import rate_interval, share_interval
from infra.errors import InvalidInput, NotReady
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, spend, stage, visit

PERIOD = Period(FIRST_DAY, LAST_DAY)


def comparison(world: World, *measures: str, peers: Peers = Peers.HOLDING, period: Period = PERIOD) -> Answer:
    return dealer_comparison(world.services.warehouse, Comparison(period, measures or COMPARABLE, peers), "UTC")


def by_dealer(answer: Answer) -> dict[str, dict[str, Any]]:
    return {row["dealer"]: row for row in answer.items()}


def requests(dealer: str, source: str, asked: int, bought: int, at: float = 10) -> dict[str, list[dict[str, Any]]]:
    """Visits of a source, each with a lead at the dealer, and sales of the first of them."""
    names = [f"{dealer}-{source}-{n}" for n in range(asked)]
    return {
        "touches": [visit(f"t-{name}", f"v-{name}", at, source) for name in names],
        "leads": [lead(f"l-{name}", at + 1, visitor_id=f"v-{name}", dealer=dealer) for name in names],
        "deals": [
            stage(f"d-{name}", "sale", at + 5, visitor_id=f"v-{name}", dealer=dealer, amount=1000, margin=100)
            for name in names[:bought]
        ],
    }


def tell(world: World, *parts: dict[str, list[dict[str, Any]]]) -> None:
    whole: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for part in parts:
        for family, events in part.items():
            whole[family] += events
    world.tell(whole)
    world.attribute()


def test_a_dealer_with_a_worse_mix_and_equal_skill_is_ranked_beside_the_others(world: World) -> None:
    """Search sells a half, radio a tenth, whoever asks: a dealer that gets radio is no worse."""
    mixes = {f"search-{n}": (40, 10) for n in range(4)} | {f"radio-{n}": (10, 40) for n in range(4)}
    tell(
        world,
        *(requests(name, "yandex", search, search // 2) for name, (search, _) in mixes.items()),
        *(requests(name, "radio", radio, radio // 10) for name, (_, radio) in mixes.items()),
    )
    rows = by_dealer(comparison(world, "cr_lead_sale"))
    assert rows["search-0"]["cr_lead_sale"] == pytest.approx(21 / 50)
    assert rows["radio-0"]["cr_lead_sale"] == pytest.approx(9 / 50)
    adjusted = [rows[name]["cr_lead_sale_adjusted"] for name in mixes]
    assert max(adjusted) - min(adjusted) < 0.03
    assert {rows[name]["cr_lead_sale_flag"] for name in mixes} == {""}
    assert all(row["cr_lead_sale_adjusted_low"] < 0.3 < row["cr_lead_sale_adjusted_high"] for row in rows.values())


def test_a_dealer_that_really_is_better_is_told_and_ranked_first(world: World) -> None:
    tell(world, requests("best", "yandex", 60, 40), *(requests(f"d{n}", "yandex", 60, 12) for n in range(7)))
    answer = comparison(world, "cr_lead_sale", "cps", "romi")
    first, *others = answer.items()
    assert (first["dealer"], first["cr_lead_sale_rank"], first["cr_lead_sale_flag"]) == ("best", 1, "better")
    assert {row["cr_lead_sale_flag"] for row in others} == {""}
    assert first["cr_lead_sale_q"] < 0.01
    assert 0.3 < first["cr_lead_sale_adjusted"] < first["cr_lead_sale"] == pytest.approx(40 / 60)


def test_figures_of_cost_are_adjusted_for_the_channels_money_goes_to(world: World) -> None:
    """A lead of search costs 10, one of radio 40; one dealer pays double for each."""
    dear = ["yandex"] * 4 + ["radio"] * 4
    parts = [requests(f"d{n}", source, 40 if source == "yandex" else 20, 5) for n, source in enumerate(dear)]
    parts += [requests(f"d{n}", "yandex" if source == "radio" else "radio", 20, 2) for n, source in enumerate(dear)]
    parts.append(requests("wasteful", "yandex", 60, 5))
    counts = {(f"d{n}", source): 40 if source == "yandex" else 20 for n, source in enumerate(dear)}
    counts |= {(f"d{n}", "yandex" if source == "radio" else "radio"): 20 for n, source in enumerate(dear)}
    prices = {"yandex": 10, "radio": 40}
    spent = [
        spend("2026-01-05", "2026-01-05", count * prices[source], source, dealer=dealer)
        for (dealer, source), count in counts.items()
    ]
    spent.append(spend("2026-01-05", "2026-01-05", 60 * 25, "yandex", dealer="wasteful"))
    tell(world, *parts, {"spend": spent})
    rows = by_dealer(comparison(world, "cpl"))
    assert rows["wasteful"]["cpl"] == 25
    assert rows["wasteful"]["cpl_flag"] == "worse"
    assert rows["wasteful"]["cpl_rank"] == 9
    honest = [rows[f"d{n}"]["cpl_adjusted"] for n in range(8)]
    assert max(honest) < 1.2 * min(honest)
    assert rows["wasteful"]["cpl_adjusted"] > 1.6 * max(honest)
    low, high = rate_interval(60, 1500)
    assert (rows["wasteful"]["cpl_low"], rows["wasteful"]["cpl_high"]) == pytest.approx((1 / high, 1 / low))


def test_peers_are_those_of_the_brand_or_the_city(world: World) -> None:
    world.refer(
        dealers=[
            {"id": f"d{n}", "brand": "Lada" if n < 4 else "Geely", "city": "Москва" if n % 2 else "Казань"}
            for n in range(8)
        ]
    )
    tell(world, *(requests(f"d{n}", "yandex", 30, 6 if n < 4 else 18) for n in range(8)))
    for peers, place in ((Peers.BRAND, ["brand"]), (Peers.CITY, ["city"]), (Peers.BRAND_AND_CITY, ["brand", "city"])):
        rows = comparison(world, "cr_lead_sale", peers=peers).rows
        for _, group in rows.groupby(place):
            assert group["cr_lead_sale_peers"].to_numpy() == pytest.approx(group["cr_lead_sale_adjusted"].mean())
    assert set(rows["city"]) == {"Москва", "Казань"}


def test_every_measure_holds_together(world: World) -> None:
    tell(
        world,
        *(requests(f"d{n}", "yandex", 20 + n, 4 + n) for n in range(5)),
        {"spend": [spend("2026-01-05", "2026-01-20", 5000, "yandex")]},
    )
    answer = comparison(world)
    assert answer.rows["cost"].sum() == pytest.approx(5000)
    assert answer.totals["cost"] == pytest.approx(5000)
    assert answer.totals["cohort_leads"] == answer.rows["cohort_leads"].sum() == 110
    assert answer.totals["cr_lead_sale"] == pytest.approx(30 / 110)
    for row in answer.items():
        for slug in COMPARABLE:
            if row[slug] is not None:
                assert row[f"{slug}_low"] <= row[slug] <= row[f"{slug}_high"]
            if row[f"{slug}_adjusted"] is not None:
                assert row[f"{slug}_adjusted_low"] <= row[f"{slug}_adjusted"] <= row[f"{slug}_adjusted_high"]
        counted = (row["cohort_sales"], row["cohort_leads"])
        assert (row["cr_lead_sale_low"], row["cr_lead_sale_high"]) == pytest.approx(share_interval(*counted))
        assert row["romi"] == pytest.approx(row["margin"] / row["cost"] - 1)


def test_what_cannot_be_compared_is_said(world: World) -> None:
    with pytest.raises(NotReady):
        comparison(world)
    with pytest.raises(InvalidInput, match="not compared by 'colour'"):
        Comparison(PERIOD, ("colour",))
    with pytest.raises(InvalidInput, match="No measure"):
        Comparison(PERIOD, ())
    world.attribute()
    assert comparison(world).items() == []
    tell(world, requests("alone", "yandex", 3, 0))
    (row,) = comparison(world).items()
    assert (row["cr_lead_sale"], row["cr_lead_sale_adjusted"], row["cpl"], row["romi"]) == (0, None, 0, None)


def test_leads_are_followed_as_a_plain_loop_follows_them(world: World) -> None:
    random = Random(1)
    dealers = [f"d{n}" for n in range(40)]
    world.tell({
        "leads": [
            lead(f"l{dealer}{n}", random.randint(0, 150), visitor_id=f"{random.choice('ab')}-{dealer}", dealer=dealer)
            for dealer in dealers for n in range(6)
        ],
        "deals": [
            stage(
                f"s{dealer}{n}", random.choice(["qualified", "visit", "sale"]), random.randint(0, 170),
                visitor_id=f"{random.choice('ab')}-{random.choice(dealers)}", dealer=dealer,
            )
            if random.random() < 0.2 else
            stage(
                f"s{dealer}{n}", random.choice(["qualified", "visit", "sale"]), random.randint(0, 170),
                visitor_id=f"{random.choice('ab')}-{dealer}", dealer=dealer,
            )
            for dealer in dealers for n in range(5)
        ],
    })  # fmt: skip
    world.attribute()
    sql = (
        "select id, kind, person, dealer, toUnixTimestamp(at) as at from conversions_of_run(run = {run:UInt32})"
        " where (kind = 'lead') = {leads:Bool}"
    )
    counted, stages = (world.rows_of_run(sql, leads=leads) for leads in (True, False))
    furthest: dict[str, int] = {each["id"]: 0 for each in counted}
    for each in stages:
        before = [
            one for one in counted
            if (one["person"], one["dealer"]) == (each["person"], each["dealer"]) and one["at"] <= each["at"]
        ]  # fmt: skip
        if before:
            chosen = max(before, key=lambda one: one["at"])["id"]
            reach = ("", "qualified", "visit", "sale").index(each["kind"])
            furthest[chosen] = max(furthest[chosen], reach)
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for each in counted:
        for step in range(4):
            expected[each["dealer"]][step] += furthest[each["id"]] >= step
    names = ("cohort_leads", "cohort_qualified", "cohort_visits", "cohort_sales")
    found = {row["dealer"]: [row[name] for name in names] for row in comparison(world, "cr_lead_sale").items()}
    assert {dealer: counts for dealer, counts in found.items() if counts[0]} == dict(expected)


def test_only_leads_of_the_period_are_followed(world: World) -> None:
    tell(world, requests("d", "yandex", 4, 2, at=10), requests("d", "vk", 3, 3, at=50))
    january = Period(date(2026, 1, 1), date(2026, 1, 31))
    (row,) = comparison(world, "cr_lead_sale", period=january).items()
    assert (row["cohort_leads"], row["cohort_sales"]) == (4, 2)
