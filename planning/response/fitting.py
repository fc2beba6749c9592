"""Curves of all cells, fitted to their months together.

Given a cell's total, its months are a multinomial whose shares follow season × curve: so the level drops out, and what
is left tells the elasticity. Counts scatter more than Poisson's (variance μ + ω μ², ω by channel): likelihoods are
divided by how much more. What strayed in from other channels is taken off first (`leakage`), month effects are those of
the channel (`season`), elasticities are pooled (`pooling`), and all of it is repeated until it stands still.
"""

from dataclasses import dataclass

import numpy as np

from planning.response.curves import Numbers, rise
from planning.response.leakage import Leakage, kept_share, learn_lure, no_leakage, strays_of_others
from planning.response.panel import Panel, carried
from planning.response.pooling import ELASTICITIES, Pooled, pool
from planning.response.season import season_of

ROUNDS, ROUNDS_OF_LEAKAGE = 4, 6
_LEAST_OWN = 0.05
"""Of a cell's credited leads at least this share is taken to be its own, whatever strays."""
_USUAL_SCATTER = 0.1
_ALSO_ESTIMATED = 1.3
"""By how much variances are widened, for season and stray leads are estimates, too. Measured on simulated panels."""


@dataclass(frozen=True)
class Held:
    """What a fit takes as given: the carry-over and family k of each channel, and the share of leads astray."""

    carry: Numbers
    family: Numbers
    leakage: Leakage


@dataclass(frozen=True)
class Tables:
    """Of spend as it works: `times` the usual of each cell, and by elasticity (grid, cells, months) what it brings."""

    usual: Numbers
    times: Numbers
    spent: np.ndarray
    rises: Numbers
    logs: Numbers


@dataclass(frozen=True)
class Fit:
    """`brought` are leads of cells and months by their curves; `expected` those that are credited to them."""

    held: Held
    tables: Tables
    pooled: Pooled
    season: Numbers
    own: Numbers
    brought: Numbers
    expected: Numbers
    scatter: Numbers
    dispersion: Numbers

    @property
    def elasticity(self) -> Numbers:
        return self.pooled.mean


def plainly(panel: Panel, family: float = 1.0) -> Held:
    """Nothing carried over, nothing astray."""
    count = len(panel.channels)
    return Held(np.zeros(count), np.full(count, family), no_leakage(panel))


def tables_of(panel: Panel, held: Held) -> Tables:
    works = carried(panel.spend, held.carry[panel.channel])
    spent = works > 1e-6 * works.max(axis=1, keepdims=True)
    logs = np.where(spent, np.log(np.where(spent, works, 1)), 0)
    usual = np.exp(logs.sum(axis=1) / np.maximum(spent.sum(axis=1), 1))
    times = np.where(spent, works / usual[:, None], 0)
    family = held.family[panel.channel][:, None]
    rises = rise(times[None], ELASTICITIES[:, None, None], family[None])
    return Tables(usual, times, spent, rises, np.log(np.where(spent, rises, 1)))


def fit(panel: Panel, held: Held, tables: Tables | None = None) -> Fit:
    """Raises nothing: where nothing can be told, elasticities are what they were thought to be before."""
    known = tables or tables_of(panel, held)
    leakage, usual_lure = held.leakage, no_leakage(panel).lure
    family, kept = held.family[panel.channel][:, None], kept_share(panel, leakage.share)[:, None]
    season, own = np.ones_like(panel.leads), panel.leads
    elasticity = np.full(len(panel.cells), 0.5)
    for _ in range(ROUNDS_OF_LEAKAGE if leakage.share else ROUNDS):
        shape = rise(known.times, elasticity[:, None], family)
        season = season_of(panel, np.where(known.spent, own, 0), _level(panel, own, shape * season) * shape)
        brought = _level(panel, own, shape * season) * shape * season
        strays = np.zeros_like(own)
        if leakage.share:
            brought, strays = _unmixed(panel, brought, leakage, kept)
            own = (panel.leads - strays) / kept
        expected = kept * brought + strays
        scatter = _scatter(panel, expected)
        dispersion = _dispersion(panel, expected, brought, kept, scatter)
        if leakage.share:
            variance = variance_of(panel, expected, scatter)
            leakage = learn_lure(panel, brought, shape * season, leakage, usual_lure, variance)
        pooled = pool(_log_likelihood(known, own, season, dispersion), panel.channel, len(panel.channels))
        elasticity = pooled.mean
    held = Held(held.carry, held.family, leakage)
    return Fit(held, known, pooled, season, own, brought, expected, scatter, dispersion)


