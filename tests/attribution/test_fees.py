"""Fees in steps, within bounds, by the month: against a plain reckoning, and to the ten-thousandth."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.attribution.world import START, World, lead, spend, visit

MONTHS = ("2026-01-01", "2026-02-01", "2026-03-01")
LAST = date(2026, 3, 31)  # the day of the last touch
STEPS = [{"percent": 10}, {"above": 1000, "percent": 7.5}, {"above": 5000, "percent": 5}]


def reckoned(fee: dict[str, Any], month: date, media: dict[date, Decimal], leads: dict[date, int]) -> Fraction:
    """What a contractor takes for a month, from what he spent and brought on each day."""
    first = date.fromisoformat(fee.get("from", "2000-01-01"))
    last = min(date.fromisoformat(fee.get("to", "2100-01-01")), LAST)
    days = monthrange(month.year, month.month)[1]
    held = [month + timedelta(n) for n in range(days) if first <= month + timedelta(n) <= last]
    if not held:
        return Fraction(0)
    whole = sum((Fraction(media.get(day, 0)) for day in held), Fraction(0))
    part = Fraction(len(held), days)
    found = of_media(fee, whole) + Fraction(fee.get("fixed_month", 0)) * part
    found += sum(leads.get(day, 0) for day in held) * Fraction(fee.get("per_lead", 0))
    found = max(found, Fraction(fee.get("minimum", 0)) * part)
    return min(found, Fraction(fee["maximum"])) if "maximum" in fee else found


def of_media(fee: dict[str, Any], whole: Fraction) -> Fraction:
    steps = [(Fraction(step.get("above", 0)), Fraction(step["percent"])) for step in fee.get("steps", [])]
    if not steps:
        return whole * Fraction(fee.get("percent", 0)) / 100
    if fee.get("steps_of", "whole") == "whole":
        return whole * next((percent for above, percent in reversed(steps) if whole >= above), Fraction(0)) / 100
    ends = [above for above, _ in steps[1:]] + [max(whole, steps[-1][0])]
    within = (
        max(Fraction(0), min(whole, end) - above) * percent for (above, percent), end in zip(steps, ends, strict=True)
    )
    return sum(within, Fraction(0)) / 100


FEES_OF_MONTHS = """
    select toString(toStartOfMonth(date)) as month, sum(cost) as cost from daily_costs
    where run = (select max(run) from attribution_runs) and part = 'fees' group by month
