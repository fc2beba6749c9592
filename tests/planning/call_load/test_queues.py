"""Queues against published figures, against a simulation, and at their ends."""

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.call_load.queues import enough_for, impatient, patient


def test_erlang_c_is_that_of_tables() -> None:
    """200 calls an hour of three minutes are 10 Erlangs: 14 operators answer 88.8 % in 20 s, in 7.8 s on average."""
    found = patient([200.0], 180.0, 20, 20)
    assert found.waits[14, 0] == pytest.approx(0.174, abs=5e-4)
    assert found.in_time[14, 0] == pytest.approx(0.888, abs=5e-4)
    assert found.waiting_s[14, 0] == pytest.approx(7.8, abs=0.05)
    assert found.needed(0.8).tolist() == [14]


def test_erlang_a_is_that_of_garnett_mandelbaum_and_reiman() -> None:
    """48 calls a minute of one minute, 50 agents, patience of two minutes: 3.1 % hang up, and all wait 3.7 s.

    Without hanging up they would wait 20.8 s (Designing a call center with impatient customers, 2002, section 1).
    """
    found = impatient([48 * 60.0], 60.0, 120.0, 20, 60)
    assert found.lost[50, 0] == pytest.approx(0.031, abs=5e-4)
    assert found.waiting_s[50, 0] == pytest.approx(3.7, abs=0.05)
    assert patient([48 * 60.0], 60.0, 20, 60).waiting_s[50, 0] == pytest.approx(20.8, abs=0.05)


@pytest.mark.parametrize(
    ("calls", "handling", "patience", "people"), [(100, 180, 72, 5), (100, 180, 72, 3), (6, 240, 72, 1)]
)
def test_a_simulation_comes_to_the_same(calls: float, handling: float, patience: float, people: int) -> None:
    """Overload included, where Erlang C has no answer."""
    found = impatient([float(calls)], handling, patience, 20, people)
    lost, in_time = simulated(calls, handling, patience, people, 120_000)
    assert found.lost[people, 0] == pytest.approx(lost, abs=0.01)
    assert found.in_time[people, 0] == pytest.approx(in_time, abs=0.01)


def simulated(calls: float, handling: float, patience: float, people: int, count: int) -> tuple[float, float]:
    """Call by call: who hangs up, and who is answered within 20 s."""
    rng = np.random.default_rng(7)
    arrivals = np.cumsum(rng.exponential(3600 / calls, count)).tolist()
    talks, patiences = rng.exponential(handling, count).tolist(), rng.exponential(patience, count).tolist()
    free = [0.0] * people
    lost = in_time = 0
    for at, talk, waits in zip(arrivals, talks, patiences, strict=True):
        begins = max(at, free[0])
        if begins - at > waits:
            lost += 1
            continue
        in_time += begins - at <= 20
        heapq.heapreplace(free, begins + talk)
    return lost / count, in_time / count


def test_people_who_never_hang_up_are_the_limit() -> None:
    endless, never = impatient([200.0], 180.0, 1e7, 20, 16), patient([200.0], 180.0, 20, 16)
    assert endless.in_time[12:, 0] == pytest.approx(never.in_time[12:, 0], abs=1e-3)
    assert endless.lost[12:, 0] == pytest.approx(np.zeros(5), abs=1e-4)


def test_too_few_for_erlang_c_are_served_by_erlang_a() -> None:
    never, hanging_up = patient([200.0], 180.0, 20, 9), impatient([200.0], 180.0, 72, 20, 9)
    assert np.isinf(never.waiting_s[9, 0])
    assert never.in_time[9, 0] == 0
    assert 0.1 < hanging_up.lost[9, 0] < 0.3
    assert never.needed(0.8).tolist() == [-1]


@given(
    st.floats(0, 20_000), st.floats(10, 1800), st.floats(5, 3600), st.integers(0, 600)
)  # fmt: skip
def test_more_people_never_do_worse_and_each_does_less(
    calls: float, handling: float, patience: float, within: int
) -> None:
    most = min(enough_for([calls], handling), 600)
    found = impatient([calls], handling, patience, within, most)
    for each in (found.lost, found.in_time, found.waits, found.waiting_s):
        assert np.isfinite(each).all()
    assert (np.diff(found.lost, axis=0) <= 1e-9).all()
    assert (np.diff(found.in_time, axis=0) >= -1e-7).all()
    assert (np.diff(found.lost, 2, axis=0) >= -1e-7).all()
    assert ((found.lost + found.in_time) <= 1 + 1e-9).all()


def test_hours_without_calls_and_without_people() -> None:
    found = impatient([0.0, 3.0], 180.0, 72, 20, 2)
    assert found.lost[:, 0] == pytest.approx([1, 0, 0], abs=1e-6)
    assert (found.lost[0, 1], found.in_time[0, 1]) == (1, 0)
    assert found.lost[1, 1] > found.lost[2, 1] > 0
