"""How often intervals held what came, and how much wider or narrower they have to be to hold as much as they say.

A count that is to come has a gamma distribution of the mean and the variance that were expected. Counts are whole, so
one that lies on an end of its interval is held by the part of its probability that lies inside: then intervals that are
right hold just so much on average, however few are counted. `after` is measured on months that the factor was not taken
from: each month is judged by the factor of all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from planning.split import Weights

LEVEL = 0.8
"""Of intervals, wherever the calculator and the rates tell one."""
_FEWEST = 6  # counts on which a factor is believed
_LEAST_EXPECTED = 0.5
_FACTORS = np.geomspace(0.4, 5.0, 64)


@dataclass(frozen=True, slots=True)
class Outturn:
    """What was expected of the groups of one month, with variances, and what came."""

    expected: Weights
    variance: Weights
    came: Weights


@dataclass(frozen=True, slots=True)
class Calibration:
    """`factor` is by what standard deviations are multiplied; coverage is missing where too little could be judged."""

    factor: float = 1.0
    before: float | None = None
    after: float | None = None
    counts: int = 0
    months: int = 0


def calibrated(months: Sequence[Outturn]) -> Calibration:
    """From all months in which anything was expected."""
    held, counts = _held_by_factor(months)
    total = int(counts.sum())
    if total < _FEWEST:
        return Calibration(counts=total, months=int((counts > 0).sum()))
    before = sum(float(_held(each, np.ones(1))[0].sum()) for each in map(_told, months)) / total
    factor = _factor(held.sum(axis=1) / total)
    return Calibration(factor, before, _left_out(held, counts), total, int((counts > 0).sum()))


def quantiles(mean: Weights, variance: Weights, level: float = LEVEL) -> tuple[Weights, Weights]:
    """The interval of counts to come, not whole."""
    safe = np.maximum(mean, 1e-12)
    scale = np.maximum(variance, 1e-12) / safe
    low, high = (scipy.stats.gamma.ppf(q, safe / scale, scale=scale) for q in ((1 - level) / 2, (1 + level) / 2))
    return np.where(mean > 0, low, 0.0), np.where(mean > 0, high, 0.0)


def _told(month: Outturn) -> Outturn:
    """Without those of whom hardly anything was expected: they are held by whatever interval."""
    some = month.expected >= _LEAST_EXPECTED
    return Outturn(month.expected[some], month.variance[some], month.came[some])


def _held(month: Outturn, factors: Weights) -> Weights:
    """(factors, groups): which part of each count lies inside its interval."""
    scale = factors[:, None] ** 2 * month.variance / month.expected
    shape = month.expected / scale
    upto, below = (scipy.special.gammainc(shape, np.maximum(month.came + half, 0.0) / scale) for half in (0.5, -0.5))
    low, high = (1 - LEVEL) / 2, (1 + LEVEL) / 2
    inside = np.clip(upto, low, high) - np.clip(below, low, high)
    room = upto - below
    return np.asarray(np.divide(inside, room, out=np.zeros_like(room), where=room > 1e-12))


def _held_by_factor(months: Sequence[Outturn]) -> tuple[Weights, Weights]:
    """(factors, months): how many are held; and how many there are of each month."""
    told = [_told(each) for each in months]
    held = np.array([_held(each, _FACTORS).sum(axis=1) for each in told]).reshape(len(told), len(_FACTORS))
    return held.T, np.array([len(each.came) for each in told], float)


def _factor(coverage: Weights) -> float:
    rising = np.maximum.accumulate(coverage)
    return float(np.interp(LEVEL, rising, _FACTORS))


def _left_out(held: Weights, counts: Weights) -> float | None:
    some = np.flatnonzero(counts)
    if len(some) < 2:
        return None
    found = 0.0
    for month in some:
        others = np.delete(np.arange(len(counts)), month)
        factor = _factor(held[:, others].sum(axis=1) / counts[others].sum())
        found += float(np.interp(factor, _FACTORS, held[:, month]))
    return found / float(counts.sum())
