"""The best rota: as good as trying all, and never more hours than there are."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import InvalidInput
from planning.call_load.centres import Shift
from planning.call_load.queues import impatient
from planning.call_load.shifts import best_rota, lost_with, single_hours

SHIFTS = (Shift(name="Day", start=9, hours=8), Shift(name="Night", start=20, hours=8))


def hourly(calls: np.ndarray, most: int = 6) -> np.ndarray:
    return calls * impatient(calls, 180.0, 72, 20, most).lost


@pytest.mark.parametrize("seed", range(3))
def test_no_rota_of_two_days_is_better(seed: int) -> None:
    """All ways to lay up to four shifts over two days, tried one by one."""
    rng = np.random.default_rng(seed)
    calls = np.zeros((7, 24))
    calls[:2] = rng.gamma(1, 15, (2, 24))
    losses, staff = hourly(calls), np.zeros((7, 24), int)
    staff[0, :16], staff[1, :16] = 1, 1
    found = best_rota(losses, staff, SHIFTS)
    best = min(lost_with(losses, laid(each)) for each in product(range(5), repeat=4) if sum(each) * 8 <= staff.sum())
    assert found.lost == pytest.approx(best, rel=1e-3)
    assert found.least <= best + 1e-6
    assert found.staff.sum() <= staff.sum()


def laid(people: tuple[int, ...]) -> np.ndarray:
    found = np.zeros(168, int)
    for (shift, day), count in zip(product(SHIFTS, (0, 1)), people, strict=True):
        for hour in range(shift.hours):
            found[day * 24 + shift.start + hour] += count
    return found.reshape(7, 24)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 3))
def test_hours_that_move_freely_never_lose_more(seed: int, people: int) -> None:
    rng = np.random.default_rng(seed)
    losses, staff = hourly(rng.gamma(0.5, 20, (7, 24))), rng.integers(0, people + 1, (7, 24))
    staff[0, 0] = 1
    found = best_rota(losses, staff, *single_hours(np.ones((7, 24))))
    assert found.lost <= lost_with(losses, staff) + 1e-6
    assert found.staff.sum() <= staff.sum()
    assert (found.staff >= 0).all()


def test_gains_that_do_not_fall_are_taken_in_their_order() -> None:
    """The second of two people keeps all: one alone is worth nothing there, so both go to that hour."""
    losses = np.zeros((3, 7, 24))
    losses[0, 0, 5], losses[1, 0, 5] = 10, 10
    losses[0, 0, 6] = losses[0, 0, 7] = 3
    losses[1:, 0, 6] = losses[1:, 0, 7] = 0
    staff = np.zeros((7, 24), int)
    staff[0, 6] = staff[0, 7] = 1
    found = best_rota(losses, staff, *single_hours(np.ones((7, 24))))
    assert found.lost == 6
    assert found.staff[0, 5] == 2


def test_a_shift_goes_on_past_the_end_of_the_week() -> None:
    calls = np.zeros((7, 24))
    calls[0, :4] = calls[6, 20:] = 30
    found = best_rota(hourly(calls), np.eye(7, 24, dtype=int) + 1, (SHIFTS[1],), hours=8)
    assert found.people.tolist() == [[0, 0, 0, 0, 0, 0, 1]]
    assert found.staff[0, :4].tolist() == [1] * 4


@pytest.mark.parametrize(("shifts", "hours", "said"), [((), 40, "no shift"), (SHIFTS, 5, "less than the shortest")])
def test_what_cannot_be_is_said(shifts: tuple[Shift, ...], hours: int, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        best_rota(hourly(np.ones((7, 24))), np.zeros((7, 24), int), shifts, hours=hours)
