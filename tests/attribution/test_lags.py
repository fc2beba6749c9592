"""How long conversions take, measured while the slow ones are still to come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.lags import FEWEST, lag_curve

known = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), min_size=1, max_size=80)


def slow_curve(pairs: list[tuple[int, int]]) -> list[float] | None:
    """The same, day by day from the longest lag back, as the definition has it."""
    whole = [(lag, until) for lag, until in pairs if lag < until]

    def at_risk(day: int) -> int:
        return sum(lag <= day < until for lag, until in whole)

    believed = [day for day in {lag for lag, _ in whole} if at_risk(day) >= FEWEST]
    if not believed:
        return None
    seen = [1.0]
    for day in range(max(believed), -1, -1):
        came = sum(lag == day for lag, _ in whole)
        seen.append(seen[-1] * (1 - came / at_risk(day)) if came else seen[-1])
    return seen[::-1]


@given(known)
def test_it_is_the_product_limit_estimator_in_reversed_time(pairs: list[tuple[int, int]]) -> None:
    lags, observed = zip(*pairs, strict=True)
    curve = lag_curve(lags, observed, np.ones(len(pairs)))
    expected = slow_curve(pairs)
    assert (curve is None) == (expected is None)
    if curve and expected:
        assert curve.seen.tolist() == pytest.approx(expected)


@given(known)
def test_what_was_seen_is_never_unseen(pairs: list[tuple[int, int]]) -> None:
    lags, observed = zip(*pairs, strict=True)
    curve = lag_curve(lags, observed, np.full(len(pairs), FEWEST))
    if curve:
        assert curve.seen[0] == 0
        assert curve.seen[-1] == 1
        assert (np.diff(curve.seen) >= 0).all()
        assert curve.seen_after([-5, 10**6]).tolist() == [0, 1]


def test_where_all_has_been_observed_it_is_the_plain_distribution() -> None:
    lags = [0, 0, 1, 2, 2, 2, 5, 5, 9, 9]
    curve = lag_curve(lags, [100] * 10, np.ones(10))
    assert curve
    assert curve.seen.tolist() == pytest.approx([0, 0.2, 0.3, 0.6, 0.6, 0.6, 0.8, 0.8, 0.8, 0.8, 1])
    assert (curve.quantile(0.5), curve.quantile(0.9), curve.horizon) == (3, 10, 10)


def test_growth_does_not_make_lags_look_short() -> None:
    """Requests double every fortnight: of what is known most is recent, and so quick. The measure sees through it."""
    rng = np.random.default_rng(5)
    began = rng.choice(120, 40_000, p=(weights := 2 ** (np.arange(120) / 14)) / weights.sum())
    lags = rng.geometric(1 / 20, 40_000) - 1
    observed = 120 - began
    came = lags < observed
    curve = lag_curve(lags[came], observed[came], np.ones(came.sum()))
    assert curve
    days = np.array([5, 10, 20, 40, 60])
    truth = (1 - (1 - 1 / 20) ** days) / (1 - (1 - 1 / 20) ** curve.horizon)
    assert curve.seen_after(days) == pytest.approx(truth, abs=0.03)
    naive = np.array([(lags[came] < day).mean() for day in days])
    assert (naive > truth + 0.1)[:3].all()


def test_too_few_conversions_say_nothing() -> None:
    assert lag_curve([3] * 9, [30] * 9, np.ones(9)) is None
    assert lag_curve([], [], []) is None
    assert lag_curve([5], [5], [100]) is None  # of the unfinished last day
