"""Returns from totals, beside published ones; and on one of our own whose truth is known."""

import numpy as np
import pytest

from planning.response.totals import returns_of
from tests.planning.response.known_sets import MERIDIAN, ROAS, known_sets, one_series, regions

SETS = known_sets()
needs_sets = pytest.mark.skipif(SETS is None, reason="the public sets of media mix models are not beside the project")


@needs_sets
def test_returns_of_regions_lie_within_meridians_intervals() -> None:
    assert SETS is not None
    for found, (low, high) in zip(regions(SETS).mean, MERIDIAN, strict=True):
        assert low <= found <= high


@needs_sets
def test_the_true_return_of_a_series_lies_within_ours() -> None:
    assert SETS is not None
    low, high = one_series(SETS).interval()
    for place, true in enumerate(ROAS):
        assert low[place] <= true <= high[place]


def test_a_known_return_is_found() -> None:
    rng = np.random.default_rng(3)
    spend = rng.gamma(2, 50, (2, 8, 104))
    brought = 3.0 * spend[0] + 0.5 * spend[1]
    outcome = brought + 2000 + rng.normal(0, 100, (8, 1)) + rng.normal(0, 60, (8, 104))
    found = returns_of(outcome, spend, spend, np.zeros((0, 8, 104)), np.ones(8))
    assert found.mean == pytest.approx([3.0, 0.5], abs=0.9)
    assert found.mean[0] > found.mean[1]
