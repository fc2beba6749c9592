"""Advice keeps what was told, gains under the curves, says how sure it is, and says when nothing is to be changed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import InvalidInput, NotFound
from planning.recommend.advising import Verdict, advise
from planning.recommend.asked import Bound, Goal, Lock, Part, Question, Total
from planning.response.model import Cell, Ground
from tests.planning.recommend.responses import JANUARY, MEASURED, of_usual, response


def test_a_sure_gain_is_a_change_whose_moves_add_up_to_it() -> None:
    known = response()
    advice = advise(known, MEASURED, of_usual(known), {})
    told = advice.as_dict()
    assert advice.verdict is Verdict.CHANGE
    assert told["gain"]["net"]["low"] > 0
    assert told["gain"]["net"]["low"] < told["gain"]["net"]["mean"] < told["gain"]["net"]["high"]
    assert sum(cell["recommended"] for cell in told["cells"]) == pytest.approx(told["spend"]["now"])
    worth = advice.scene.worth
    rise = float(worth.at(advice.best).sum() - worth.at(advice.present).sum()) / 100
    assert sum(move["gain"] for move in told["moves"]) == pytest.approx(rise, abs=0.1)
    gains = [move["gain"] for move in told["moves"]]
    assert gains == sorted(gains, reverse=True)
    moved = sum(move["amount"] for move in told["moves"])
    assert moved == pytest.approx(np.maximum(advice.best - advice.present, 0).sum() / 100)


def test_where_it_may_as_well_lose_the_present_split_stays_and_says_what_to_learn() -> None:
    known = response(doubt=2.0, ground=Ground.NONE)
    advice = advise(known, MEASURED, of_usual(known, moves_unknown=True), {})
    told = advice.as_dict()
    assert advice.verdict is Verdict.STAY
    assert not told["moves"]
    assert all(cell["recommended"] == cell["now"] for cell in told["cells"])
    assert told["to_learn"][0]["ground"] == "none"
    assert {note["kind"] for note in told["notes"]} == {"unknown"}


def test_where_no_curve_is_known_nothing_moves_unless_that_is_said() -> None:
    known = response(ground=Ground.NONE)
    told = advise(known, MEASURED, of_usual(known), {}).as_dict()
    assert told["verdict"] == "stay"
    assert {one["channel"] for one in told["to_learn"]} == {"vk", "yandex", "radio"}
    assert sum(one["spend"] for one in told["to_learn"]) == pytest.approx(told["spend"]["now"])
    known = replace(known, grounds=(*[Ground.OWN] * 3, *[Ground.NONE] * 3))
    kept = advise(known, MEASURED, of_usual(known), {})
    assert (kept.best[3:] == kept.present[3:]).all()
    assert kept.verdict is Verdict.CHANGE


def test_a_trifle_is_no_change() -> None:
    known = response()
    assert advise(known, MEASURED, of_usual(known, least_gain=0.9), {}).verdict is Verdict.STAY


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.sampled_from(Goal), st.integers(1, 3), st.sampled_from((1, 100, 50_000)))
def test_it_is_never_worse_than_the_present_split(seed: int, goal: Goal, months: int, step: int) -> None:
    known = response(seed=seed, draws=20)
    usual = float(known.curves.usual.sum()) * months
    amounts = {
        Goal.BUDGET: round(usual * 100 / step) * step, Goal.SALES: known.curves.brought.sum() * 0.11 * months,
        Goal.MARGIN: known.curves.brought.sum() * 900 * 100 * months, Goal.MARGINAL_ROMI: 0.2,
    }  # fmt: skip
    question = Question(goal, float(amounts[goal]), JANUARY, months, step=step)
    try:
        advice = advise(known, MEASURED, question, {})
    except InvalidInput as error:
        assert step > 1 or "At most" in error.message  # noqa: PT017
        return
    worth, price = advice.scene.worth, 1.2 if goal is Goal.MARGINAL_ROMI else 1.0
    before, after = (
        float(worth.at(each.astype(float)).sum() - price * each.sum()) for each in (advice.present, advice.recommended)
    )
    assert after >= before - step * len(advice.best) or advice.verdict is Verdict.NEEDED
    if goal is Goal.BUDGET:
        assert advice.present.sum() == advice.best.sum() == amounts[goal]


def test_locks_bounds_totals_and_orders_are_kept() -> None:
    known = response()
    ordered, locked = Cell("north", "radio", "agency"), Part("south", "vk")
    question = of_usual(
        known,
        locks=(Lock(locked), Lock(Part("north", "vk"), 1_000_000)),
        bounds=(Bound(Part("south", "radio"), most=500_000),),
        totals=(Total("dealer", "south", most=int(known.curves.usual[3:].sum() * 95)),),
    )
    usual = {cell: round(spend * 100) for cell, spend in zip(known.cells, known.curves.usual, strict=True)}
    orders = {(JANUARY, ordered): usual[ordered] * 2}
    advice = advise(known, MEASURED, question, orders)
    found = dict(zip(known.cells, advice.best.tolist(), strict=True))
    assert found[ordered] == usual[ordered] * 2
    assert found[Cell("south", "vk", "agency")] == usual[Cell("south", "vk", "agency")]
    assert found[Cell("north", "vk", "agency")] == 1_000_000
    assert found[Cell("south", "radio", "agency")] <= 500_000
    assert sum(spend for cell, spend in found.items() if cell.dealer == "south") <= known.curves.usual[3:].sum() * 95
    assert "ordered" in {note["kind"] for note in advice.as_dict()["notes"]}


def test_stock_and_calls_hold_the_split_back() -> None:
    known = response()
    free = advise(known, MEASURED, of_usual(known), {})
    leads = free.scene.leads.at(free.best.astype(float))
    sales = float(leads[:3].sum()) * 0.12
    stock = sales * 0.99 + 1.0  # one a month sells without spend
    advice = advise(known, MEASURED, of_usual(known, stock={"north": stock}), {})
    sold = float(advice.scene.leads.at(advice.best.astype(float))[:3].sum()) * 0.12
    assert sold <= sales * 0.99 * 1.0001
    assert "stock north" in str(advice.as_dict()["notes"])
    with pytest.raises(InvalidInput, match="takes all stock of north"):
        advise(known, MEASURED, of_usual(known, stock={"north": 1.0}), {})
    with pytest.raises(InvalidInput, match="no split that keeps all"):
        advise(known, MEASURED, of_usual(known, capacity={"": 6.0}), {})


def test_a_present_split_that_breaks_a_total_cannot_stay() -> None:
    known = response()
    most = int(known.curves.usual[:3].sum() * 80)
    advice = advise(known, MEASURED, of_usual(known, totals=(Total("dealer", "north", most=most),)), {})
    assert advice.verdict is Verdict.NEEDED
    assert advice.recommended[:3].sum() <= most


def test_beyond_the_usual_bounds_it_says_that_evidence_is_thin() -> None:
    known = response()
    told = advise(known, MEASURED, of_usual(known, least=0.3, most=2.0), {}).as_dict()
    thin = next(note for note in told["notes"] if note["kind"] == "thin")
    assert thin["count"] == sum(cell["is_thin"] for cell in told["cells"]) > 0


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"amount": 0.0}, InvalidInput, "asks for nothing"),
        ({"months": 0}, InvalidInput, "0 months"),
        ({"least": 1.2, "most": 1.1}, InvalidInput, "at least 120%"),
        ({"step": 0}, InvalidInput, "more than 0"),
        ({"dealers": ("nobody",)}, InvalidInput, "Nothing is known"),
        ({"locks": (Lock(Part("west")),)}, NotFound, "no spend of west"),
        ({"locks": (Lock(Part("north"), 5),)}, InvalidInput, "3 cells"),
        ({"totals": (Total("channel", "tv"),)}, NotFound, "channel 'tv'"),
        ({"capacity": {"": 1.0, "north": 2.0}}, InvalidInput, "whole holding, or of dealers"),
        ({"amount": 1.0}, InvalidInput, "below the lower bounds"),
    ],
)
def test_what_cannot_be_is_said(more: dict[str, object], error: type[InvalidInput], said: str) -> None:
    known = response()
    with pytest.raises(error, match=said):
        advise(known, MEASURED, of_usual(known, **more), {})
