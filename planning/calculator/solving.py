"""Solving: the budget that wanted sales need, or the sales that a budget brings, each with its interval.

The budget of wanted sales is found by halving, between one that brings less and one that brings more. Intervals are
those of counts to come, by the delta method on logarithms: errors of rates are independent of each other, what channels
of a dealer have in common adds up, chance is Poisson's, and the whole is as wide as the backtest found that it has to
be. What is held has no error. The interval of a needed budget is that of its sales, by how many more money brings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from infra.errors import InvalidInput
from planning.calculator.asked import Asked, check_asked
from planning.calculator.chain import Run, Terms, forward
from planning.calculator.growth import Growth, growth_of
from planning.calculator.terms import terms_of
from planning.rates.backtest import CHAIN
from planning.rates.counts import Rate
from planning.rates.coverage import quantiles
from planning.rates.scope import RateOf, ScopeRates
from planning.response.model import Response
from planning.split import Weights

_NORMAL = 1.2815515655446004
_MOST_BUDGET = 1e13
_HALVINGS = 100
_POINTS = 25
_FAR = 1.3
"""A budget of so many times the most that was seen, or is usual, is told to be beyond the evidence."""


class Goal(StrEnum):
    SALES = "sales"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of the share `LEVEL` of what may come."""

    mean: float
    low: float
    high: float


class Caveat(StrEnum):
    """What whoever reads the answer has to know beside it."""

    NO_LEADS = "no_leads"  # a channel that costs and brings no lead: it gets no budget
    OVER_STOCK = "over_stock"  # the budget would sell more than there is
    FAR_OUT = "far_out"  # a channel's budget is far above what was seen
    ONE_MONTH = "one_month"  # intervals cannot be judged
    UNJUDGED = "unjudged"
    WITHOUT_MONEY = "without_money"  # wanted sales come without any budget
    BY_CURVES = "by_curves"  # more money meets falling returns
    IN_PROPORTION = "in_proportion"  # no curve is known: twice the budget, twice the leads


@dataclass(frozen=True, slots=True)
class Said:
    caveat: Caveat
    channel: str = ""
    amount: float = 0.0


@dataclass(frozen=True)
class Solution:
    """`run` has one row. Bounds are by channel; `curve` are budgets with their sales and bounds."""

    goal: Goal
    terms: Terms
    run: Run
    budget: Interval
    leads: Interval
    visits: Interval
    sales: Interval
    margin: Interval | None
    leads_bounds: tuple[Weights, Weights]
    sales_bounds: tuple[Weights, Weights]
    curve: tuple[Weights, Weights, Weights, Weights]
    is_curved: Sequence[bool]
    said: Sequence[Said] = field(default_factory=tuple)


def solve(known: ScopeRates, asked: Asked, currency: str, response: Response | None = None) -> Solution:
    """Raises `InvalidInput`, with what to do about it."""
    if not known.channels:
        raise InvalidInput(
            "No lead came in, and nothing was spent, in a whole month that is over: there is nothing to reckon by.",
            where="dealer",
            help="Collect leads, deals and spend of a month at least, or choose all dealers.",
        )
    check_asked(asked, known.channels, currency)
    terms = terms_of(known, asked)
    growth = growth_of(response, known.dealers, known.channels, terms.holds_cpl | (terms.usual <= 0))
    whole = _budget(terms, asked, growth, known)
    run = forward(terms, asked, growth, np.array([whole]))
    more = forward(terms, asked, growth, np.array([max(whole, 1.0) * 1.001]))
    errors = _Errors(known, terms, asked)
    sales = errors.of_whole(run, run.sales, CHAIN, (Rate.LEADS, Rate.VISIT, Rate.SALE_OF_VISIT))
    goal = Goal.SALES if asked.sales is not None else Goal.BUDGET
    gain = (more.sales.sum() - run.sales.sum()) / max(run.sales.sum(), 1e-12) / 0.001 if whole > 0 else 0.0
    return Solution(
        goal,
        terms,
        run,
        _needed(whole, errors.whole(run), gain) if goal is Goal.SALES else Interval(whole, whole, whole),
        errors.of_whole(run, run.leads, Rate.LEADS, (Rate.LEADS,)),
        errors.of_whole(run, run.visits, Rate.VISIT, (Rate.LEADS, Rate.VISIT)),
        sales,
        _margin(known, sales),
        errors.of_channels(run.leads, Rate.LEADS, (Rate.LEADS,)),
        errors.of_channels(run.sales, CHAIN, (Rate.LEADS, Rate.VISIT, Rate.SALE_OF_VISIT)),
        _curve(terms, asked, growth, errors, whole),
        tuple(bool(each) for each in growth.is_curved),
        tuple(_said(known, asked, terms, growth, run, sales)),
    )


