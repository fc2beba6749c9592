"""How far forecasts miss, learned from the backtest: intervals that hold as often as they say.

The variance of a count whose mean is m, h months ahead, is taken as  m + c (1 + g (h - 1)) m²  with c and g of the
level, by likelihood. What that leaves is put right by quantiles of the backtest's own errors (conformal), by level and
reach, and by node as far as it has errors of its own. Coverage is told of origins that had no part in their own
intervals.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planning.forecast.backtest import Backtest
from planning.forecast.theta import Places
from planning.forecast.tree import Level, Tree
from planning.response.curves import Numbers

SHARE = 0.8
REACHES = ((1, 3), (4, 6), (7, 12), (13, 18))
"""From which month ahead to which; both inclusive."""
_NORMAL = 1.2816
_GROWTHS = np.array([0.0, 0.03, 0.06, 0.1, 0.15, 0.25, 0.4])
_WIDTHS = np.geomspace(0.0005, 0.6, 22)
_USUAL_GROWTH = 0.06
_UNTRIED = 0.01
"""What is not tried is off by a tenth at least: the smoothest year says nothing of the next one."""
_AS_OF_USUAL = 12
"""How many errors the usual quantiles, widths and node's factors count for."""
_LEAST = 0.1
_RARE = -float(np.log(1 - SHARE))
"""Below such a mean, none is among the eight of ten."""


@dataclass(frozen=True)
class Spread:
    """Of a level: `c` and `g`; quantiles by reach, below and above, in standard deviations."""

    width: float
    growth: float
    below: Numbers
    above: Numbers


@dataclass(frozen=True)
class Intervals:
    """`low` and `high` of the forecasts; `tried_low` and `tried_high` of the backtest, each origin by the others."""

    low: Numbers
    high: Numbers
    tried_low: Numbers
    tried_high: Numbers


def calibrated(mean: Numbers, tested: Backtest, tree: Tree, widths: Numbers, doubt: Numbers) -> Intervals:
    """`mean` is of the shape (nodes, horizon).

    `widths` are variances of nodes' errors one month ahead beyond Poisson's, as shares of the squared mean: what holds
    where nothing could be tested. `doubt` is by node, of the same kind.
    """
    shape = tested.said.shape
    found = Intervals(np.empty_like(mean), np.empty_like(mean), np.full(shape, np.nan), np.full(shape, np.nan))
    for level in Level:
        own = np.flatnonzero(tree.of_level(level))
        if not len(own):
            continue
        said, actual = tested.said[:, own], tested.actual[:, own]
        usual = float(np.clip(np.median(widths[own]), _UNTRIED, _WIDTHS[-1]))
        losses = _losses(said, actual)
        for origin, kept in _left_out(tested.origins):
            spread, factors = _learned(said[kept], actual[kept], *_likeliest(losses[kept], usual))
            low, high = _bounds(said[origin], spread, factors, np.zeros(len(own)))
            found.tried_low[origin, own], found.tried_high[origin, own] = low, high
        spread, factors = _learned(said, actual, *_likeliest(losses, usual))
        found.low[own], found.high[own] = _bounds(mean[own], spread, factors, doubt[own])
    return found


def _left_out(origins: int) -> Iterator[tuple[int, Places]]:
    for origin in range(origins):
        yield origin, np.flatnonzero(np.arange(origins) != origin)


def _learned(said: Numbers, actual: Numbers, width: float, growth: float) -> tuple[Spread, Numbers]:
    """Of a level's errors, and by which factor each node's differ from it."""
    missed = (actual - said) / np.sqrt(_variance(said, width, growth))
    factors = np.sqrt(
        (_AS_OF_USUAL + np.nansum(missed**2, axis=(0, 2))) / (_AS_OF_USUAL + (~np.isnan(missed)).sum((0, 2)))
    )
    below, above = np.full(len(REACHES), -_NORMAL), np.full(len(REACHES), _NORMAL)
    for at, (first, last) in enumerate(REACHES):
        of_reach = missed[:, :, first - 1 : last] / factors[:, None]
        of_reach = of_reach[~np.isnan(of_reach)]
        if len(of_reach):
            own = len(of_reach) / (len(of_reach) + _AS_OF_USUAL)
            low, high = np.quantile(of_reach, [(1 - SHARE) / 2, (1 + SHARE) / 2])
            below[at] = min(own * low - (1 - own) * _NORMAL, 0)
            above[at] = max(own * high + (1 - own) * _NORMAL, 0)
        elif at:
            below[at], above[at] = below[at - 1], above[at - 1]
    return Spread(width, growth, below, above), factors


def _losses(said: Numbers, actual: Numbers) -> Numbers:
    """Twice the negative log likelihood of each origin's errors, by growth and width."""
    found = np.zeros((len(said), len(_GROWTHS), len(_WIDTHS)))
    for origin, (told, came) in enumerate(zip(said, actual, strict=True)):
        known = ~np.isnan(came)
        ahead = np.broadcast_to(np.arange(told.shape[1]), told.shape)[known]
        mean, squared = np.maximum(told[known], 0), (came - told)[known] ** 2
        for at, growth in enumerate(_GROWTHS):
            grown = mean**2 * (1 + growth * ahead)
            for to, width in enumerate(_WIDTHS):
                variance = np.maximum(mean + width * grown, _LEAST)
                found[origin, at, to] = (np.log(variance) + squared / variance).sum()
    return found


def _likeliest(losses: Numbers, usual: float) -> tuple[float, float]:
    """Width and growth, by losses of all origins that count; what is usual counts as some errors do."""
    prior = np.log(_WIDTHS / usual) ** 2 + ((_GROWTHS - _USUAL_GROWTH) / 0.1)[:, None] ** 2
    growth, width = np.unravel_index(int((losses.sum(axis=0) + prior).argmin()), prior.shape)
    return float(_WIDTHS[width]), float(_GROWTHS[growth])


def _variance(mean: Numbers, width: float, growth: float) -> Numbers:
    ahead = np.arange(mean.shape[-1])
    return np.asarray(np.maximum(mean + width * (1 + growth * ahead) * mean**2, _LEAST))


def _bounds(mean: Numbers, spread: Spread, factors: Numbers, doubt: Numbers) -> tuple[Numbers, Numbers]:
    """Of the shape (nodes, horizon)."""
    variance = _variance(mean, spread.width, spread.growth) * factors[:, None] ** 2 + doubt[:, None] * mean**2
    reach = reach_of(np.arange(1, mean.shape[1] + 1))
    deviation = np.sqrt(variance)
    low = np.maximum(mean + spread.below[reach] * deviation, 0)
    return np.where(mean < _RARE, 0.0, low), mean + spread.above[reach] * deviation


def reach_of(ahead: Places) -> Places:
    """The place in `REACHES` of each number of months ahead."""
    return np.asarray(np.searchsorted([last for _, last in REACHES], ahead))
