"""On known truths: better than seasonal naive, intervals that hold, the gate, short histories, new dealers."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from planning.dimensions import DealerPlace
from planning.forecast.backtest import Way
from planning.forecast.forecasting import Forecasts, forecast
from planning.forecast.methods import Method
from planning.forecast.outlook import Series
from planning.forecast.past import Past
from planning.forecast.tree import Level, tree_of
from planning.response.curves import Numbers
from tests.planning.forecast.simulated import holding, past_of

AHEAD = 6


def of_lines(found: Forecasts, past: Past, array: Numbers) -> Numbers:
    return array[[found.outlook.places[line] for line in past.lines]]


def place(key: str, **days: Any) -> DealerPlace:
    return DealerPlace(key, "", "", "", "", "", days.get("opened"), days.get("closed"))


@pytest.mark.parametrize("months", [18, 36])
def test_it_is_better_than_seasonal_naive_and_adds_up(months: int) -> None:
    past, came = holding(25, 3, months, seed=months, ahead=AHEAD)
    found = forecast([past], past.next_month)
    mean = of_lines(found, past, found.outlook.mean)[:, :AHEAD]
    naive = past.counts[:, -12:][:, :AHEAD]
    assert np.abs(mean - came).mean() < 0.9 * np.abs(naive - came).mean()
    tree = tree_of(past.lines)
    assert found.outlook.mean == pytest.approx(tree.added_up(found.outlook.mean[tree.sums :]))
    assert all(score.mase <= score.mase_naive * 1.1 for score in found.scores)
    for level in Level:
        own = [score for score in found.scores if score.level is level]
        errors = sum(score.errors for score in own)
        assert sum(score.mase * score.errors for score in own) <= 1.03 * sum(
            score.mase_naive * score.errors for score in own
        ), (level, errors)


def test_intervals_hold_as_often_as_they_say() -> None:
    inside = []
    for seed in range(6):
        past, came = holding(20, 3, 30, seed=seed, ahead=AHEAD)
        found = forecast([past], past.next_month)
        low, high = (of_lines(found, past, each)[:, :AHEAD] for each in (found.outlook.low, found.outlook.high))
        inside.append(((came >= low) & (came <= high)).mean())
        lines = [score for score in found.scores if score.level is Level.LINE]
        assert all(0.72 <= score.covered <= 0.88 for score in lines)
    assert 0.74 <= np.mean(inside) <= 0.88


def test_the_gate_keeps_seasonal_naive_where_it_is_best() -> None:
    year = np.array([5, 90, 7, 60, 8, 95, 6, 40, 99, 9, 70, 4], dtype=float)
    counts = np.tile(year, (4, 3)) * np.array([[1.0], [2.0], [3.0], [4.0]])
    found = forecast([past_of(counts)], past_of(counts).next_month)
    assert found.ways["sales"] is Way.NAIVE
    assert {basis.method for basis in found.bases.values()} == {Method.SEASONAL_NAIVE}
    assert found.outlook.of("sales", "d0", "new_car") == pytest.approx(np.tile(year, 2)[:18])


def test_rare_sales_are_told_as_rates() -> None:
    counts = np.random.default_rng(4).poisson(0.3, (30, 36)).astype(float)
    past = past_of(counts)
    found = forecast([past], past.next_month)
    mean = of_lines(found, past, found.outlook.mean)
    assert mean.mean() == pytest.approx(0.3, abs=0.08)
    assert (of_lines(found, past, found.outlook.low)[mean < 1.5] == 0).all()


@pytest.mark.parametrize("months", [1, 2, 5, 11, 12, 13])
def test_short_histories_have_forecasts(months: int) -> None:
    past, came = holding(10, 2, months, seed=3, ahead=AHEAD)
    found = forecast([past], past.next_month)
    arrays = (found.outlook.mean, found.outlook.low, found.outlook.high)
    assert all(np.isfinite(each).all() for each in arrays)
    assert (found.outlook.low <= found.outlook.mean).all()
    assert (found.outlook.mean <= found.outlook.high).all()
    assert bool(found.scores) is (months > 12)
    whole = found.outlook.of("sales")
    assert whole is not None
    assert 0.5 < whole[:AHEAD].sum() / came.sum() < 2


def test_one_dealer_and_one_month_and_nothing_at_all() -> None:
    past = past_of(np.array([[7.0]]))
    assert forecast([past], past.next_month).outlook.of("sales", "d0") is not None
    assert forecast([], past.next_month).outlook.series == ()
    nothing = past_of(np.array([[np.nan], [np.nan]]))
    assert np.isfinite(forecast([nothing], past.next_month).outlook.high).all()


def test_a_young_dealer_is_drawn_to_others_and_is_less_certain() -> None:
    counts = np.random.default_rng(8).poisson(40, (12, 30)).astype(float)
    counts[0, :28] = np.nan
    counts[0, 28:] = 4
    past = past_of(counts)
    found = forecast([past], past.next_month)
    young, old = (found.outlook.places[Series("sales", name, "new_car")] for name in ("d0", "d1"))
    assert 4 < found.outlook.mean[young, 0] < 40
    reach = (found.outlook.high - found.outlook.low) / found.outlook.mean
    assert reach[young, 0] > reach[old, 0]
    assert found.bases[Series("sales", "d0", "new_car")].is_young


def test_dealers_that_open_and_close() -> None:
    past, _ = holding(6, 1, 24, seed=2)
    first = past.next_month
    known = {f"d{at}": place(f"d{at}") for at in range(6)}
    known["d0"] = place("d0", closed=date(first.year, first.month, 1).replace(day=1) - (date(2, 1, 1) - date(1, 12, 1)))
    known["d1"] = place("d1", closed=first.after.last)
    known["new"] = place("new", opened=first.after.after.first)
    found = forecast([past], first, known)
    assert found.outlook.of("sales", "d0") is None
    closing, opening, whole = (found.outlook.of("sales", dealer) for dealer in ("d1", "new", ""))
    assert closing is not None
    assert opening is not None
    assert whole is not None
    assert (closing > 0).tolist()[:3] == [True, True, False]
    assert (opening > 0).tolist()[:3] == [False, False, True]
    dealers = [found.outlook.of("sales", dealer) for dealer in (*(f"d{at}" for at in range(1, 6)), "new")]
    assert whole == pytest.approx(np.sum([each for each in dealers if each is not None], axis=0))


def test_a_gap_does_not_pull_the_level_down() -> None:
    counts = np.random.default_rng(9).poisson(50, (6, 30)).astype(float)
    counts[0, 20:23] = np.nan
    past = past_of(counts)
    found = forecast([past], past.next_month)
    assert found.outlook.mean[found.outlook.places[Series("sales", "d0", "new_car")]].mean() == pytest.approx(
        50, rel=0.15
    )
