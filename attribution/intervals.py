"""Intervals of shares and of rates, group by group. Counts may have fractions, as credit does."""

from typing import TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Numbers: TypeAlias = NDArray[np.float64]


def share_interval(successes: ArrayLike, trials: ArrayLike, level: float = 0.95) -> tuple[Numbers, Numbers]:
    """The score interval (Wilson, JASA 22, 1927); missing where there is no trial."""
    k, n = np.asarray(successes, float), np.asarray(trials, float)
    z = float(scipy.stats.norm.ppf((1 + level) / 2))
    n = np.where(n > 0, n, np.nan)
    share = np.clip(k / n, 0, 1)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    far = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.clip(centre - far, 0, 1), np.clip(centre + far, 0, 1)


def rate_interval(events: ArrayLike, exposure: ArrayLike, level: float = 0.95) -> tuple[Numbers, Numbers]:
    """The exact interval of a Poisson rate (Garwood, Biometrika 28, 1936); missing where there is no exposure."""
    y, e = np.asarray(events, float), np.asarray(exposure, float)
    e = np.where(e > 0, e, np.nan)
    low = np.where(y > 0, scipy.stats.gamma.ppf((1 - level) / 2, np.where(y > 0, y, 1)), 0.0)
    return low / e, scipy.stats.gamma.ppf((1 + level) / 2, np.maximum(y, 0) + 1) / e


def sum_interval(total: ArrayLike, squares: ArrayLike, level: float = 0.95) -> tuple[Numbers, Numbers]:
    """Of a sum of amounts that come by chance, given the sum of their squares.

    The squares are the variance of a compound Poisson sum, and what a Poisson bootstrap over the amounts would find
    (Chamandy et al., Estimating uncertainty for massive data streams, 2012).
    """
    far = float(scipy.stats.norm.ppf((1 + level) / 2)) * np.sqrt(np.asarray(squares, float))
    return np.asarray(total, float) - far, np.asarray(total, float) + far
