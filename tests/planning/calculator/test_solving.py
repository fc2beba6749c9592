"""From sales to budgets and back, with locks; what cannot be says why."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import InvalidInput
from planning.calculator.asked import Asked, ChannelAsked
from planning.calculator.solving import Caveat, Goal, Solution, solve
from planning.rates.backtest import CHAIN
from planning.rates.counts import Rate
from planning.rates.coverage import Calibration
from planning.rates.margins import Margin
from planning.rates.scope import RateOf, ScopeRates
from planning.response.curves import Curves, Family
from planning.response.model import Cell, Ground, Response

CHANNELS = ("maps", "search", "organic", "outdoor")


def rate(*values: float, own: float = 0.1, common: float = 0.05) -> RateOf:
    return RateOf(np.array(values), np.full(len(values), own), np.full(len(values), common))


def known(**changed: Any) -> ScopeRates:
    """Maps and search bring leads at 1,000 and 2,000, organic 20 for nothing, and outdoor costs and brings none."""
    calibrations = {name: Calibration(1.1, 0.7, 0.8, 50, 6) for name in (*map(str, Rate), CHAIN)}
    found = ScopeRates(
        ("north",),
        CHANNELS,
        {
            Rate.LEADS: rate(0.001, 0.0005, 0.0004, 0.0004), Rate.QUALIFIED: rate(0.6, 0.6, 0.6, 0.6),
            Rate.VISIT: rate(0.3, 0.25, 0.3, 0.3), Rate.SALE_OF_VISIT: rate(0.4, 0.3, 0.35, 0.35),
            Rate.SALE: rate(0.12, 0.075, 0.105, 0.105),
        },
        np.array([40_000.0, 60_000.0, 0.0, 10_000.0]),
        np.array([0.0, 0.0, 20.0, 0.0]),
        np.array([480_000.0, 720_000.0, 0.0, 120_000.0]),
        np.array([480.0, 360.0, 240.0, 0.0]),
        np.array([True, True, False, True]),
        np.array([True, True, False, False]),
        Margin(100_000.0, 5_000.0),
        0.5,
        12,
        calibrations,
        calibrations,
    )  # fmt: skip
    return replace(found, **changed)


def solved(of: ScopeRates | None = None, **asked: Any) -> Solution:
    return solve(of or known(), Asked(**asked), "RUB")


def test_the_chain_by_hand() -> None:
    """40 leads of maps, 30 of search, 20 organic: 12 + 7.5 + 6 visits, 4.8 + 2.25 + 2.1 sales."""
    found = solved()
    assert found.goal is Goal.BUDGET
    assert found.budget.mean == 110_000
    within = solved(budget=100_000.0)
    assert within.run.budget[0].tolist() == [40_000, 60_000, 0, 0]
    assert within.leads.mean == pytest.approx(90)
    assert within.visits.mean == pytest.approx(25.5)
    assert within.sales.mean == pytest.approx(9.15)
    assert within.sales.low < within.sales.mean < within.sales.high
    assert within.margin is not None
    assert within.margin.mean == pytest.approx(915_000)
    assert within.budget.low == within.budget.high == 100_000
    assert {each.caveat for each in within.said} == {Caveat.NO_LEADS, Caveat.IN_PROPORTION}


def test_what_comes_without_money_counts_towards_what_is_wanted() -> None:
    assert solved(sales=2.0).budget.mean == 0
    assert Caveat.WITHOUT_MONEY in {each.caveat for each in solved(sales=2.0).said}
    assert solved(sales=9.15).budget.mean == pytest.approx(100_000)


LOCKS = st.fixed_dictionaries(
    {},
    optional={
        "cpl": st.floats(100, 10_000), "visit_rate": st.floats(0.05, 0.45), "sale_rate": st.floats(0.05, 0.45),
        "channels": st.sampled_from([
            (ChannelAsked("maps", cpl=700.0),), (ChannelAsked("search", visit_rate=0.5, budget=5_000.0),),
            (ChannelAsked("maps", share=0.7), ChannelAsked("outdoor", cpl=3_000.0)),
        ]),
    },
)  # fmt: skip


def asked_or_none(**asked: Any) -> Solution | None:
    """None where what is held contradicts itself: that is said, and tested below."""
    try:
        return solved(**asked)
    except InvalidInput:
        return None


@settings(deadline=None, max_examples=150)
@given(st.floats(3, 500), LOCKS)
def test_there_and_back_is_the_same(sales: float, locks: dict[str, Any]) -> None:
    there = asked_or_none(sales=sales, **locks)
    if there is None or there.budget.mean < 1:
        return
    assert there.sales.mean >= sales - 1e-6
    back = solved(budget=there.budget.mean, **locks)
    assert back.sales.mean == pytest.approx(there.sales.mean, rel=1e-6)
    assert back.run.budget.sum() == pytest.approx(there.budget.mean, rel=1e-9)


@settings(deadline=None, max_examples=150)
@given(st.floats(10_000, 1e7), LOCKS)
def test_locked_values_stay(budget: float, locks: dict[str, Any]) -> None:
    found = asked_or_none(budget=budget, **locks)
    if found is None:
        return
    run = found.run
    if "visit_rate" in locks:
        assert run.visits.sum() / run.leads.sum() == pytest.approx(locks["visit_rate"])
    if "sale_rate" in locks:
        assert run.sales.sum() / run.visits.sum() == pytest.approx(locks["sale_rate"])
    if "cpl" in locks:
        assert run.budget.sum() / (run.leads.sum() - 20) == pytest.approx(locks["cpl"])
    for each in locks.get("channels", ()):
        place = CHANNELS.index(each.channel)
        share = None if each.share is None else each.share * budget
        kept = ((each.visit_rate, run.visit), (each.budget, run.budget), (share, run.budget), (each.cpl, run.cpl))
        assert all(value is None or of[0, place] == pytest.approx(value) for value, of in kept)
    if not {"visit_rate", "sale_rate"} & set(locks):
        assert (np.diff(found.curve[1]) >= -1e-9).all()


def test_what_is_held_has_no_error() -> None:
    free, held = solved(budget=100_000.0), solved(budget=100_000.0, cpl=1500.0, visit_rate=0.3, sale_rate=0.35)
    assert held.sales.high - held.sales.low < free.sales.high - free.sales.low


@pytest.mark.parametrize(
    ("asked", "where", "words"),
    [
        ({"sales": 3.0, "budget": 5.0}, "budget", "both held"),
        ({"sales": 3.0, "visit_rate": 0.0}, "visit_rate", "conversion of 0"),
        ({"cpl": 0.0}, "cpl", "CPL of 0"),
        ({"sale_rate": 1.5}, "sale_rate", "150%"),
        ({"sales": 30.0, "stock": 12.0}, "sales", "12 units to sell"),
        ({"currency": "USD"}, "currency", "in USD"),
        ({"budget": -1.0}, "budget", "cannot be -1"),
        ({"channels": (ChannelAsked("radio"),)}, "channels.0.channel", "'radio'"),
        ({"channels": (ChannelAsked("maps"), ChannelAsked("maps"))}, "channels.1.channel", "twice"),
        ({"channels": (ChannelAsked("maps", budget=1.0, share=0.5),)}, "channels.0.share", "both held"),
        ({"channels": (ChannelAsked("maps", share=0.6), ChannelAsked("search", share=0.6))}, "channels", "120.0%"),
        ({"channels": (ChannelAsked("outdoor", budget=5.0),)}, "channels.0.cpl", "no lead is credited"),
        ({"channels": (ChannelAsked("organic", share=0.5),)}, "channels.0.cpl", "has cost nothing"),
        ({"budget": 5.0, "channels": (ChannelAsked("maps", budget=9.0),)}, "budget", "whole budget is 5"),
        (
            {"budget": 50.0, "channels": (ChannelAsked("maps", budget=9.0), ChannelAsked("search", budget=9.0))},
            "budget",
            "No channel takes",
        ),
        (
            {"sales": 50.0, "channels": (ChannelAsked("maps", budget=9.0), ChannelAsked("search", budget=9.0))},
            "sales",
            "No budget brings 50 sales",
        ),
        (
            {"visit_rate": 0.1, "channels": tuple(ChannelAsked(each, visit_rate=0.9) for each in CHANNELS[:3])},
            "visit_rate",
            "contradicts",
        ),
        ({"visit_rate": 0.9, "channels": (ChannelAsked("maps", visit_rate=0.1),)}, "visit_rate", "more than 100%"),
    ],
)
def test_what_cannot_be_says_why(asked: dict[str, Any], where: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        solved(**asked)
    assert caught.value.where == where
    assert caught.value.help


def test_no_history_says_so() -> None:
    empty = known(channels=())
    with pytest.raises(InvalidInput, match="nothing to reckon by"):
        solve(empty, Asked(), "RUB")


def test_without_measured_conversions_they_are_asked_for() -> None:
    missing = rate(*[float("nan")] * 4)
    bare = known(rates={**known().rates, Rate.VISIT: missing, Rate.SALE_OF_VISIT: missing})
    with pytest.raises(InvalidInput, match="No conversion is measured"):
        solve(bare, Asked(), "RUB")
    found = solve(bare, Asked(budget=100_000.0, visit_rate=0.3, sale_rate=0.5), "RUB")
    assert found.sales.mean == pytest.approx(90 * 0.15)


def test_one_month_and_a_budget_over_stock_are_told() -> None:
    found = solve(known(months=1), Asked(budget=1e6, stock=5.0), "RUB")
    assert {Caveat.ONE_MONTH, Caveat.OVER_STOCK, Caveat.FAR_OUT} <= {each.caveat for each in found.said}
    assert found.sales.mean > 5


@pytest.mark.parametrize("family", Family)
def test_curves_bend_what_more_money_brings(family: Family) -> None:
    curves = Curves(family, np.array([40_000.0]), np.array([38.0]), np.array([0.5]))
    one = np.ones(1)
    response = Response(
        (Cell("north", "maps"),), curves, curves, one, one[None], 0 * one, 60_000 * one, (Ground.OWN,)
    )  # fmt: skip
    usual, double = (solve(known(), Asked(budget=each), "RUB", response) for each in (100_000.0, 200_000.0))
    assert usual.run.leads[0, 0] == pytest.approx(40)
    assert double.run.leads[0, 0] < 60
    assert double.run.leads[0, 1] == pytest.approx(60)
    assert {Caveat.BY_CURVES, Caveat.FAR_OUT} <= {each.caveat for each in double.said}
    back = solve(known(), Asked(sales=double.sales.mean), "RUB", response)
    assert back.budget.mean == pytest.approx(200_000, rel=1e-6)
    guess = replace(response, grounds=(Ground.NONE,))
    assert not any(solve(known(), Asked(), "RUB", guess).is_curved)
    held = Asked(budget=200_000.0, channels=(ChannelAsked("maps", cpl=1000.0),))
    assert solve(known(), held, "RUB", response).run.leads[0, 0] == pytest.approx(80)
