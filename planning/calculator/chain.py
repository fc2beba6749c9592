"""The chain as arrays: budget → leads → visits → sales, for several budgets at once.

    leads(channel)  = free + (usual / CPL) × growth(budget / usual)
    visits(channel) = leads × visits of leads
    sales(channel)  = visits × sales of visits

A CPL or a conversion that is held of all channels together scales those that are not held of a channel, so that the
whole has just the value that is held. Law: sales never fall where the budget grows, unless a conversion is held of
all: then what is held of the whole may move visits to channels that sell less.
"""

from dataclasses import dataclass, replace

import numpy as np

from infra.errors import InvalidInput
from planning.calculator.asked import Asked
from planning.calculator.growth import Growth
from planning.split import Weights

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Terms:
    """By channel: values that are held or measured, and which are held. A `cpl` is missing where nobody knows it."""

    cpl: Weights
    visit: Weights
    sale: Weights
    usual: Weights
    free: Weights
    fixed: Weights
    shares: Weights
    holds_cpl: Flags
    holds_visit: Flags
    holds_sale: Flags
    holds_budget: Flags
    holds_share: Flags

    @property
    def is_open(self) -> Flags:
        """Channels whose budget follows from the whole."""
        return ~self.holds_budget & ~self.holds_share

    def spread(self, budgets: Weights) -> Weights:
        """Of whole budgets (k,), those of channels (k, channels): what is held, and the rest as usual."""
        fixed = np.where(self.holds_budget, self.fixed, 0.0)
        shared = budgets[:, None] * np.where(self.holds_share, self.shares, 0.0)
        rest = np.maximum(budgets - fixed.sum() - shared.sum(axis=1), 0.0)
        usual = np.where(self.is_open & np.isfinite(self.cpl), self.usual, 0.0)
        if usual.sum() <= 0:
            usual = np.where(self.is_open & np.isfinite(self.cpl), 1.0, 0.0)
        total = usual.sum()
        parts = usual / total if total > 0 else usual
        return np.asarray(fixed + shared + rest[:, None] * parts)


@dataclass(frozen=True)
class Run:
    """Arrays (budgets, channels), with the rates that were used, scaled to what is held of all."""

    budget: Weights
    leads: Weights
    visits: Weights
    sales: Weights
    cpl: Weights
    visit: Weights
    sale: Weights

    def at(self, place: int) -> "Run":
        """Of one of the budgets, as arrays of one row."""
        return replace(self, **{name: value[place : place + 1] for name, value in vars(self).items()})


def forward(terms: Terms, asked: Asked, growth: Growth, budgets: Weights) -> Run:
    """Raises `InvalidInput` where what is held of all cannot be with what is held of channels."""
    budget = terms.spread(budgets)
    known = np.isfinite(terms.cpl)
    cpl = np.where(known, terms.cpl, 1.0)
    usual = np.where(terms.usual > 0, terms.usual, np.maximum(cpl, 1e-9))
    bought = np.where(known, usual / cpl * growth.at(budget / usual), 0.0)
    if asked.cpl is not None:
        wanted = budget.sum(axis=1) / asked.cpl
        bought = _scaled(bought, terms.holds_cpl, wanted, "cpl")
    leads = terms.free + bought
    visit = _held(terms.visit, leads, terms.holds_visit, asked.visit_rate, "visit_rate")
    visits = leads * visit
    sale = _held(terms.sale, visits, terms.holds_sale, asked.sale_rate, "sale_rate")
    spent_cpl = np.divide(budget, bought, out=np.broadcast_to(terms.cpl, budget.shape).copy(), where=bought > 0)
    return Run(budget, leads, visits, visits * sale, spent_cpl, visit, sale)


def _held(rate: Weights, trials: Weights, holds: Flags, wanted: float | None, where: str) -> Weights:
    """The rates (budgets, channels), so that the whole has the wanted one."""
    rates = np.broadcast_to(rate, trials.shape)
    if wanted is None:
        return rates
    came = _scaled(rates * trials, holds, wanted * trials.sum(axis=1), where)
    found = np.divide(came, trials, out=rates.copy(), where=trials > 0)
    if (found > 1 + 1e-9).any():
        raise InvalidInput(
            f"A conversion of {100 * wanted:g}% of all channels would take more than 100% of one of them.",
            where=where,
            help="Hold a lower conversion, or unlock those of channels.",
        )
    return found


def _scaled(came: Weights, holds: Flags, wanted: Weights, where: str) -> Weights:
    """What is not held of a channel is multiplied, so that the sum is the wanted one."""
    fixed = np.where(holds, came, 0.0).sum(axis=1)
    open_ = np.where(holds, 0.0, came).sum(axis=1)
    missing = wanted - fixed
    slack = 1e-9 * np.maximum(np.abs(wanted), 1.0)
    if ((missing < -slack) | ((open_ <= 0) & (missing > slack))).any():
        raise InvalidInput(
            "What is held of all channels contradicts what is held of single ones.",
            where=where,
            help="Unlock the value of all channels, or that of one of them.",
        )
    times = np.divide(np.maximum(missing, 0.0), open_, out=np.ones_like(open_), where=open_ > 0)
    return np.asarray(np.where(holds, came, came * times[:, None]))