"""


def fees_by_month(world: World) -> dict[str, Decimal]:
    return {row["month"]: row["cost"] for row in world.rows(FEES_OF_MONTHS)}


AGREED: list[tuple[dict[str, Any], str]] = [
    ({"steps": STEPS}, "300"),
    ({"steps": STEPS, "steps_of": "part"}, "450"),
    ({"steps": STEPS[1:]}, "300"),
    ({"steps": [{"above": 7000, "percent": 50}]}, "0"),
    ({"steps": STEPS, "minimum": 500}, "500"),
    ({"percent": 10, "fixed_month": 100, "maximum": 333}, "333"),
    ({"percent": 10, "minimum": "620", "to": "2026-01-15"}, "386.6667"),
    ({"minimum": 31, "maximum": 31, "per_lead": 5}, "31"),
]


def test_a_months_media_decide_the_step(world: World) -> None:
    world.refer(
        contractors=[
            {"id": f"c{n}", "campaigns": [{"source": f"s{n}"}], "fees": [fee]} for n, (fee, _) in enumerate(AGREED)
        ]
    )
    world.tell({"spend": [
        each
        for n in range(len(AGREED))
        for each in (
            spend("2026-01-01", "2026-01-01", 2000, f"s{n}", campaign="a"),
            spend("2026-01-02", "2026-01-31", 4000, f"s{n}", campaign="b"),
        )
    ]})  # fmt: skip
    world.attribute()
    taken = {name: Decimal(str(round(cost - 6000, 4))) for name, cost in world.figures("contractor", "cost").items()}
    assert taken == {f"c{n}": Decimal(wanted) for n, (_, wanted) in enumerate(AGREED)}


def test_a_minimum_without_media_lies_on_the_days_of_the_agreement(world: World) -> None:
    fee = {"minimum": 310, "percent": 10, "from": "2026-01-22"}
    world.refer(contractors=[{"id": "agency", "campaigns": [{"source": "yandex"}], "fees": [fee]}])
    world.tell({"touches": [visit("first", "v", 0), visit("last", "v", 30)]})
    world.attribute()
    assert world.figures("day", "cost") == {f"2026-01-{day}": 10 for day in range(22, 32)}


amounts = st.decimals(min_value=0, max_value=20_000, places=4)
bounds = st.decimals(min_value=0, max_value=3_000, places=2)
steps = st.lists(
    st.tuples(st.integers(0, 20_000), st.integers(0, 400)), max_size=3, unique_by=lambda step: step[0]
).map(lambda told: [{"above": above, "percent": percent / 16} for above, percent in sorted(told)])
days = st.integers(0, 89)


@st.composite
def fees(draw: st.DrawFn) -> dict[str, Any]:
    fee: dict[str, Any] = {"fixed_month": draw(bounds), "per_lead": draw(bounds) / 100, "minimum": draw(bounds)}
    if told := draw(steps):
        fee |= {"steps": told, "steps_of": draw(st.sampled_from(["whole", "part"]))}
    else:
        fee["percent"] = draw(st.integers(0, 400)) / 16
    if draw(st.booleans()):
        fee["maximum"] = fee["minimum"] + draw(bounds)
    first = draw(days)
    if draw(st.booleans()):
        fee |= {
            "from": f"{START.date() + timedelta(first)}",
            "to": f"{START.date() + timedelta(draw(st.integers(first, 89)))}",
        }
    return fee


@settings(max_examples=4, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    agreed=st.lists(fees(), min_size=1, max_size=3),
    placed=st.lists(st.tuples(days, amounts, st.sampled_from(["a", "b"])), min_size=1, max_size=8),
    asked=st.lists(days, max_size=5),
)
def test_fees_are_what_a_plain_reckoning_says(
    world: World, agreed: list[dict[str, Any]], placed: list[tuple[int, Decimal, str]], asked: list[int]
) -> None:
    """Of each month, to the few ten-thousandths by which its parts are rounded."""
    world.clear()
    told = [fee | {name: str(value) for name, value in fee.items() if isinstance(value, Decimal)} for fee in agreed]
    world.refer(contractors=[{"id": "agency", "campaigns": [{"source": "yandex"}], "fees": told}])
    on = [f"{START.date() + timedelta(day)}" for day, *_ in placed]
    world.tell({
        "spend": [
            spend(day, day, amount, "yandex", campaign=campaign, id=f"s{n}")
            for n, (day, (_, amount, campaign)) in enumerate(zip(on, placed, strict=True))
        ],
        "touches": [
            visit("a", "a", 0), visit("z", "z", 89),
            *(visit(f"t{n}", f"v{n}", day, "yandex") for n, day in enumerate(asked)),
        ],
        "leads": [lead(f"l{n}", day + 0.1, visitor_id=f"v{n}") for n, day in enumerate(asked)],
    })  # fmt: skip
    world.attribute()
    media: dict[date, Decimal] = {}
    for day, amount, _ in placed:
        media[START.date() + timedelta(day)] = media.get(START.date() + timedelta(day), Decimal(0)) + amount
    leads = {START.date() + timedelta(day): asked.count(day) for day in asked}
    found = fees_by_month(world)
    for month in MONTHS:
        wanted = sum((reckoned(fee, date.fromisoformat(month), media, leads) for fee in told), Fraction(0))
        assert float(found.get(month, Decimal(0))) == pytest.approx(float(wanted), abs=0.0005 * len(told))
