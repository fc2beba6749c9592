"""Small groups are drawn towards the whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.credibility import credible, variance_within

groups = st.lists(st.tuples(st.integers(0, 1000), st.floats(0, 1)), min_size=1, max_size=12)


@given(groups)
def test_an_estimate_lies_between_the_groups_own_mean_and_the_others(each: list[tuple[int, float]]) -> None:
    weights, means = (np.array(part, float) for part in zip(*each, strict=True))
    found = credible(weights, means, 0.1)
    if not weights.sum():
        assert np.isnan(found.estimate).all()
        return
    told = means[weights > 0]
    assert (found.own >= 0).all()
    assert (found.own < 1).all()
    assert (found.estimate >= told.min() - 1e-9).all()
    assert (found.estimate <= told.max() + 1e-9).all()
    assert (np.diff(found.own[np.argsort(weights, kind="stable")]) >= -1e-12).all()


def test_by_hand() -> None:
    """Two groups of weight 10 with means 0 and 2: between = (20 - 1 × 4) / (20 - 10) = 1.6, Z = 10 / (10 + 4 / 1.6)."""
    found = credible([10, 10, 0], [0, 2, 7], within=4)
    assert found.own.tolist() == pytest.approx([0.8, 0.8, 0])
    assert found.estimate.tolist() == pytest.approx([0.2, 1.8, 1])


def test_a_group_without_weight_gets_the_wholes_mean_where_single_values_do_not_differ() -> None:
    found = credible([10, 10, 0], [0, 2, 7], within=0)
    assert found.own.tolist() == [1, 1, 0]
    assert found.estimate.tolist() == [0, 2, 1]


def test_groups_that_differ_by_chance_alone_are_one() -> None:
    found = credible([10, 10], [0.9, 1.1], within=4)
    assert found.own.tolist() == [0, 0]
    assert found.estimate.tolist() == pytest.approx([1, 1])
    assert found.error.tolist() == pytest.approx([(4 / 20) ** 0.5] * 2)


def test_on_many_groups_it_errs_less_than_their_own_means() -> None:
    rng = np.random.default_rng(1)
    truth = rng.beta(4, 36, 400)
    leads = rng.integers(1, 60, 400)
    rate = rng.binomial(leads, truth) / leads
    found = credible(leads, rate, 0.09)
    assert ((found.estimate - truth) ** 2).mean() < 0.4 * ((rate - truth) ** 2).mean()
    assert (np.abs(found.estimate - truth) < 1.645 * found.error).mean() == pytest.approx(0.9, abs=0.04)


def test_variance_within_is_the_pooled_one() -> None:
    values = [[1.0, 3.0], [10.0, 10.0, 16.0], [5.0], []]
    counts, sums = [len(each) for each in values], [sum(each) for each in values]
    squares = [sum(value**2 for value in each) for each in values]
    assert variance_within(counts, sums, squares) == pytest.approx((2 + 24) / (1 + 2))
    assert variance_within([1, 0], [5, 0], [25, 0]) == 0
