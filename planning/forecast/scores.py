"""How well forecasts did when they were tried, as it stands on the page."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planning.forecast.backtest import Backtest
from planning.forecast.calibration import REACHES, Intervals
from planning.forecast.tree import Level, Tree
from planning.response.curves import Numbers

_NORMAL = 1.2816


@dataclass(frozen=True, slots=True)
class Score:
    """Of a level and a reach in months ahead. MASE is in changes from year to year, sMAPE and coverage are shares.

    `nominal` is the coverage that textbook intervals of 80% would have had, `covered` that of those that are shown.
    """

    measure: str
    level: Level
    first: int
    last: int
    errors: int
    mase: float
    mase_naive: float
    smape: float
    smape_naive: float
    nominal: float
    covered: float


def scores_of(measure: str, tested: Backtest, intervals: Intervals, tree: Tree, deviations: Numbers) -> list[Score]:
    """`deviations` are those of each node's errors one month ahead, within the months known."""
    found = []
    for level in Level:
        own = np.flatnonzero(tree.of_level(level))
        for first, last in REACHES:
            ahead = np.arange(first - 1, min(last, tested.said.shape[2]))
            at = np.ix_(np.arange(tested.origins), own, ahead)
            if not tested.origins or not len(own) or np.isnan(tested.actual[at]).all():
                continue
            found.append(_score(measure, level, first, last, tested, intervals, at, deviations[own]))
    return found


def _score(
    measure: str,
    level: Level,
    first: int,
    last: int,
    tested: Backtest,
    intervals: Intervals,
    at: tuple[NDArray[np.int_], ...],
    own: Numbers,
) -> Score:
    actual, said, naive = tested.actual[at], tested.said[at], tested.naive[at]
    known = ~np.isnan(actual)
    scale = tested.scale[at[1]].reshape(1, -1, 1)
    inside = (actual >= intervals.tried_low[at]) & (actual <= intervals.tried_high[at])
    textbook = np.abs(actual - said) <= _NORMAL * own.reshape(1, -1, 1)
    return Score(
        measure,
        level,
        first,
        min(last, first + actual.shape[2] - 1),
        int(known.sum()),
        float(np.nanmean(np.abs(actual - said) / scale)),
        float(np.nanmean(np.abs(actual - naive) / scale)),
        _smape(actual, said),
        _smape(actual, naive),
        float(textbook[known].mean()),
        float(inside[known].mean()),
    )


def _smape(actual: Numbers, said: Numbers) -> float:
    """2 |y - f| / (y + f), which is 0 where both are."""
    both = actual + said
    return float(np.nanmean(np.where(both > 0, 2 * np.abs(actual - said) / np.maximum(both, 1e-9), both)))
