"""Allocation spends the budget exactly, within bounds, and no move from one cell to another would bring more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import InvalidInput
from planning.recommend.allocation import allocate
from planning.response.curves import Curves, Family


@st.composite
def worths(draw: st.DrawFn) -> Curves:
    cells = draw(st.integers(1, 8))
    usual, brought, elasticity = (
        np.array(draw(st.lists(st.floats(low, high), min_size=cells, max_size=cells)))
        for low, high in ((10, 1e5), (1, 1e6), (0.05, 0.9))
    )
    return Curves(draw(st.sampled_from(Family)), usual, brought, elasticity)


@given(worths(), st.floats(0, 1))
def test_it_is_exact_and_nothing_is_left_to_gain(worth: Curves, share: float) -> None:
    low, high = worth.usual * 0.7, worth.usual * 1.3
    budget = float(low.sum() + share * (high.sum() - low.sum()))
    spend = allocate(worth, budget, low, high)
    assert spend.sum() == pytest.approx(budget, rel=1e-9)
    assert (spend >= low * (1 - 1e-9)).all()
    assert (spend <= high * (1 + 1e-9)).all()
    slope, step = worth.slope(spend), 1e-6 * worth.usual
    may_gain, may_lose = slope[spend < high - step], slope[spend > low + step]
    if len(may_gain) and len(may_lose):
        assert may_gain.max() <= may_lose.min() * (1 + 1e-4)


@pytest.mark.parametrize(("budget", "said"), [(10.0, "below the lower bounds"), (1000.0, "above the upper bounds")])
def test_a_budget_out_of_bounds_is_refused_in_words(budget: float, said: str) -> None:
    worth = Curves(Family.POWER, np.array([100.0, 50.0]), np.array([1.0, 1.0]), np.array([0.5, 0.5]))
    with pytest.raises(InvalidInput, match=said):
        allocate(worth, budget, worth.usual * 0.7, worth.usual * 1.3)


def test_bounds_that_contradict_each_other_are_refused() -> None:
    worth = Curves(Family.POWER, np.array([100.0]), np.array([1.0]), np.array([0.5]))
    with pytest.raises(InvalidInput, match="at least 130 and at most 70"):
        allocate(worth, 100, [130.0], [70.0])
