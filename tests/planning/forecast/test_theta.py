"""The dynamic optimised theta model says what the reference implementation says, and errs no more than it."""

import numpy as np
import pytest

from planning.forecast.theta import theta
from tests.planning.forecast.golden import GOLDEN


@pytest.mark.parametrize(("name", "told", "expected", "squares"), GOLDEN, ids=[name for name, *_ in GOLDEN])
def test_it_is_the_reference(name: str, told: list[int], expected: list[float], squares: float) -> None:
    values = np.array([told], dtype=float)
    found = theta(values, np.array([len(told)]), len(expected))
    own = float(((values - found.expected)[0, 3:] ** 2).sum())
    assert own <= squares * 1.001
    if own >= squares * 0.99:  # where a better optimum was found, forecasts differ
        assert found.ahead[0] == pytest.approx(expected, rel=0.02)


def test_series_of_different_lengths_do_not_mix() -> None:
    draw = np.random.default_rng(3)
    values = draw.poisson(50, (3, 30)).astype(float)
    lengths = np.array([30, 12, 5])
    together = theta(values, lengths, 4)
    for at, length in enumerate(lengths.tolist()):
        alone = theta(values[at : at + 1, :length], np.array([length]), 4)
        assert together.ahead[at] == pytest.approx(alone.ahead[0], rel=1e-6)


def test_half_of_a_straight_line_goes_on() -> None:
    line = np.array([[100.0 + 4 * month for month in range(36)]])
    found = theta(line, np.array([36]), 6)
    assert (np.diff(found.ahead[0]) > 0).all()
    assert found.expected[0, -1] == pytest.approx(line[0, -1], rel=0.03)
