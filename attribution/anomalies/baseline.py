"""What a daily series should have been: its robust level, weekday pattern, trend, and what its peers did alike.

A model of counts: value of series i on day t has the mean level_i × exposure_it × movement_w, and a variance of
dispersion_i times the mean (quasi-Poisson: P. McCullagh, J. A. Nelder, «Generalized Linear Models», 1989, ch. 6). The
exposure is the weekday's weight, or another series: cost, say, where leads per money are asked. The movement of a week
is what all series did together, so that a holiday is nobody's anomaly. Levels are trimmed means of weeks, without the
lowest and the highest; trends are the median slope of Theil and Sen (P. K. Sen, 1968), held only where Kendall's S is
significant. So one bad week moves nothing. Weekday and trend are parted as in STL (R. B. Cleveland et al., 1990).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEEK = 7
WEEKS = 8
FEWEST_WEEKS = 4
GAP = 28
"""Days before the last one that are judged and so are not part of the baseline."""
HISTORY = WEEKS * WEEK + GAP
_SIGNIFICANT_S = 24  # of 28 pairs of weeks: two-sided 0.2% without a trend (Kendall 1975, table 1, n = 8)
_PEERS = 4
_LENT = 0.5
_LEAST_MOVEMENT = 0.05
_OUTLYING = 3.0
_PRIOR_DAYS = 28.0
_WITHOUT_WORST_WEEK, _WITHOUT_WORST_DAYS = 1.9, 1.25  # make up for the week left out: found by simulation
_LEAST_OF_POOLED = 0.9

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Baseline:
    """A row a series. `level` is per unit of exposure; `told` is how much the level rests on, in counts."""

    level: Numbers
    slope: Numbers
    dispersion: Numbers
    told: Numbers
    judged: NDArray[np.bool_]


def weekday_exposure(values: Numbers) -> Numbers:
    """The weight of each day, 1 in the mean, from what all series do on that weekday: a row that fits them all.

    `values` are the last `HISTORY` days; the weights come from the baseline's weeks.
    """
    weeks = values[:, : WEEKS * WEEK].sum(axis=0).reshape(WEEKS, WEEK)
    whole = weeks.sum(axis=1, keepdims=True)
    shares = np.divide(weeks, whole, out=np.full_like(weeks, 1 / WEEK), where=whole > 0)
    profile = np.median(shares, axis=0)
    profile = profile / profile.sum() * WEEK if profile.sum() > 0 else np.ones(WEEK)
    return np.tile(np.maximum(profile, 0.02), HISTORY // WEEK)[np.newaxis, :]


def find_baseline(values: Numbers, exposure: Numbers, *, is_share: bool = False) -> Baseline:
    """From `values` and `exposure` (broadcast to them) of the last `HISTORY` days, a row a series.

    A series lives from its first count on. A share of something, from when there was something to share: it may well
    have been 0 so far, and then half a count is lent to it, so that its first ones are improbable and not impossible.
    """
    exposure = np.broadcast_to(exposure, values.shape)
    days = slice(0, WEEKS * WEEK)
    told, exposed = _by_week(values[:, days]), _by_week(exposure[:, days])
    lived = np.cumsum(exposed if is_share else told, axis=1) > 0
    usable = lived & (exposed > 0)
    level = _trimmed(told, exposed, usable)
    moved = common_movement(told, exposed * level[:, np.newaxis])
    level = _trimmed(told, exposed * moved, usable)
    if is_share:
        lent = _ratio(np.full(len(told), _LENT), np.where(usable, exposed * moved, 0).sum(axis=1))
        level = np.maximum(level, lent)
    expected = exposed * moved * level[:, np.newaxis]
    slope = _trend(told, expected, usable)
    dispersion = _dispersion(values[:, days], exposure[:, days], moved, level, usable)
    whole = np.where(usable, told, 0).sum(axis=1)
    return Baseline(level, slope, dispersion, whole, (usable.sum(axis=1) >= FEWEST_WEEKS) & (level > 0))


def common_movement(told: Numbers, expected: Numbers) -> Numbers:
    """By how much all series together did more or less than expected, in each column: 1 where there are few peers.

    A weighted median of their ratios, mended by the sums of those that do not stand out from it.
    """
    if len(told) < _PEERS:
        return np.ones(told.shape[1])
    ratio = np.divide(told, expected, out=np.ones_like(told), where=expected > 0)
    order = np.argsort(ratio, axis=0)
    weights = np.take_along_axis(expected, order, axis=0).cumsum(axis=0)
    middle = (weights >= weights[-1] / 2).argmax(axis=0)
    ordered = np.take_along_axis(ratio, order, axis=0)
    moved = np.maximum(np.take_along_axis(ordered, middle[np.newaxis, :], axis=0)[0], _LEAST_MOVEMENT)
    for _ in range(3):
        fits = np.abs(told - expected * moved) <= _OUTLYING * np.sqrt(2 * np.maximum(expected * moved, 1))
        whole = np.where(fits, expected, 0).sum(axis=0)
        moved = np.where(whole > 0, np.where(fits, told, 0).sum(axis=0) / np.where(whole > 0, whole, 1), moved)
        moved = np.maximum(moved, _LEAST_MOVEMENT)
    return np.asarray(moved, dtype=np.float64)


def _by_week(values: Numbers) -> Numbers:
    return np.asarray(values.reshape(len(values), WEEKS, WEEK).sum(axis=2), dtype=np.float64)


def _trimmed(told: Numbers, exposed: Numbers, usable: NDArray[np.bool_]) -> Numbers:
    """Told per exposed over the usable weeks, without the lowest and the highest of them."""
    ratio = np.divide(told, exposed, out=np.full_like(told, np.nan), where=usable)
    kept = usable.copy()
    enough = usable.sum(axis=1) >= FEWEST_WEEKS
    rows = np.flatnonzero(enough)
    kept[rows, np.where(usable, ratio, np.inf).argmin(axis=1)[rows]] = False
    kept[rows, np.where(usable, ratio, -np.inf).argmax(axis=1)[rows]] = False
    whole = np.where(kept, exposed, 0).sum(axis=1)
    return _ratio(np.where(kept, told, 0).sum(axis=1), whole)


def _ratio(over: Numbers, under: Numbers) -> Numbers:
    return np.asarray(np.divide(over, under, out=np.zeros(over.shape), where=under > 0), dtype=np.float64)


def _trend(told: Numbers, expected: Numbers, usable: NDArray[np.bool_]) -> Numbers:
    """The change of the log level in a week; 0 where it is not significant, or a week is missing."""
    logs = np.log((told + 0.5) / (expected + 0.5))
    later, earlier = np.triu_indices(WEEKS, 1)[::-1]
    steps = logs[:, later] - logs[:, earlier]
    slope = np.median(steps / (later - earlier), axis=1)
    significant = np.abs(np.sign(steps).sum(axis=1)) >= _SIGNIFICANT_S
    return np.where(significant & usable.all(axis=1), slope, 0)


def _dispersion(
    values: Numbers, exposure: Numbers, moved: Numbers, level: Numbers, usable: NDArray[np.bool_]
) -> Numbers:
    """Variance over mean: of the days of each series, drawn to that of the weeks of all; at least 1."""
    expected = exposure * np.repeat(moved, WEEK) * level[:, np.newaxis]
    off, mean = _by_week((values - expected) ** 2), _by_week(expected)
    own = np.divide(off, mean, out=np.zeros_like(off), where=usable & (mean > 0))
    own[np.arange(len(own)), own.argmax(axis=1)] = 0  # the worst week may be an anomaly itself
    weeks = np.maximum((usable & (mean > 0)).sum(axis=1) - 1, 1)
    of_days = own.sum(axis=1) / weeks
    off_weeks = np.where(usable, (_by_week(values) - mean) ** 2, 0)
    worst = off_weeks.argmax(axis=1)
    rows = np.arange(len(values))
    off_weeks[rows, worst] = 0
    mean_weeks = np.where(usable, mean, 0)
    mean_weeks[rows, worst] = 0
    of_weeks = off_weeks.sum() / max(mean_weeks.sum(), 1e-9) * _WITHOUT_WORST_WEEK
    pooled = max(1.0, float(of_weeks))
    mixed = (_PRIOR_DAYS * pooled + WEEK * weeks * _WITHOUT_WORST_DAYS * of_days) / (_PRIOR_DAYS + WEEK * weeks)
    return np.asarray(np.maximum(1.0, np.maximum(mixed, _LEAST_OF_POOLED * pooled)), dtype=np.float64)
