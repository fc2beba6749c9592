"""Partial pooling: intervals hold what they say, groups are drawn in as they say little, and nothing is made up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, nbinom

from attribution.pooling import pool_rates, pool_shares

REPEATS = 40


@pytest.mark.parametrize(("groups", "centre", "size"), [(3, 0.12, 40), (8, 0.4, 5), (60, 0.12, 40), (60, 0.1, 1e6)])
def test_intervals_of_shares_hold_the_truth_as_often_as_they_say(groups: int, centre: float, size: float) -> None:
    random = np.random.default_rng(1)
    held, error, raw_error = [], [], []
    for _ in range(REPEATS):
        truth = random.beta(centre * size, (1 - centre) * size, groups)
        trials = random.integers(5, 300, groups)
        successes = random.binomial(trials, truth)
        pooled = pool_shares(successes, trials)
        held.append(((pooled.low <= truth) & (truth <= pooled.high)).mean())
        error.append(((pooled.mean - truth) ** 2).mean())
        raw_error.append(((successes / trials - truth) ** 2).mean())
    assert np.mean(held) > 0.95 - 3 * np.sqrt(0.05 * 0.95 / (REPEATS * groups)) - 0.01
    assert np.mean(error) < np.mean(raw_error)


@pytest.mark.parametrize(("groups", "shape"), [(3, 5), (8, 5), (60, 40), (60, 1e6)])
def test_intervals_of_rates_hold_the_truth_as_often_as_they_say(groups: int, shape: float) -> None:
    random = np.random.default_rng(2)
    held, error, raw_error = [], [], []
    for _ in range(REPEATS):
        truth = random.gamma(shape, 0.01 / shape, groups)
        exposure = random.integers(100, 20_000, groups)
        events = random.poisson(truth * exposure)
        pooled = pool_rates(events, exposure)
        held.append(((pooled.low <= truth) & (truth <= pooled.high)).mean())
        error.append(((pooled.mean - truth) ** 2).mean())
        raw_error.append(((events / exposure - truth) ** 2).mean())
    assert np.mean(held) > 0.95 - 3 * np.sqrt(0.05 * 0.95 / (REPEATS * groups)) - 0.01
    assert np.mean(error) < np.mean(raw_error)


def test_the_hyper_parameters_told_are_of_maximum_marginal_likelihood() -> None:
    successes, trials = np.array([3, 9, 1, 30, 12]), np.array([40, 50, 30, 100, 90])
    pooled = pool_shares(successes, trials)

    def likelihood(centre: float, spread: float) -> float:
        size = centre * (1 - centre) / spread**2 - 1
        return float(np.sum(betabinom.logpmf(successes, trials, centre * size, (1 - centre) * size)))

    best = likelihood(pooled.centre, pooled.spread)
    for times in (0.97, 1.03):
        assert likelihood(pooled.centre * times, pooled.spread) < best
        assert likelihood(pooled.centre, pooled.spread * times) < best

    events, exposure = np.array([3, 9, 1, 30, 12]), np.array([400.0, 500, 300, 1000, 900])
    rates = pool_rates(events, exposure)

    def likelihood_of_rates(centre: float, spread: float) -> float:
        shape = (centre / spread) ** 2
        rate = shape / centre
        return float(np.sum(nbinom.logpmf(events, shape, rate / (rate + exposure))))

    best = likelihood_of_rates(rates.centre, rates.spread)
    for times in (0.97, 1.03):
        assert likelihood_of_rates(rates.centre * times, rates.spread) < best
        assert likelihood_of_rates(rates.centre, rates.spread * times) < best


def test_who_says_little_is_drawn_in_and_who_says_much_is_not() -> None:
    pooled = pool_shares([0, 100, 40, 300, 80], [2, 1000, 200, 2000, 1000])
    assert pooled.mean[0] == pytest.approx(pooled.centre, abs=0.03)
    assert pooled.high[0] > 0.2
    assert pooled.mean[3] == pytest.approx(0.15, abs=0.005)


def test_a_group_without_trials_or_exposure_gets_what_the_others_say() -> None:
    shares = pool_shares([10, 12, 0], [100, 100, 0])
    assert 0.05 < shares.mean[2] < 0.2
    assert shares.high[2] - shares.low[2] > shares.high[0] - shares.low[0]
    rates = pool_rates([10, 12, 7], [100, 100, 0])
    assert 0.08 < rates.mean[2] < 0.3


@pytest.mark.parametrize("least", [0.0, 1e-300, 1e-9, 0.2])
def test_next_to_nothing_is_no_trouble(least: float) -> None:
    for pooled in (pool_shares([least], [1.0]), pool_shares([1 - least], [1.0])):
        assert 0 <= pooled.low[0] <= pooled.mean[0] <= 1
    if least > 1e-9:
        assert pool_rates([least, 0], [1.0, 2.0]).mean[0] > 0


def test_where_nothing_was_counted_nothing_is_said() -> None:
    assert np.isnan(pool_shares([0, 0], [0, 0]).mean).all()
    assert np.isnan(pool_rates([0, 0], [10, 20]).mean).all()
    assert len(pool_shares([], []).mean) == 0
    none_sold = pool_shares([0, 0, 0], [5, 10, 100])
    assert (none_sold.high < 0.3).all()
    assert none_sold.high[2] < none_sold.high[0]


@settings(max_examples=20)
@given(st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(10, 500)), min_size=1, max_size=6))
def test_means_lie_within_their_intervals_and_shares_within_one(groups: list[tuple[float, float]]) -> None:
    successes, trials = [share * n for share, n in groups], [n for _, n in groups]
    for pooled in (pool_shares(successes, trials), pool_rates(successes, trials)):
        assert (pooled.low < pooled.mean).all()
        assert (pooled.mean < pooled.high).all()
    shares = pool_shares(successes, trials)
    assert ((shares.low >= 0) & (shares.high <= 1)).all()
