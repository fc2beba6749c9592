"""How likely a plan is met: half where it is what is expected, less the more it wants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.forecast.against_plan import chance_of


def test_it_is_half_at_what_is_expected() -> None:
    assert chance_of(100.5, 100, 80, 130) == pytest.approx(0.5)
    assert chance_of(130.5, 100, 80, 130) == pytest.approx(0.1, abs=0.001)
    assert chance_of(80.5, 100, 80, 130) == pytest.approx(0.9, abs=0.001)


def test_what_nobody_planned_has_none() -> None:
    assert chance_of(np.nan, 100, 80, 130) is None
    assert chance_of(0, 100, 80, 130) == 0.99


@given(st.floats(0, 500), st.floats(0, 100), st.floats(0, 100), st.floats(0, 400), st.floats(0, 400))
def test_more_is_never_likelier(mean: float, below: float, above: float, less: float, more: float) -> None:
    low, high = max(mean - below, 0), mean + above
    chances = [chance_of(plan, mean, low, high) for plan in sorted((less, less + more))]
    assert chances[0] is not None
    assert chances[1] is not None
    assert 0.01 <= chances[1] <= chances[0] <= 0.99
