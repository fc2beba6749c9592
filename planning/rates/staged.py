"""A rate of each dealer and channel, in stages: each says how far it differs from what the stages before expect.

    rate(dealer, channel, month) = channel × brand × dealer × cell × season(month of the year)

Each factor is a gamma-Poisson rate of what came by what the stages before expect (`attribution/pooling.py`), and so is
drawn towards 1 the more, the less its own data say: a dealer with three sales gets about what its brand and its
channels have. Errors are kept apart by whom they are shared with: a cell's own, and those of the dealer and of the
channel, on which a cell leans by the `weight` of what others say of it.

Of a season, years and chance cannot be told apart by one year: a month of the year that was seen in n years is believed
by n / (n + 1).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from attribution.pooling import pool_rates
from planning.split import Weights

_ONE_DEVIATION = 0.6827
_YEAR = 12
_LEAST_SHAPE = 1e-9

Numbers = np.ndarray[Any, np.dtype[np.intp]]


@dataclass(frozen=True)
class Staged:
    """`mean`, `own` and `weight` have the shape (dealers, channels); errors are standard deviations of logarithms."""

    mean: Weights
    own: Weights
    weight: Weights
    of_dealer: Weights
    of_channel: Weights
    season: Weights

    @property
    def is_known(self) -> bool:
        return bool(np.isfinite(self.mean).any())

    def at(self, month: int) -> float:
        """The factor of a month of the year, January being 0."""
        return float(self.season[month])


@dataclass(frozen=True, slots=True)
class _Factors:
    """`weight` is how far each rests on what others say."""

    value: Weights
    error: Weights
    weight: Weights


def fit(events: Weights, exposure: Weights, brands: Numbers, months: Numbers) -> Staged:
    """Arrays of the shape (dealers, channels, months); `months` are of the year. Unknown where there was no event.

    Events without exposure tell nothing of a rate: the cells of such months are left out.
    """
    came = np.where(exposure > 0, events, 0.0)
    if came.sum() <= 0:
        return _unknown(came.shape[0], came.shape[1])
    rough = _factors(came.sum(axis=(0, 2)), exposure.sum(axis=(0, 2)))
    season = _season(came, exposure * rough.value[None, :, None], months)
    usual = exposure * season[months]
    channel = _factors(came.sum(axis=(0, 2)), usual.sum(axis=(0, 2)))
    by_cell, expected = came.sum(axis=2), usual.sum(axis=2) * channel.value
    groups = int(brands.max()) + 1
    brand = _factors(_grouped(by_cell, brands, groups), _grouped(expected, brands, groups))
    dealer = _factors(by_cell.sum(axis=1), expected.sum(axis=1) * brand.value[brands])
    of_dealer = brand.value[brands] * dealer.value
    cell = _factors(by_cell.ravel(), (expected * of_dealer[:, None]).ravel())
    return Staged(
        channel.value * of_dealer[:, None] * cell.value.reshape(by_cell.shape),
        cell.error.reshape(by_cell.shape),
        cell.weight.reshape(by_cell.shape),
        np.sqrt(dealer.error**2 + (dealer.weight * brand.error[brands]) ** 2),
        channel.error,
        season,
    )


def _factors(came: Weights, expected: Weights) -> _Factors:
    """One group has none to be drawn to: it is what it says."""
    if len(came) == 1:
        rate = np.maximum(came, _LEAST_SHAPE) / expected
        return _Factors(rate, 1 / np.sqrt(np.maximum(came, 1)), np.zeros(1))
    pooled = pool_rates(came, expected, _ONE_DEVIATION)
    prior = pooled.centre / max(pooled.spread, _LEAST_SHAPE) ** 2
    low = np.maximum(pooled.low, pooled.mean * 1e-3)
    return _Factors(pooled.mean, np.log(pooled.high / low) / 2, prior / (prior + expected))


def _season(came: Weights, expected: Weights, months: Numbers) -> Weights:
    """Factors of the months of the year; 1 where a month was never seen."""
    of_months = _factors(came.sum(axis=(0, 1)), expected.sum(axis=(0, 1)))
    known = expected.sum(axis=(0, 1)) > 0
    logs = np.where(known, np.log(np.where(known, of_months.value, 1)), 0.0)
    mean = float(logs[known].mean()) if known.any() else 0.0
    sums = np.bincount(months[known], logs[known] - mean, _YEAR)
    return np.exp(sums / (np.bincount(months[known], minlength=_YEAR) + 1))


def _grouped(values: Weights, group: Numbers, groups: int) -> Weights:
    return np.bincount(group, values.sum(axis=1), groups).astype(float)


def _unknown(dealers: int, channels: int) -> Staged:
    missing = np.full((dealers, channels), np.nan)
    return Staged(missing, missing, np.ones((dealers, channels)), np.zeros(dealers), np.zeros(channels), np.ones(_YEAR))
