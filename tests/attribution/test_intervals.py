"""Intervals beside those of other programs, and how often they hold the truth."""

import numpy as np
import pytest
from scipy.stats import binomtest, chi2

from attribution.intervals import rate_interval, share_interval, sum_interval


def test_of_shares_as_scipy_has_it() -> None:
    counts = [(0, 5), (3, 10), (10, 10), (120, 1000)]
    low, high = share_interval([k for k, _ in counts], [n for _, n in counts])
    for place, (k, n) in enumerate(counts):
        known = binomtest(k, n).proportion_ci(method="wilson")
        assert (low[place], high[place]) == pytest.approx((known.low, known.high), abs=1e-12)
    assert np.isnan(share_interval([0], [0])[0]).all()


def test_of_rates_as_the_tables_have_it() -> None:
    low, high = rate_interval([0, 10, 3], [1, 1, 0])
    assert low[0] == 0
    assert high[0] == pytest.approx(3.6889, abs=1e-4)
    assert (low[1], high[1]) == pytest.approx((chi2.ppf(0.025, 20) / 2, chi2.ppf(0.975, 22) / 2))
    assert np.isnan([low[2], high[2]]).all()


def test_of_sums_as_a_bootstrap_over_the_amounts_finds_them() -> None:
    random = np.random.default_rng(3)
    amounts = random.lognormal(10, 0.7, 200)
    low, high = sum_interval(amounts.sum(), (amounts**2).sum())
    drawn = random.poisson(1.0, (20_000, 200)) @ amounts
    assert (float(low), float(high)) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), rel=0.02)