def _budget(terms: Terms, asked: Asked, growth: Growth, known: ScopeRates) -> float:
    fixed = float(np.where(terms.holds_budget, terms.fixed, 0.0).sum())
    if asked.budget is not None:
        _check_room(terms, asked.budget, fixed)
        return asked.budget
    if asked.sales is None:
        return max(float(np.where(terms.is_open, known.usual, 0.0).sum()) + fixed, fixed)
    return _needed_budget(terms, asked, growth, fixed)


def _check_room(terms: Terms, budget: float, fixed: float) -> None:
    """Money that is held, and that no channel can take, is said."""
    takes_rest = (terms.is_open & np.isfinite(terms.cpl)).any()
    shared = budget * float(np.where(terms.holds_share, terms.shares, 0.0).sum())
    if fixed + shared > budget + 0.005:
        raise InvalidInput(
            f"What is held of channels makes {fixed + shared:,.2f}, and the whole budget is {budget:,.2f}.",
            where="budget",
            help="Raise the whole budget, or unlock a channel.",
        )
    if not takes_rest and fixed + shared < budget - max(0.005, 1e-6 * budget):
        raise InvalidInput(
            f"No channel takes the {budget - fixed - shared:,.2f} left: all are held, or of no known CPL.",
            where="budget",
            help="Unlock a channel, or write the CPL of one.",
        )


def _needed_budget(terms: Terms, asked: Asked, growth: Growth, fixed: float) -> float:
    wanted = float(asked.sales or 0.0)

    def sold(budget: float) -> float:
        return float(forward(terms, asked, growth, np.array([budget])).sales.sum())

    if sold(fixed) >= wanted - 1e-9:
        return fixed
    high = max(2 * fixed, float(terms.usual.sum()), 1.0)
    while sold(high) < wanted:
        high *= 4
        if high > _MOST_BUDGET:
            raise InvalidInput(
                f"No budget brings {wanted:,.0f} sales: {sold(_MOST_BUDGET):,.0f} is the most, on these terms.",
                where="sales",
                help="Unlock a channel, raise a conversion, or want fewer sales.",
            )
    low = fixed
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if sold(middle) < wanted else (low, middle)
        if high - low <= 1e-10 * high:
            break
    return high


class _Errors:
    """Of counts by channel and in all: what is held has none."""

    def __init__(self, known: ScopeRates, terms: Terms, asked: Asked) -> None:
        self._known = known
        holds = {
            Rate.LEADS: (terms.holds_cpl, asked.cpl), Rate.VISIT: (terms.holds_visit, asked.visit_rate),
            Rate.SALE_OF_VISIT: (terms.holds_sale, asked.sale_rate),
        }  # fmt: skip
        self._rates = {
            rate: _open_part(known.rates[rate], held, of_all is not None) for rate, (held, of_all) in holds.items()
        }
        months = max(known.months, 1)
        free = 1 / np.sqrt(np.maximum(known.free * months, 1.0))
        leads = self._rates[Rate.LEADS]
        self._rates[Rate.LEADS] = RateOf(
            leads.value, np.where(known.free > 0, free, leads.own), np.where(known.free > 0, 0.0, leads.common)
        )

    def of_channels(self, counts: Weights, name: str, of: Sequence[Rate]) -> tuple[Weights, Weights]:
        mean = counts[0]
        squares = sum(self._rates[rate].error ** 2 for rate in of)
        return quantiles(mean, self._known.factor(name) ** 2 * (mean + mean**2 * squares))

    def variance(self, counts: Weights, name: str, of: Sequence[Rate]) -> Weights:
        """Of the sums over channels, by budget."""
        own = sum((counts**2 * self._rates[rate].own ** 2).sum(axis=1) for rate in of)
        common = sum(((counts * self._rates[rate].common).sum(axis=1)) ** 2 for rate in of)
        return np.asarray(self._known.factor(name, whole=True) ** 2 * (counts.sum(axis=1) + own + common))

    def of_whole(self, run: Run, counts: Weights, name: str, of: Sequence[Rate]) -> Interval:
        low, high = quantiles(counts.sum(axis=1), self.variance(counts, name, of))
        return Interval(float(counts.sum()), float(low[0]), float(high[0]))

    def whole(self, run: Run) -> float:
        """The error of all sales, as a part of them."""
        found = self.variance(run.sales, CHAIN, (Rate.LEADS, Rate.VISIT, Rate.SALE_OF_VISIT))
        total = float(run.sales.sum())
        return float(np.sqrt(found[0])) / total if total > 0 else 0.0


