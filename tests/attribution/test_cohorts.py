"""Cohorts, LTV, CAC and payback: by hand, and against plain Python over random purchases."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from attribution.answer import Answer, Period
from attribution.cohorts import AGE, COHORT_GROUPINGS, CohortQuestion, Start, cohort_report
from infra.errors import InvalidInput
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, spend, stage, visit


def cohorts(
    world: World,
    *by: str,
    start: Start = Start.SALE,
    predict: bool = False,
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
) -> Answer:
    question = CohortQuestion(by, Period(first, last), start, predict)
    return cohort_report(world.services.warehouse, question, world.services.settings)


def purchase(deal: str, person: int, days: float, kind: str = "new_car", **fields: Any) -> dict[str, Any]:
    contact = {"phone": f"+7903000{person:04d}"}
    return stage(deal, "sale", days, contact=contact, kind=kind, dealer="north" if person % 2 else "south", **fields)


def full_months(since: datetime, moment: datetime) -> int:
    """Whole calendar months between."""
    months = (moment.year - since.year) * 12 + moment.month - since.month
    return months - ((moment.day, moment.time()) < (since.day, since.time()))


def random_purchases(seed: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    found = []
    for person in range(50):
        days = np.sort(rng.uniform(0, 170, rng.integers(1, 7)))
        for n, day in enumerate(days):
            kind = "new_car" if rng.random() < 0.4 else "service"
            margin = round(float(rng.uniform(0, 100)), 2)
            found.append(
                purchase(f"d{person}-{n}", person, round(float(day), 5), kind, amount=margin * 10, margin=margin)
            )
    return found


def slow_cells(events: list[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    """By month of the first sale and months since, for months that have begun for anybody."""
    bought = defaultdict(list)
    for event in events:
        bought[event["contact"]["phone"]].append((datetime.fromisoformat(event["occurred_at"]), event))
    until = max(moment for each in bought.values() for moment, _ in each)
    persons: dict[str, list[tuple[datetime, list[tuple[datetime, dict[str, Any]]]]]] = defaultdict(list)
    for each in bought.values():
        each.sort(key=lambda pair: pair[0])
        firsts = [n for n, (_, event) in enumerate(each) if event["kind"] == "new_car"]
        if firsts:
            since = each[firsts[0]][0]
            persons[since.strftime("%Y-%m-01")].append((since, each[firsts[0] :]))
    cells = {}
    for month, members in persons.items():
        for age in range(max(full_months(since, until) for since, _ in members) + 1):
            there = [(since, [p for p in own if full_months(since, p[0]) == age]) for since, own in members]
            over = [(since, own) for since, own in there if full_months(since, until) > age]
            again = [any(moment > since for moment, _ in own) for since, own in there]
            cells[month, age] = {
                "persons": len(members),
                "observed": len(over) / len(members),
                "active": sum(again),
                "retention": sum(any(m > since for m, _ in own) for since, own in over) / len(over) if over else None,
                "sales": sum(event["kind"] == "new_car" for _, own in there for _, event in own),
                "service_visits": sum(event["kind"] == "service" for _, own in there for _, event in own),
                "margin": sum(event["margin"] for _, own in there for _, event in own),
                "over": sum(event["margin"] for _, own in over for _, event in own) / len(over) if over else None,
            }
    return cells


@settings(max_examples=3, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_it_is_what_plain_python_finds_and_laws_hold(world: World, seed: int) -> None:
    world.clear()
    events = random_purchases(seed)
    world.tell({"deals": events})
    world.attribute()
    cells = slow_cells(events)
    report = cohorts(world, "month", AGE)
    told = {(row["month"], row[AGE]): row for row in report.items()}
    assert set(told) == set(cells)
    cumulated: dict[str, float | None] = defaultdict(float)
    for (month, age), cell in sorted(cells.items()):
        row, own = told[month, age], cell.pop("over")
        before = cumulated[month]
        cumulated[month] = None if own is None or before is None else before + own
        cell["margin_per_person"] = cumulated[month]
        expected = {name: value if value is None else pytest.approx(value, abs=1e-6) for name, value in cell.items()}
        assert {name: row[name] for name in expected} == expected, (month, age)
    assert_laws(world)


def assert_laws(world: World) -> None:
    """Cells add up to all that was bought since; LTV never falls where no margin is negative; groups hold the whole."""
    whole = cohorts(world)
    for by in (("month", AGE), ("kind", "month")):
        report = cohorts(world, *by)
        assert report.totals == pytest.approx(whole.totals)
        for name in ("sales", "service_visits", "revenue", "margin"):
            assert report.rows[name].sum() == pytest.approx(whole.totals[name])
        if AGE in by:
            for _, part in report.rows.groupby(by[0]):
                assert (part["margin_per_person"].dropna().diff().dropna() >= -1e-9).all()
                assert (part["observed"].diff().dropna() <= 1e-9).all()
                assert part["margin_per_person"].isna().equals(part["observed"] == 0)
    ltv = whole.rows[["ltv_3", "ltv_6", "ltv_12"]].iloc[0].dropna()
    assert ltv.is_monotonic_increasing
    assert whole.rows["ltv_12"].isna().all()  # half a year is known


def test_recent_customers_do_not_make_ltv_look_poor(world: World) -> None:
    """All bring 100 at once and 60 after two months; half of them came only lately."""
    deals = [
        purchase(f"d{person}-{n}", person, since + after, kind, margin=margin)
        for person in range(20)
        for since in [person / 10 if person < 10 else 100 + person / 10]
        for n, (after, kind, margin) in enumerate([(0, "new_car", 100.0), (65, "service", 60.0)])
        if since + after < 120
    ]  # fmt: skip
    world.tell({"deals": deals, "leads": [lead("last", 120)]})
    world.attribute()
    row = cohorts(world).items()[0]
    assert (row["persons"], row["margin"]) == (20, 20 * 100 + 10 * 60)
    assert (row["ltv_3"], row["observed_3"]) == (160, 0.5)
    assert (row["ltv_6"], row["observed_6"]) == (None, 0)


def test_cac_and_payback_by_first_channel(world: World) -> None:
    """Two customers first came by yandex, which cost 300, one by vk for 500, one by nothing."""
    world.tell({
        "touches": [
            visit("a", "v0", 0, "yandex"), visit("b", "v0", 1, "vk"), visit("c", "v1", 0, "yandex"),
            visit("d", "v2", 0, "vk"),
        ],
        "deals": [
            *(purchase(f"d{n}", n, 5, margin=100, visitor_id=f"v{n}") for n in range(4)),
            *(purchase(f"s{n}", n, 50, "service", margin=80, visitor_id=f"v{n}") for n in range(3)),
        ],
        "spend": [spend("2026-01-01", "2026-01-10", 300, "yandex"), spend("2026-01-01", "2026-01-10", 500, "vk")],
        "leads": [lead("last", 130)],
    })  # fmt: skip
    world.attribute()
    rows = {row["first_source"]: row for row in cohorts(world, "first_source").items()}
    told = {name: (row["persons"], row["cost"], row["cac"], row["payback"]) for name, row in rows.items()}
    assert told == {"yandex": (2, 300, 150, 2), "vk": (1, 500, 500, None), "(no touch)": (1, 0, 0, 1)}
    assert {row["first_channel"] for row in cohorts(world, "first_channel").items()} <= {
        "paid_search", "paid_social", "(no touch)", "other",
    }  # fmt: skip
    assert cohorts(world, "kind").items()[0]["cac"] is None
    assert cohorts(world, "month").items()[0]["cost"] == 800


def test_from_the_first_lead_on(world: World) -> None:
    world.tell({
        "leads": [lead("l0", 1, phone="+79030000000"), lead("l1", 1, phone="+79030000001"), lead("last", 130)],
        "deals": [purchase("d0", 0, 40, margin=50), purchase("again", 0, 100, margin=70)],
    })  # fmt: skip
    world.attribute()
    january = cohorts(world, start=Start.LEAD, last=date(2026, 1, 31)).items()[0]
    assert (january["persons"], january["sales"], january["repeat_sales"], january["ltv_3"]) == (2, 2, 1, 25)
    ages = {row[AGE]: row for row in cohorts(world, AGE, start=Start.LEAD, last=date(2026, 1, 31)).items()}
    assert (ages[0]["active"], ages[1]["active"], ages[1]["retention"], ages[3]["active"]) == (0, 1, 0.5, 1)


def test_every_grouping_can_be_asked(world: World) -> None:
    world.tell({"deals": random_purchases(1)})
    world.attribute()
    persons = cohorts(world).rows["persons"].sum()
    assert len(COHORT_GROUPINGS) % 2 == 1
    for by in zip(COHORT_GROUPINGS[::2], [*COHORT_GROUPINGS[1::2], "dealer"], strict=True):
        assert cohorts(world, *by).rows["persons"].sum() == persons


def random_buyers(rng: np.random.Generator) -> list[dict[str, Any]]:
    """Who buys at a rate of their own and may leave after each time, as the model has it."""
    deals = []
    for person in range(250):
        at, rate, leaves = float(rng.uniform(0, 60)), rng.gamma(2, 1 / 60), rng.beta(1, 8)
        kind, n = "new_car", 0
        while at < 180:
            deals.append(purchase(f"d{person}-{n}", person, at, kind, margin=round(float(rng.gamma(5, 4)) + 1, 2)))
            at, kind, n = at + float(rng.exponential(1 / rate)) + 1, "service", n + 1
            if rng.random() < leaves:
                break
    return deals


def test_the_model_is_believed_where_it_foretold_the_last_quarter(world: World) -> None:
    world.tell({"deals": random_buyers(np.random.default_rng(2))})
    world.attribute()
    report = cohorts(world, "dealer", predict=True)
    said = report.about["prediction"]
    assert said["method"] == "BG/NBD and Gamma-Gamma"
    assert said["check"]["predicted"] == pytest.approx(said["check"]["actual"], rel=0.35)
    rows = report.rows
    assert (rows["predicted_ltv_12"] > rows["margin"] / rows["persons"]).all()
    assert (rows["predicted_ltv_36"] > rows["predicted_ltv_12"]).all()


def test_regular_customers_are_foretold_by_those_before_them(world: World) -> None:
    """A workshop visit after 300 days is no chance, and the model fails: months bring what they brought to others."""
    deals = [
        purchase(f"d{person}-{n}", person, 1.2 * person + 300 * n - 330, "service" if n else "new_car", margin=100.0)
        for person in range(120)
        for n in range(2)
    ]
    world.tell({"deals": deals, "leads": [lead("last", 170)]})
    world.attribute()
    report = cohorts(world, predict=True)
    (row,) = report.items()
    assert report.about["prediction"]["method"] == "development"
    assert row["predicted_ltv_12"] == pytest.approx(row["ltv_12"], rel=0.1)
    assert row["predicted_ltv_36"] is None


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ({"by": ("colour",)}, "by"), ({"by": (AGE,), "predict": True}, "predict"),
        ({"by": ("month",), "start": Start.LEAD, "predict": True}, "predict"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(question: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        CohortQuestion(period=Period(FIRST_DAY, LAST_DAY), **question)
    assert raised.value.where == where


def test_without_customers_the_report_is_empty(world: World) -> None:
    world.tell({"leads": [lead("l", 1)]})
    world.attribute()
    assert cohorts(world, "month", predict=True).rows.empty
    assert cohorts(world, "month", AGE).rows.empty
