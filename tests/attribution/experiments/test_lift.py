"""Lifts: intervals hold the truth as often as they say, and where nothing was switched nothing is found."""

from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from attribution.experiments.lift import Lift, geo_lift, time_lift, unit_weights

Numbers = NDArray[np.float64]


def of_units(
    random: np.random.Generator, test: int, control: int, lift: float, shock: float
) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
    """Counts before and after; units differ in size, and each has a shock of its own."""
    is_test = np.arange(test + control) < test
    size = np.exp(random.normal(3.5, 0.8, test + control))
    before = random.poisson(size * 8).astype(float)
    after = random.poisson(
        size * 4 * 1.15 * np.exp(random.normal(0, shock, test + control)) * np.where(is_test, 1 + lift, 1)
    )
    return before, after.astype(float), is_test


def found(before: Numbers, after: Numbers, is_test: NDArray[np.bool_]) -> Lift:
    lift = geo_lift(before, after, is_test, unit_weights(before, after, is_test), counts=True)
    assert lift
    return lift


@pytest.mark.parametrize(
    ("test", "control", "lift", "shock"), [(10, 30, 0.0, 0.1), (5, 15, 0.2, 0.1), (2, 6, 0.0, 0.15), (20, 20, 0.0, 0.0)]
)
def test_geo_intervals_hold_the_truth_and_a_a_finds_nothing(test: int, control: int, lift: float, shock: float) -> None:
    random = np.random.default_rng(1)
    repeats = 160
    held, said, arranged, errors = 0, 0, 0, []
    for _ in range(repeats):
        one = found(*of_units(random, test, control, lift, shock))
        low, high = one.interval()
        held += low <= np.log1p(lift) <= high
        said += one.p < 0.05
        assert one.arranged is not None
        arranged += one.arranged <= 0.05
        errors.append(one.log - np.log1p(lift))
    assert held / repeats > 0.95 - 3 * np.sqrt(0.05 * 0.95 / repeats)
    assert abs(np.mean(errors)) < 0.03
    if lift == 0:
        most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)
        assert said / repeats < most
        assert arranged / repeats < most


def test_all_arrangements_of_few_units_are_looked_at() -> None:
    before, after = np.full(6, 100.0), np.array([90.0, 91, 89, 60, 61, 59])
    is_test = np.array([True] * 3 + [False] * 3)
    assert found(before, after, is_test).arranged == pytest.approx(2 / 20)  # this one, and its mirror


def test_a_lift_by_hand() -> None:
    """Control grew by a half, test doubled."""
    before = np.array([100.0, 200, 100, 300])
    after = np.array([200.0, 400, 150, 450])
    lift = found(before, after, np.array([True, True, False, False]))
    assert np.exp(lift.log) == pytest.approx(2 / 1.5)
    assert lift.degrees == 2


def test_money_scatters_by_its_own_measure() -> None:
    random = np.random.default_rng(2)
    held, repeats = 0, 120
    for _ in range(repeats):
        before, after, is_test = of_units(random, 8, 24, 0.1, 0.1)
        weights = unit_weights(before, after, is_test)
        amounts = [np.array([random.lognormal(14, 0.6, int(n)).sum() for n in counts]) for counts in (before, after)]
        lift = geo_lift(amounts[0], amounts[1], is_test, weights, counts=False)
        assert lift
        low, high = lift.interval()
        held += low <= np.log(1.1) <= high
    assert held / repeats > 0.95 - 3 * np.sqrt(0.05 * 0.95 / repeats)


def of_days(
    random: np.random.Generator, days: int, lift: float, alike: float, *, alternating: bool
) -> tuple[Numbers, NDArray[np.int64], NDArray[np.bool_]]:
    """Counts with a trend, weekdays, and neighbours that are alike."""
    place = np.arange(days)
    is_switched = (place // 14) % 2 == 1 if alternating else place >= days - 28
    drift = np.zeros(days)
    for day in range(1, days):
        drift[day] = alike * drift[day - 1] + random.normal(0, 0.1)
    mean = 20 * np.exp(0.2 * np.sin(2 * np.pi * place / 7) + 0.3 * place / days + drift)
    counted = random.poisson(mean * np.where(is_switched, 1 + lift, 1)).astype(float)
    return counted, place % 7, is_switched


@pytest.mark.parametrize(
    ("days", "lift", "alike", "alternating"),
    [(112, 0.0, 0.0, False), (112, 0.2, 0.3, True), (168, 0.0, 0.3, False), (224, 0.0, 0.4, True)],
)
def test_intervals_over_time_hold_the_truth_and_a_a_finds_nothing(
    days: int, lift: float, alike: float, alternating: bool
) -> None:
    random = np.random.default_rng(3)
    held, said, repeats = 0, 0, 250
    for _ in range(repeats):
        one = time_lift(*of_days(random, days, lift, alike, alternating=alternating), counts=True)
        assert one
        low, high = one.interval()
        held += low <= np.log1p(lift) <= high
        said += one.p < 0.05
    assert held / repeats > 0.95 - 3 * np.sqrt(0.05 * 0.95 / repeats) - 0.01
    if lift == 0:
        assert said / repeats < 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats) + 0.01


def test_the_smallest_lift_is_found_in_four_of_five_cases() -> None:
    random = np.random.default_rng(4)
    smallest = np.mean([found(*of_units(random, 10, 30, 0.0, 0.1)).smallest() for _ in range(40)])
    lift = float(np.expm1(smallest))
    times = [found(*of_units(random, 10, 30, lift, 0.1)).p < 0.05 for _ in range(120)]
    assert 0.68 < np.mean(times) < 0.93


def test_too_little_says_nothing() -> None:
    nothing = np.zeros(4)
    is_test = np.array([True, False, False, False])
    weights = np.ones(4)
    assert geo_lift(nothing, nothing, is_test, weights, counts=True) is None
    assert geo_lift(np.ones(4), np.where(is_test, 0.0, 5), is_test, weights, counts=True) is None
    two = np.array([5.0, 6.0])
    assert geo_lift(two, two, np.array([True, False]), np.ones(2), counts=True) is None
    days = np.array([date(2026, 1, 1 + n).weekday() for n in range(12)])
    assert time_lift(np.ones(12), days, np.arange(12) > 8, counts=True) is None
    assert time_lift(np.zeros(90), np.arange(90) % 7, np.arange(90) > 60, counts=True) is None