def _open_part(rate: RateOf, held: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]", of_all: bool) -> RateOf:
    is_sure = np.ones_like(held) if of_all else held
    return RateOf(
        rate.value, np.where(is_sure, 0.0, np.nan_to_num(rate.own)), np.where(is_sure, 0.0, np.nan_to_num(rate.common))
    )


def _needed(budget: float, error: float, gain: float) -> Interval:
    """`gain` is by what share sales grow for each share by which the budget does."""
    far = np.exp(min(_NORMAL * error / max(gain, 0.05), 20.0))
    return Interval(budget, float(budget / far), float(budget * far))


def _margin(known: ScopeRates, sales: Interval) -> Interval | None:
    if known.margin is None:
        return None
    of_one = known.margin
    relative = of_one.error / of_one.mean if of_one.mean else 0.0

    def bound(end: float, side: float) -> float:
        far = float(np.hypot(end - sales.mean, side * _NORMAL * relative * sales.mean))
        return of_one.mean * (sales.mean + side * far)

    ends = sorted((bound(sales.low, -1), bound(sales.high, 1)))
    return Interval(of_one.mean * sales.mean, ends[0], ends[1])


def _curve(
    terms: Terms, asked: Asked, growth: Growth, errors: _Errors, whole: float
) -> tuple[Weights, Weights, Weights, Weights]:
    """From what is held to twice what is asked for."""
    fixed = float(np.where(terms.holds_budget, terms.fixed, 0.0).sum())
    budgets = np.linspace(fixed, max(2 * whole, fixed * 1.5, 1.0), _POINTS)
    run = forward(terms, asked, growth, budgets)
    mean = run.sales.sum(axis=1)
    low, high = quantiles(mean, errors.variance(run.sales, CHAIN, (Rate.LEADS, Rate.VISIT, Rate.SALE_OF_VISIT)))
    return budgets, mean, low, high


def _said(known: ScopeRates, asked: Asked, terms: Terms, growth: Growth, run: Run, sales: Interval) -> Sequence[Said]:
    found = [
        Said(Caveat.NO_LEADS, channel, float(known.spent[place]))
        for place, channel in enumerate(known.channels)
        if known.is_paid[place] and not known.is_known[place] and not np.isfinite(terms.cpl[place])
    ]
    if asked.stock is not None and sales.mean > asked.stock + 1e-9:
        found.append(Said(Caveat.OVER_STOCK, amount=asked.stock))
    if asked.sales is not None and run.budget.sum() <= 0:
        found.append(Said(Caveat.WITHOUT_MONEY, amount=float(run.sales.sum())))
    most = np.maximum(known.usual, growth.highest if growth.highest is not None else 0.0) * _FAR
    found += [
        Said(Caveat.FAR_OUT, channel, float(run.budget[0, place] / known.usual[place]))
        for place, channel in enumerate(known.channels)
        if known.usual[place] > 0 and run.budget[0, place] > most[place]
    ]
    if known.months < 2:
        found.append(Said(Caveat.ONE_MONTH))
    elif known.of_all[CHAIN].before is None:
        found.append(Said(Caveat.UNJUDGED, amount=float(known.months)))
    found.append(Said(Caveat.BY_CURVES if growth.is_curved.any() else Caveat.IN_PROPORTION))
    return found
