"""The forecast of month end: what it must hold, and how often the truth lies in its interval."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.media.forecast import CONFIDENCE, Forecast, forecast_end, together, weekday_weights
from planning.split import Weights

MONTH = [date(2026, 11, 1) + timedelta(days=number) for number in range(30)]
amounts = st.lists(st.floats(0, 1e9), max_size=30)


def simulated(seed: int) -> tuple[Weights, Weights, float]:
    """A month's spend by day, what days weigh, and the planned pace, which the truth is up to a third off.

    Days vary by a quarter, and a day that was dear makes the next one a little dear, too.
    """
    drawn = np.random.default_rng(seed)
    week = weekday_weights(None, drawn.uniform(0.4, 1.2, 7))
    weights = np.array([week[day.weekday()] for day in MONTH])
    planned = drawn.uniform(500, 50_000)
    pace = planned * drawn.uniform(0.67, 1.33)
    noise, before = [], 0.0
    for shock in drawn.normal(0, 0.25, len(MONTH)):
        before = 0.2 * before + shock
        noise.append(before)
    return pace * weights * np.exp(np.array(noise)), weights, planned


@pytest.mark.parametrize("gone", [3, 7, 15, 25])
def test_nine_times_of_ten_the_month_ends_within_the_interval(gone: int) -> None:
    held, errors = 0, []
    for seed in range(400):
        spent, weights, planned = simulated(seed)
        told = forecast_end(spent[:gone], weights[:gone], weights[gone:], planned_pace=planned)
        end = spent.sum()
        held += told.low <= end <= told.high
        errors.append(abs(told.expected - end) / end)
    assert CONFIDENCE - 0.06 <= held / 400 <= 0.99
    assert float(np.median(errors)) < {3: 0.13, 7: 0.08, 15: 0.05, 25: 0.02}[gone]


def test_intervals_of_many_items_hold_for_their_sum() -> None:
    held = 0
    for month in range(100):
        parts, end = [], 0.0
        for seed in range(8):
            spent, weights, planned = simulated(month * 8 + seed)
            parts.append(forecast_end(spent[:12], weights[:12], weights[12:], planned_pace=planned))
            end += float(spent.sum())
        whole = together(parts)
        held += whole.low <= end <= whole.high
    assert held >= 84


@given(amounts, st.integers(0, 30), st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1e9))
def test_what_is_spent_or_booked_is_in_the_forecast(
    spent: list[float], left: int, planned: float, booked: float, outside: float
) -> None:
    told = forecast_end(
        np.array(spent), np.ones(len(spent)), np.ones(left), planned_pace=planned, booked=booked, outside=outside
    )
    known = sum(spent) + outside
    assert told.spent == pytest.approx(known)
    assert told.low >= known + booked - 1e-3 or told.low == pytest.approx(known + booked)
    assert told.low <= told.expected * (1 + 1e-9)
    assert told.expected <= told.high * (1 + 1e-9)


def test_before_the_flight_the_plan_is_expected_and_after_it_what_was_spent() -> None:
    nothing: Weights = np.zeros(0)
    before = forecast_end(nothing, nothing, np.ones(30), planned_pace=100)
    assert before.expected == pytest.approx(3000)
    after = forecast_end(np.full(30, 90.0), np.ones(30), nothing, planned_pace=100)
    assert after == Forecast(2700, 2700, 2700, 2700)


def test_a_flight_of_weekdays_expects_nothing_of_weekends() -> None:
    week = weekday_weights(None, np.array([1.0] * 5 + [0.0] * 2))
    assert week.sum() == pytest.approx(7)
    assert week[5] == 0
    measured = weekday_weights(np.array([7.0] + [0.0] * 6), np.ones(7))
    assert measured[0] > 5
    assert measured[1:].min() > 0
