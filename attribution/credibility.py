"""Figures of small groups, drawn towards the whole as far as their own data are few.

Credibility of Bühlmann and Straub (1970), the linear Bayes rule: a group of weight w is believed by Z = w / (w +
within / between), the rest is the whole's mean; `between`, the variance of true means, is estimated by moments.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Credible:
    """An estimate a group, its standard error, and `own`: the share of it that rests on the group's own data."""

    estimate: Numbers
    error: Numbers
    own: Numbers


def credible(weights: ArrayLike, means: ArrayLike, within: float) -> Credible:
    """`within` is the variance of one unit of weight about its group's mean. A group of weight 0 gets the whole's mean.

    All is missing where there is no weight at all.
    """
    weight, mean = np.asarray(weights, np.float64), np.asarray(means, np.float64)
    some = weight > 0
    total = weight.sum()
    if total <= 0:
        missing = np.full(len(weight), np.nan)
        return Credible(missing, missing, np.zeros(len(weight)))
    overall = float((weight[some] * mean[some]).sum() / total)
    spread = float((weight[some] * (mean[some] - overall) ** 2).sum())
    room = total - float((weight**2).sum()) / total
    between = max(0.0, (spread - (some.sum() - 1) * within) / room) if room > 1e-12 * total else 0.0
    own = np.zeros(len(weight))
    if between > 0:
        own = np.divide(weight, weight + within / between, out=own, where=some)
        overall = float((own * np.where(some, mean, 0)).sum() / own.sum())
        whole_variance = between / own.sum()
    else:
        whole_variance = within / total
    estimate = own * np.where(some, mean, overall) + (1 - own) * overall
    return Credible(estimate, np.sqrt(between * (1 - own) + (1 - own) ** 2 * whole_variance), own)


def variance_within(counts: ArrayLike, sums: ArrayLike, squares: ArrayLike) -> float:
    """The pooled variance of single values about their groups' means; 0 where no group has two."""
    count, total, square = (np.asarray(each, np.float64) for each in (counts, sums, squares))
    some = count > 0
    inside = square[some] - total[some] ** 2 / count[some]
    free = count[some] - 1
    return max(0.0, float(inside.sum() / free.sum())) if free.sum() > 0 else 0.0
