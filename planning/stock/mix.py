"""Which models a dealer's sales are of: its own sales, drawn towards those of its brand the more the fewer they are.

Counts of a dealer are multinomial, its shares have a Dirichlet distribution about the mix of the *other* dealers of its
brand (with half a sale of each model more), so that nothing counts twice. How alike dealers are, the concentration, is
averaged over a grid under its marginal likelihood (Dirichlet-multinomial) and a prior that is flat on the spread, as
`attribution.pooling` has it. Newer sales count for more: half as much every `HALF_LIFE` months.

Law: shares of a dealer add up to one over the models of its brand.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import norm

from planning.response.curves import Numbers

HALF_LIFE = 6.0
_LEVEL = 0.8
_Z = float(norm.ppf((1 + _LEVEL) / 2))
_FEWEST_MONTHS = 4
_CONCENTRATIONS = np.geomspace(0.5, 5000, 40)
_HALF = 0.5
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Mix:
    """`mean` and `variance` of shares, of the shape (dealers, models)."""

    mean: Numbers
    variance: Numbers

    def units(self, total: Numbers, spread: float = 1.0) -> tuple[Numbers, Numbers]:
        """Means and variances of sales by model where a dealer sells `total` in all, one a row."""
        some = total[:, None]
        chance = some * np.maximum(self.mean - self.mean**2 - self.variance, 0)
        return some * self.mean, spread**2 * (chance + some**2 * self.variance)


@dataclass(frozen=True, slots=True)
class Backtest:
    """Of past months, each foretold from those before it: the share of models' sales within their intervals.

    `spread` widens intervals so that the nominal share lies within; `covered` was measured with the spread that the
    other months ask for. None where there were too few months.
    """

    cases: int = 0
    nominal: float = _LEVEL
    covered: float | None = None
    spread: float = 1.0


def recent(counts: Numbers) -> Numbers:
    """`counts` of the shape (months, …), the newest last: summed, older ones for less."""
    ages = np.arange(len(counts))[::-1]
    return np.asarray(np.tensordot(0.5 ** (ages / HALF_LIFE), counts, axes=1))


@dataclass(frozen=True, slots=True)
class Brands:
    """A row a brand: which dealers carry it, and which models it has, sold or in stock."""

    dealers: Flags
    models: Flags


def pooled_mix(counts: Numbers, brands: Brands) -> Mix:
    """`counts` by dealer and model."""
    mean, variance = np.zeros_like(counts), np.zeros_like(counts)
    for dealers, models in zip(brands.dealers, brands.models, strict=True):
        if models.any():
            place = np.ix_(dealers, models)
            mean[place], variance[place] = _pooled(counts[place])
    return Mix(mean, variance)


def _pooled(counts: Numbers) -> tuple[Numbers, Numbers]:
    others = counts.sum(axis=0) - counts + _HALF
    prior = others / others.sum(axis=1, keepdims=True)
    size = _CONCENTRATIONS[:, None, None]
    own = counts.sum(axis=1)
    likelihood = (gammaln(size * prior + counts) - gammaln(size * prior)).sum(axis=(1, 2))
    likelihood += (gammaln(_CONCENTRATIONS[:, None]) - gammaln(_CONCENTRATIONS[:, None] + own)).sum(axis=1)
    likelihood -= 0.5 * np.log(_CONCENTRATIONS)
    weight = np.exp(likelihood - likelihood.max())
    weight /= weight.sum()
    means = (size * prior + counts) / (size + own[:, None])
    variances = means * (1 - means) / (size + own[:, None] + 1)
    mean = np.tensordot(weight, means, axes=1)
    return mean, np.tensordot(weight, variances + (means - mean) ** 2, axes=1)


def backtest(counts: Numbers, brands: Brands) -> Backtest:
    """`counts` by month, dealer and model, the oldest month first; what a dealer sold in all is taken as known."""
    found = [_scores(counts, origin, brands) for origin in range(_FEWEST_MONTHS, len(counts))]
    found = [each for each in found if len(each)]
    if len(found) < 2:
        return Backtest(sum(map(len, found)))
    scores = np.concatenate(found)
    spread = _spread(scores)
    inside = [
        np.abs(own) <= _Z * _spread(np.concatenate([*found[:place], *found[place + 1 :]]))
        for place, own in enumerate(found)
    ]
    return Backtest(len(scores), _LEVEL, float(np.concatenate(inside).mean()), spread)


def _scores(counts: Numbers, origin: int, brands: Brands) -> Numbers:
    """By how many standard deviations each model's sales of a month lay off; half a car less, as cars are whole."""
    mix, sold = pooled_mix(recent(counts[:origin]), brands), counts[origin]
    mean, variance = mix.units(sold.sum(axis=1))
    is_told = mean >= _HALF
    off = sold[is_told] - mean[is_told]
    return np.asarray(np.sign(off) * np.maximum(np.abs(off) - _HALF, 0) / np.sqrt(variance[is_told]))


def _spread(scores: Numbers) -> float:
    """What standard deviations are to be taken times; never less than they are."""
    return max(1.0, float(np.quantile(np.abs(scores), _LEVEL)) / _Z)
