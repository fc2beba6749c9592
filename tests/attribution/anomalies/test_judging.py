"""False alarms stay within the budget, what is injected is found within days, and a tail is a tail."""

from math import exp, factorial, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.anomalies.baseline import GAP, HISTORY, Numbers, common_movement, weekday_exposure
from attribution.anomalies.judging import begun, is_over, judge_counts, judge_money, two_sided

WEEKDAYS = np.array([1.2, 1.1, 1.1, 1.05, 1.0, 0.85, 0.7])
SERIES, DAYS = 300, 60  # a hundred dealers in three measures
BUDGET = 0.1


def usual(seed: int, dispersion: float, days: int, series: int = SERIES) -> tuple[Numbers, Numbers]:
    """Counts of dealers of very different size, by weekday and a season that is common to all; and their levels."""
    rng = np.random.default_rng(seed)
    level = np.exp(rng.normal(log(3), 1.2, series))
    day = np.arange(days)
    mean = level[:, np.newaxis] * WEEKDAYS[day % 7] * (1 + 0.25 * np.sin(2 * np.pi * day / 90))
    if dispersion == 1:
        return rng.poisson(mean).astype(float), level
    return rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion).astype(float), level


def alarms(values: Numbers, days: int) -> np.ndarray:
    """Whether each series is told of on each of the last days."""
    found = []
    for day in range(days):
        seen = values[:, day : day + HISTORY]
        found.append(judge_counts(seen, weekday_exposure(seen)).probability <= BUDGET / len(values))
    return np.array(found)


@pytest.mark.parametrize("dispersion", [1, 1.5, 3])
def test_chance_raises_about_the_budget_of_notices_a_day(dispersion: float) -> None:
    values, _ = usual(11, dispersion, HISTORY + DAYS)
    told = alarms(values, DAYS)
    raised = (told[1:] & ~told[:-1]).sum()
    assert raised / DAYS <= 2 * BUDGET


@pytest.mark.parametrize(("dispersion", "most_days"), [(1, 7), (1.5, 8), (3, 14)])
def test_a_dealer_that_falls_silent_is_found_within_days(dispersion: float, most_days: int) -> None:
    values, level = usual(12, dispersion, HISTORY + most_days)
    silent = (level >= 3).nonzero()[0][:40]
    values[silent, HISTORY:] = 0
    last = values[:, most_days:]
    judged = judge_counts(last, weekday_exposure(last))
    told = judged.probability[silent] <= BUDGET / SERIES
    assert told.mean() >= 0.95
    began = begun(last[silent][:, -GAP:], judged.daily[silent])
    assert np.median(np.abs(began - most_days)) <= 1


def test_a_jump_to_the_threefold_is_found_within_days() -> None:
    values, level = usual(13, 1.5, HISTORY + 7)
    jumping = (level >= 3).nonzero()[0][:40]
    values[jumping, HISTORY:] *= 3
    last = values[:, 7:]
    assert (judge_counts(last, weekday_exposure(last)).probability[jumping] <= BUDGET / SERIES).mean() >= 0.9


def test_a_holiday_that_all_keep_is_nobodys_anomaly_but_everybodys() -> None:
    values, _ = usual(14, 1, HISTORY)
    values[:, -7:] = np.rint(values[:, -7:] * 0.4)
    apart = judge_counts(values, weekday_exposure(values))
    assert (apart.probability <= BUDGET / SERIES).sum() == 0
    together = values.sum(axis=0, keepdims=True)
    assert judge_counts(together, weekday_exposure(together)).probability[0] < 1e-6


def test_one_large_series_that_ends_does_not_make_its_peers_look_grown() -> None:
    values, level = usual(15, 1, HISTORY, series=8)
    largest = int(level.argmax())
    values[largest, -7:] = 0
    judged = judge_counts(values, weekday_exposure(values)).probability
    assert judged[largest] < 1e-9
    assert (np.delete(judged, largest) > BUDGET / SERIES).all()


def test_a_young_series_is_not_judged() -> None:
    values, _ = usual(16, 1, HISTORY, series=6)
    values[0, : HISTORY - 40] = 0
    values[0, -7:] = 0
    assert judge_counts(values, weekday_exposure(values)).probability[0] == 1


def test_money_that_jumps_or_stops_is_found_and_a_calm_budget_is_not() -> None:
    rng = np.random.default_rng(17)
    amounts = 10_000 * WEEKDAYS[np.arange(HISTORY) % 7] * np.exp(rng.normal(0, 0.15, (60, HISTORY)))
    amounts[0, -4:] *= 4
    amounts[1, -3:] = 0
    judged = judge_money(amounts, weekday_exposure(amounts)).probability
    assert (judged[:2] <= BUDGET / SERIES).all()
    assert (judged[2:] > BUDGET / SERIES).all()


def test_what_is_back_to_normal_is_over() -> None:
    expected = np.full(20, 5.0)
    ended = np.array([0.0] * 20)
    back = np.array([0.0] * 16 + [6, 4, 5, 5])
    jump_over = np.array([20.0] * 16 + [6, 4, 5, 5])
    assert not is_over(ended, expected)
    assert is_over(back, expected)
    assert is_over(jump_over, expected)


def test_peers_move_by_what_most_of_them_do() -> None:
    expected = np.full((10, 1), 100.0)
    told = np.full((10, 1), 80.0)
    told[0] = 0
    assert common_movement(told, expected)[0] == pytest.approx(0.8)
    assert common_movement(told[:3], expected[:3])[0] == 1


@given(st.integers(0, 60), st.floats(0.1, 30))
def test_without_dispersion_a_tail_is_that_of_the_poisson(seen: int, mean: float) -> None:
    terms = [exp(-mean) * mean**each / factorial(each) for each in range(150)]
    wanted = min(1, 2 * min(sum(terms[: seen + 1]), sum(terms[seen:])))
    found = two_sided(np.array([float(seen)]), np.array([mean]), np.array([mean]))[0]
    assert found == pytest.approx(wanted, rel=1e-3, abs=1e-9)


@given(st.integers(0, 40), st.floats(0.5, 20), st.floats(1, 5))
def test_more_dispersion_makes_the_same_count_no_less_probable_at_the_far_tail(
    seen: int, mean: float, more: float
) -> None:
    if not (seen == 0 or seen >= 3 * mean + 3):
        return
    counts, means = np.array([float(seen)]), np.array([mean])
    assert two_sided(counts, means, means * more)[0] >= two_sided(counts, means, means)[0] * (1 - 1e-6)
