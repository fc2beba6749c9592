"""BG/NBD and Gamma-Gamma reach the published results on CDNOW's customers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.lifetime import Purchasing, Spending, fit_purchasing, fit_spending
from infra.errors import NotReady

CDNOW = Path(__file__).parents[2].parent / "shared" / "data" / "cdnow"
needs_cdnow = pytest.mark.skipif(not CDNOW.exists(), reason="shared/data/cdnow is not beside the checkout")
ARTICLE = Purchasing(0.242593, 4.413532, 0.792886, 2.425754, 0.0)


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return pd.read_csv(CDNOW / "cdnow_customers_summary_with_transactions.csv")


@needs_cdnow
def test_the_published_maximum_is_found(customers: pd.DataFrame) -> None:
    found = fit_purchasing(customers["x"], customers["t_x"], customers["T"])
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.242593, 4.413532, 0.792886, 2.425754), abs=2e-5)
    assert found.log_likelihood == pytest.approx(-9582.4256, abs=1e-3)


@needs_cdnow
def test_customers_that_are_alike_can_be_counted(customers: pd.DataFrame) -> None:
    alike = customers.groupby(["x", "t_x", "T"], as_index=False).size()
    assert len(alike) < len(customers)
    days = fit_purchasing(alike["x"], alike["t_x"] * 7, alike["T"] * 7, alike["size"])
    assert (days.r, days.alpha / 7, days.a, days.b) == pytest.approx((0.242593, 4.413532, 0.792886, 2.425754), abs=2e-4)


@needs_cdnow
def test_the_published_values_are_found(customers: pd.DataFrame) -> None:
    found = fit_spending(customers["x"], customers["zbar"])
    assert (found.p, found.q, found.v) == pytest.approx((6.24880, 3.74459, 15.44775), rel=2e-4)
    assert found.log_likelihood == pytest.approx(-4055.923, abs=1e-3)


def test_one_customer_of_the_article() -> None:
    assert ARTICLE.expected(2, 30.43, 38.86, 39) == pytest.approx(1.2259, abs=1e-4)
    assert ARTICLE.alive(2, 30.43, 38.86) == pytest.approx(0.7266, abs=1e-4)


@needs_cdnow
def test_what_is_expected_of_customers_by_their_purchases_so_far(customers: pd.DataFrame) -> None:
    expected = pd.Series(ARTICLE.expected(customers["x"], customers["t_x"], customers["T"], 39))
    published = pd.read_csv(CDNOW / "expected_conditional_by_frequency.csv")
    found = expected.groupby(customers["x"].clip(upper=7)).mean()
    assert found.tolist() == pytest.approx(published["bg"].tolist(), abs=6e-4)


@needs_cdnow
def test_purchases_week_by_week(customers: pd.DataFrame) -> None:
    published = pd.read_csv(CDNOW / "expected_tracking.csv")
    began = 39 - customers["T"].to_numpy()
    for week, expected in published[["week", "BGNBD"]].itertuples(index=False):
        time = np.maximum(week - began, 0)
        assert float(ARTICLE.expected_from_start(time).sum()) == pytest.approx(expected, rel=0.04)


positive = st.floats(0.05, 20)


@settings(max_examples=60)
@given(r=positive, alpha=positive, a=positive, b=positive, x=st.integers(0, 20), last=st.floats(0, 1), time=positive)
def test_expected_purchases_grow_with_time(
    r: float, alpha: float, a: float, b: float, x: int, last: float, time: float
) -> None:
    model = Purchasing(r, alpha, a, b, 0.0)
    t_x = 30 * last if x else 0.0
    short, long = model.expected(x, t_x, 30, time), model.expected(x, t_x, 30, 2 * time)
    assert 0 <= short <= long * (1 + 1e-6) + 1e-12
    assert long <= (r + x) / (alpha + 30) * 2 * time * (1 + 1e-6)  # as if nobody ever left
    assert 0 <= model.alive(x, t_x, 30) <= 1


def test_simulated_customers_are_foretold() -> None:
    rng = np.random.default_rng(3)
    rate, leaves = rng.gamma(0.8, 1 / 30, 6000), rng.beta(1.2, 4, 6000)
    x, t_x, later = np.zeros(6000), np.zeros(6000), np.zeros(6000)
    for each in range(6000):
        at, alive = 0.0, True
        while alive:
            at += rng.exponential(1 / rate[each])
            if at > 200:
                break
            if at <= 100:
                x[each], t_x[each] = x[each] + 1, at
            else:
                later[each] += 1
            alive = rng.random() > leaves[each]
    found = fit_purchasing(x, t_x, np.full(6000, 100.0))
    assert found.expected(x, t_x, 100, 100).sum() == pytest.approx(later.sum(), rel=0.06)


def test_means_are_drawn_towards_all_the_others() -> None:
    spending = Spending(6.0, 4.0, 15.0, 0.0)
    overall = float(spending.expected(0, 0))
    assert overall == 30
    assert overall < spending.expected(1, 60) < spending.expected(9, 60) < 60


def test_where_nobody_bought_again_nothing_is_said() -> None:
    with pytest.raises(NotReady, match="second time"):
        fit_purchasing([0, 0], [0, 0], [10, 20])
    with pytest.raises(NotReady, match="value"):
        fit_spending([0, 2], [0, 0])
