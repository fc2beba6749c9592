"""Simulated holdings whose response to spend is known: dealers × channels × months.

Usual spend, cost per lead, elasticity and margin vary by dealer; spend and demand follow the season, so that they are
confounded; leads are negative binomial; in some months nothing is spent; a share of leads is credited to another
channel of the same dealer. All curves are told by their elasticity at the usual spend, whatever their family.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from planning.response.curves import Curves, Family, Numbers

_GRID = 400


class TrueFamily(StrEnum):
    MICHAELIS_MENTEN = "michaelis_menten"
    HILL = "hill"
    POWER = "power"
    LOG = "log"


HILL = 1.3
"""Its shape: it bends upwards at first."""


@dataclass(frozen=True)
class Truth:
    family: TrueFamily
    usual: Numbers
    brought: Numbers
    elasticity: Numbers

    def at(self, spend: Numbers) -> Numbers:
        """Leads of a month at the usual season; the first axis is that of cells."""
        shape = (-1,) + (1,) * (np.ndim(spend) - 1)
        usual, brought, e = (each.reshape(shape) for each in (self.usual, self.brought, self.elasticity))
        times = spend / usual
        if self.family is TrueFamily.HILL:
            half = (HILL - e) / e
            return np.asarray(brought * (1 + half) * times**HILL / (times**HILL * half + 1))
        if self.family is TrueFamily.LOG:
            fast = _log_rate(e)
            return np.asarray(brought * np.log1p(fast * times) / np.log1p(fast))
        family = Family.POWER if self.family is TrueFamily.POWER else Family.MICHAELIS_MENTEN
        return Curves(family, usual, brought, e).at(spend)


def _log_rate(elasticity: Numbers) -> Numbers:
    """u of log(1 + u t), whose elasticity at t = 1 is u / (1 + u) / log(1 + u)."""
    rates = np.exp(np.linspace(-6, 60, 4000))
    known = rates / (1 + rates) / np.log1p(rates)
    return np.asarray(np.interp(elasticity, known[::-1], rates[::-1]))


@dataclass(frozen=True)
class Holding:
    """`spend` and `leads` have the shape (cells, months); `margin` is what a lead of each cell is worth."""

    truth: Truth
    dealer: np.ndarray
    channel: np.ndarray
    spend: Numbers
    leads: Numbers
    margin: Numbers
    season: Numbers

    @property
    def present(self) -> Numbers:
        return self.truth.usual

    def value(self, spend: Numbers) -> float:
        return float((self.margin * self.truth.at(spend)).sum())

    def best(self, lower: Numbers, upper: Numbers) -> float:
        """No split of the present budget within the bounds is worth more (Lagrange's dual, cells on a fine grid)."""
        spend = lower[:, None] + (upper - lower)[:, None] * np.linspace(0, 1, _GRID)
        worth, budget = self.margin[:, None] * self.truth.at(spend), self.present.sum()
        slopes = self.margin * self.truth.brought / self.truth.usual
        low, high = 0.0, float(slopes.max()) * 3
        for _ in range(60):
            price = (low + high) / 2
            chosen = (worth - price * spend).argmax(axis=1)
            spent = np.take_along_axis(spend, chosen[:, None], 1).sum()
            low, high = (price, high) if spent > budget else (low, price)
        return float((worth - high * spend).max(axis=1).sum() + high * budget)


def simulate(
    seed: int,
    *,
    family: TrueFamily = TrueFamily.MICHAELIS_MENTEN,
    dealers: int = 60,
    channels: int = 6,
    months: int = 36,
    misattributed: float = 0.0,
    zero: float = 0.05,
    scatter: float = 10.0,
    varied: float = 0.25,
    carry: float = 0.0,
) -> Holding:
    """`varied` is by how much (log) spend varies beside the season, `scatter` k of the variance μ + μ²/k."""
    rng = np.random.default_rng(seed)
    dealer, channel = np.divmod(np.arange(dealers * channels), channels)
    cells = len(dealer)
    size = np.exp(rng.normal(0, 0.5, dealers))[dealer]
    leads_of = np.exp(rng.normal(np.log(18), 0.5, channels))[channel]
    cost_of = np.exp(rng.normal(np.log(3000), 0.35, channels))[channel] * np.exp(rng.normal(0, 0.45, cells))
    brought = size * leads_of * np.exp(rng.normal(0, 0.4, cells))
    steepness = rng.normal(0.2, 0.5, channels)[channel] + rng.normal(0, 0.3, cells)
    truth = Truth(family, brought * cost_of, brought, 1 / (1 + np.exp(-steepness)))
    at = np.arange(months)
    season = np.exp(0.25 * np.sin(2 * np.pi * (at / 12 + rng.random())) + rng.normal(0, 0.08, months))
    follows = rng.uniform(0.5, 1.5, channels)[channel]
    spend = truth.usual[:, None] * season ** follows[:, None] * np.exp(rng.normal(0, varied, (cells, months)))
    spend *= rng.random((cells, months)) >= zero
    means = truth.at(_carried(spend, carry)) * season
    leads = rng.negative_binomial(scatter, scatter / (scatter + means)).astype(float)
    margin = 9000 * np.exp(rng.normal(0, 0.15, dealers))[dealer]
    return Holding(truth, dealer, channel, spend, _misattribute(rng, leads, channels, misattributed), margin, season)


def _carried(spend: Numbers, carry: float) -> Numbers:
    found = spend.copy()
    for month in range(1, spend.shape[1]):
        found[:, month] = (1 - carry) * spend[:, month] + carry * found[:, month - 1]
    return found


def _misattribute(rng: np.random.Generator, leads: Numbers, channels: int, share: float) -> Numbers:
    """So large a share of each channel's leads goes to others of the dealer, to some of them rather than to others."""
    if not share:
        return leads
    lure = rng.dirichlet(np.full(channels, 3.0))
    by_dealer = leads.reshape(-1, channels, leads.shape[1])
    lost = rng.binomial(by_dealer.astype(int), share).astype(float)
    found = by_dealer - lost
    for source in range(channels):
        others = np.where(np.arange(channels) == source, 0, lure)
        goes = rng.multinomial(lost[:, source].astype(int), others / others.sum())
        found += np.moveaxis(goes, -1, 1)
    return np.asarray(found.reshape(leads.shape))
