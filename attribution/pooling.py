"""Partial pooling by empirical Bayes: what each group says itself, drawn towards the others the more the less it says.

Shares are beta-binomial: k ~ Binomial(n, p), p ~ Beta(a, b), so that p | k ~ Beta(a + k, b + n - k). Rates are
gamma-Poisson: y ~ Poisson(λ e), λ ~ Gamma(a, b), so that λ | y ~ Gamma(a + y, b + e) (Gelman et al., Bayesian Data
Analysis, 3rd ed., sections 2.6, 5.3). The hyper-parameters that are told are those of maximum marginal likelihood.
Means and intervals are averaged over what the hyper-parameters may be, on a grid under the marginal likelihood and a
prior that is flat on the spread (a + b)^(-1/2) of shares, a^(-1/2) of rates, as section 5.3 has it: intervals that take
them as known are too narrow where groups are few (Carlin and Gelman, JASA 85, 1990; Kass and Steffey, JASA 84, 1989).
An average is given the interval of the beta or gamma distribution of its mean and variance.

Counts may have fractions, as credit does. A group with no trials, or no exposure, gets what the others say: events
without exposure say nothing of a rate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, expit, gammaln, logit

Numbers: TypeAlias = NDArray[np.float64]
Likelihood: TypeAlias = Callable[[Numbers, Numbers], Numbers]

_SPREADS, _CENTRES = 32, 17
_SMALLEST_SPREAD, _LARGEST_SPREAD = 1e-3, 2.0
_FAR = 4.0  # standard errors to each side that the grid of centres reaches
_LEAST = 1e-9  # events: credit is kept in billionths
_WIDEST = 1.0  # where hardly anything was counted, the link's whole axis would be as likely
_REACH = 3.0  # of the centre, on its link, from that of all groups together
_NEGLIGIBLE = 12.0  # of log-likelihood below its maximum


@dataclass(frozen=True, slots=True)
class Pooled:
    """Of each group its `mean` and interval; `centre` and `spread` are mean and standard deviation between groups."""

    mean: Numbers
    low: Numbers
    high: Numbers
    centre: float
    spread: float


def pool_shares(successes: ArrayLike, trials: ArrayLike, level: float = 0.95) -> Pooled:
    """Shares of successes, each between 0 and 1. Empty input gives empty arrays."""
    k, n = np.asarray(successes, float), np.asarray(trials, float)
    if not n.sum():
        return _nothing(len(n))

    def likelihood(centre: Numbers, spread: Numbers) -> Numbers:
        a, b = _beta_of(centre, spread)
        parts = betaln(k + a[:, None], n - k + b[:, None]) - betaln(a, b)[:, None]
        return np.asarray(parts.sum(axis=1))

    def error(centre: float, spread: Numbers) -> Numbers:
        variance = float(_slope(np.array(centre)))
        return np.asarray(1 / np.sqrt((n * variance / (1 + n * spread[:, None] ** 2)).sum(axis=1)))

    start = float(logit((k.sum() + 0.5) / (n.sum() + 1)))
    best = _likeliest(likelihood, start)
    grid = _grid(lambda centre, spread: likelihood(centre, spread) + _log_slope(centre), error, best)
    a, b = _beta_of(grid.centre, grid.spread)
    a_of, b_of = k[:, None] + a, (n - k)[:, None] + b
    mean, variance = _averaged(grid.weight, a_of / (a_of + b_of), a_of * b_of / (a_of + b_of) ** 2 / (a_of + b_of + 1))
    precision = mean * (1 - mean) / variance - 1
    low, high = (np.asarray(scipy.stats.beta.ppf(q, mean * precision, (1 - mean) * precision)) for q in _tails(level))
    (a_best,), (b_best,) = _beta_of(best[:1], best[1:])
    return Pooled(mean, low, high, float(expit(best[0])), float(scipy.stats.beta.std(a_best, b_best)))


def pool_rates(events: ArrayLike, exposure: ArrayLike, level: float = 0.95) -> Pooled:
    """Events for each unit of exposure. Where there is no event at all, rates are missing."""
    e = np.asarray(exposure, float)
    y = np.where(e > 0, np.asarray(events, float), 0.0)
    if not e.sum() or y.sum() < _LEAST:
        return _nothing(len(y))

    def likelihood(centre: Numbers, spread: Numbers) -> Numbers:
        shape = (1 / spread**2)[:, None]
        rate = shape / np.exp(centre)[:, None]
        parts = gammaln(shape + y) - gammaln(shape) + shape * np.log(rate) - (shape + y) * np.log(rate + e)
        return np.asarray(parts.sum(axis=1))

    def error(centre: float, spread: Numbers) -> Numbers:
        expected = np.exp(centre) * e
        return np.asarray(1 / np.sqrt((expected / (1 + expected * spread[:, None] ** 2)).sum(axis=1)))

    start = float(np.log(y.sum() / e.sum()))
    best = _likeliest(likelihood, start)
    grid = _grid(likelihood, error, best)
    shape = 1 / grid.spread**2
    shape_of, rate_of = y[:, None] + shape, e[:, None] + shape / np.exp(grid.centre)
    mean, variance = _averaged(grid.weight, shape_of / rate_of, shape_of / rate_of**2)
    low, high = (np.asarray(scipy.stats.gamma.ppf(q, mean**2 / variance, scale=variance / mean)) for q in _tails(level))
    return Pooled(mean, low, high, float(np.exp(best[0])), float(np.exp(best[0]) * best[1]))


@dataclass(frozen=True, slots=True)
class _Grid:
    """Hyper-parameters and how likely each pair is; the weights add up to one."""

    centre: Numbers
    spread: Numbers
    weight: Numbers


def _likeliest(likelihood: Likelihood, start: float) -> Numbers:
    """Centre, on its link, and spread of maximum marginal likelihood."""
    spreads = np.geomspace(_SMALLEST_SPREAD, _LARGEST_SPREAD, 60)
    first = float(spreads[np.argmax(likelihood(np.full_like(spreads, start), spreads))])

    def unlikely(at: Numbers) -> float:
        return -float(likelihood(at[:1], np.exp(at[1:]))[0])

    found = scipy.optimize.minimize(
        unlikely,
        np.array([start, np.log(first)]),
        method="L-BFGS-B",
        bounds=[(start - _REACH, start + _REACH), (float(np.log(_SMALLEST_SPREAD)), float(np.log(_LARGEST_SPREAD)))],
    )
    return np.array([found.x[0], np.exp(found.x[1])])


def _grid(likelihood: Likelihood, error: Callable[[float, Numbers], Numbers], best: Numbers) -> _Grid:
    """The spreads that are likely at all, and the centres that each allows."""
    wide = np.linspace(_SMALLEST_SPREAD, _LARGEST_SPREAD, 400)
    profile = likelihood(np.full_like(wide, best[0]), wide)
    likely = wide[profile > profile.max() - _NEGLIGIBLE]
    step = wide[1] - wide[0]
    low, high = max(likely[0] - step, _SMALLEST_SPREAD), min(likely[-1] + step, _LARGEST_SPREAD)
    spread = np.linspace(low, high, _SPREADS)
    width = np.minimum(error(float(best[0]), spread), _WIDEST)
    centre = best[0] + np.linspace(-_FAR, _FAR, _CENTRES)[None, :] * width[:, None]
    all_centres, all_spreads = centre.ravel(), np.repeat(spread, _CENTRES)
    log_weight = likelihood(all_centres, all_spreads) + np.log(np.repeat(width, _CENTRES))
    weight = np.exp(log_weight - log_weight.max())
    return _Grid(all_centres, all_spreads, weight / weight.sum())


def _averaged(weight: Numbers, means: Numbers, variances: Numbers) -> tuple[Numbers, Numbers]:
    """Mean and variance of each group, by the laws of total expectation and total variance."""
    mean = means @ weight
    return mean, np.asarray((variances + (means - mean[:, None]) ** 2) @ weight)


def _beta_of(centre: Numbers, spread: Numbers) -> tuple[Numbers, Numbers]:
    """The beta distribution whose mean has this logit."""
    size = 1 / spread**2
    return expit(centre) * size, expit(-centre) * size


def _slope(centre: Numbers) -> Numbers:
    """Of the share by its logit."""
    return np.asarray(expit(centre) * expit(-centre))


def _log_slope(centre: Numbers) -> Numbers:
    return np.asarray(-np.logaddexp(0, centre) - np.logaddexp(0, -centre))


def _tails(level: float) -> tuple[float, float]:
    return (1 - level) / 2, (1 + level) / 2


def _nothing(groups: int) -> Pooled:
    missing = np.full(groups, np.nan)
    return Pooled(missing, missing, missing, float("nan"), float("nan"))
