"""Curves: value and slope at the usual spend, the slope as the limit of differences, and its inverse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.response.curves import Curves, Family

CURVES = st.builds(
    Curves,
    st.one_of(st.sampled_from(Family), st.floats(0.1, 3)),
    *(st.floats(low, high).map(lambda value: np.array([value])) for low, high in ((1, 1e6), (0.1, 1e4), (0.05, 0.95))),
)


@given(CURVES)
def test_both_families_agree_at_the_usual_spend(curves: Curves) -> None:
    assert curves.at(curves.usual) == pytest.approx(curves.brought)
    assert curves.slope(curves.usual) == pytest.approx(curves.elasticity * curves.brought / curves.usual)


@given(CURVES, st.floats(0.1, 5))
def test_the_slope_is_that_of_the_value_and_falls(curves: Curves, times: float) -> None:
    spend, step = curves.usual * times, curves.usual * 1e-6
    difference = (curves.at(spend + step) - curves.at(spend - step)) / (2 * step)
    assert curves.slope(spend) == pytest.approx(difference, rel=1e-4)
    assert (curves.slope(spend * 1.1) < curves.slope(spend)).all()


@given(CURVES, st.floats(0.1, 5))
def test_the_spend_of_a_slope_is_found_again(curves: Curves, times: float) -> None:
    assert curves.spend_at(curves.slope(curves.usual * times)) == pytest.approx(curves.usual * times, rel=1e-6)


def test_nothing_comes_of_nothing() -> None:
    for family in Family:
        curves = Curves(family, np.array([10.0]), np.array([0.0]), np.array([0.5]))
        assert [*curves.at([0.0]), *curves.spend_at(1.0)] == [0, 0]