def variance_of(panel: Panel, expected: Numbers, scatter: Numbers) -> Numbers:
    """Of credited leads, month by month; no month is taken to be much surer than others of its cell."""
    usual = np.maximum(panel.leads.mean(axis=1, keepdims=True), 0.05)
    base = np.maximum(expected, 0.3 * usual)
    return np.asarray(base + scatter[panel.channel][:, None] * base**2)


def _level(panel: Panel, own: Numbers, shape: Numbers) -> Numbers:
    least = _LEAST_OWN * panel.leads.sum(axis=1, keepdims=True)
    whole = np.maximum(shape.sum(axis=1, keepdims=True), 1e-12)
    return np.asarray(np.maximum(own.sum(axis=1, keepdims=True), least) / whole)


def _unmixed(panel: Panel, brought: Numbers, leakage: Leakage, kept: Numbers) -> tuple[Numbers, Numbers]:
    """What cells bring, levelled so that with what strays in it adds up to their credited leads; and what strays in."""
    total = panel.leads.sum(axis=1, keepdims=True)
    lure = leakage.share * leakage.lure[panel.channel][:, None]
    for _ in range(3):
        strays = lure * strays_of_others(panel, brought, leakage.lure)
        own = np.maximum((total - strays.sum(axis=1, keepdims=True)) / kept, _LEAST_OWN * total)
        brought = brought * (own / np.maximum(brought.sum(axis=1, keepdims=True), 1e-12))
    return brought, np.asarray(lure * strays_of_others(panel, brought, leakage.lure))


def _scatter(panel: Panel, expected: Numbers) -> Numbers:
    """ω of the variance μ + ω μ², by channel, by moments."""
    more = panel.by_channel(((panel.leads - expected) ** 2 - expected).sum(axis=1))
    base = panel.by_channel((expected**2).sum(axis=1))
    free = max(1.0, panel.months / max(panel.months - 1.5, 1))
    found = np.where(base > 0, more * free / np.where(base > 0, base, 1), _USUAL_SCATTER)
    return np.clip(found if panel.months > 2 else np.full_like(found, _USUAL_SCATTER), 0, 5)


def _dispersion(panel: Panel, expected: Numbers, brought: Numbers, kept: Numbers, scatter: Numbers) -> Numbers:
    """Variance over mean of a cell's own leads of a month."""
    variance = (expected + scatter[panel.channel][:, None] * expected**2).sum(axis=1)
    own = np.maximum(brought.sum(axis=1), 1e-9)
    return np.asarray(_ALSO_ESTIMATED * np.maximum(variance, 1e-9) / (kept[:, 0] ** 2 * own))


def _log_likelihood(tables: Tables, own: Numbers, season: Numbers, dispersion: Numbers) -> Numbers:
    """(grid, cells): of months' shares, given the sum of those in which anything was spent."""
    counted = np.where(tables.spent, own, 0.0)
    seasons = np.where(tables.spent, season, 0.0)
    whole = np.einsum("gcm,cm->gc", tables.rises, seasons)
    told = np.einsum("gcm,cm->gc", tables.logs, counted)
    told -= counted.sum(axis=1) * np.log(np.maximum(whole, 1e-300))
    return np.asarray(told / dispersion)
