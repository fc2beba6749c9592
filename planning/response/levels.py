"""How many leads the usual spend brings, cell by cell, pooled towards what a unit of money brings in the channel.

Given its elasticity, a cell's own leads over what its months would bring for a level of 1 are a rate: gamma-Poisson,
about the channel's leads per unit of money, with the variance between cells by moments. So a cell of few leads gets a
sane level, one of many its own; and one of none not 0, where others of its channel have some.
"""

from dataclasses import dataclass

import numpy as np

from planning.response.curves import Numbers
from planning.response.fitting import Fit
from planning.response.leakage import kept_share, strays_of_others
from planning.response.panel import Panel
from planning.response.pooling import ELASTICITIES

_LEAST_BETWEEN, _MOST_BETWEEN = 0.05, 4.0


@dataclass(frozen=True)
class Levels:
    """Gamma distributions by cell: `size` is their shape; `exposure` (grid, cells) and `before` make their rate."""

    size: Numbers
    before: Numbers
    exposure: Numbers
    astray_error: Numbers

    def mean(self, elasticity: Numbers) -> Numbers:
        return np.asarray(self.size / (self.before + _at(elasticity[None], self.exposure)[0]))

    def draw(self, elasticity: Numbers, channel_noise: Numbers, rng: np.random.Generator) -> Numbers:
        """For elasticities (draws, cells). `channel_noise` is of the same shape: standard normal, one a channel."""
        rate = self.before + _at(elasticity, self.exposure)
        whole = rng.gamma(np.maximum(self.size, 1e-9), 1.0, elasticity.shape) / rate
        return np.asarray(whole * np.exp(self.astray_error * channel_noise))


def levels_of(panel: Panel, fit: Fit) -> Levels:
    spent = fit.tables.spent
    exposure = np.einsum("gcm,cm->gc", fit.tables.rises, np.where(spent, fit.season, 0)) / fit.dispersion
    own = np.maximum(np.where(spent, fit.own, 0).sum(axis=1), 0) / fit.dispersion
    here = _at(fit.elasticity[None], exposure)[0]
    usual = fit.tables.usual
    bought = panel.by_channel(own * fit.dispersion), panel.by_channel(here * fit.dispersion * usual)
    per_money = np.where(bought[1] > 0, bought[0] / np.maximum(bought[1], 1e-300), 0)
    prior = per_money[panel.channel] * usual
    size = 1 / _between(panel, own, here * prior)[panel.channel]
    none = prior <= 0
    return Levels(
        np.where(none, 0.0, own + size), np.where(none, 1.0, size / np.where(none, 1, prior)), exposure,
        _astray_error(panel, fit),
    )  # fmt: skip


def _between(panel: Panel, own: Numbers, expected: Numbers) -> Numbers:
    """By channel, the squared coefficient of variation of true levels about what their money would bring."""
    count = np.bincount(panel.channel, minlength=len(panel.channels))
    apart = panel.by_channel((own - expected) ** 2 - expected)
    base = panel.by_channel(expected**2)
    found = np.where(base > 0, apart / np.where(base > 0, base, 1), _MOST_BETWEEN)
    return np.clip(np.where(count > 1, found, _MOST_BETWEEN), _LEAST_BETWEEN, _MOST_BETWEEN)


def _astray_error(panel: Panel, fit: Fit) -> Numbers:
    """By cell, the relative error of what is its own that the error of stray leads makes, common to the channel."""
    leakage = fit.held.leakage
    if not leakage.share:
        return np.zeros(len(panel.cells))
    strays = panel.by_channel(strays_of_others(panel, fit.brought, leakage.lure).sum(axis=1))
    own = panel.by_channel((kept_share(panel, leakage.share)[:, None] * fit.brought).sum(axis=1))
    share = np.where(own > 0, leakage.error * strays / np.where(own > 0, own, 1), 0)
    return np.minimum(share, 1.0)[panel.channel]


def _at(elasticity: Numbers, by_grid: Numbers) -> Numbers:
    """Between the places of the grid, on a line. `elasticity` is (draws, cells), `by_grid` (grid, cells)."""
    place = np.clip(np.searchsorted(ELASTICITIES, elasticity) - 1, 0, len(ELASTICITIES) - 2)
    part = np.clip((elasticity - ELASTICITIES[place]) / (ELASTICITIES[place + 1] - ELASTICITIES[place]), 0, 1)
    cells = np.arange(by_grid.shape[1])[None]
    return np.asarray(by_grid[place, cells] * (1 - part) + by_grid[place + 1, cells] * part)
