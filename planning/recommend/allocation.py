"""The best split of a budget over spots with concave curves, by bisection on the price of money.

The spend of all spots falls as the price rises: so it is found by halving, and all spots are reckoned at once in each
step. The same price answers the other questions, too: the least budget for so much, and all spend down to a price.
"""

import numpy as np
from numpy.typing import ArrayLike

from infra.errors import InvalidInput
from planning.recommend.limits import Totals, amount
from planning.recommend.pricing import Offer, prices_around
from planning.response.curves import Curves, Numbers


def allocate(worth: Curves, budget: float, lower: ArrayLike, upper: ArrayLike) -> Numbers:
    """Spend by cell, of the sum `budget`. `worth` are curves in money, one a cell.

    Raises `InvalidInput` where the bounds contradict each other or leave no way to spend just so much.
    """
    low, high = np.asarray(lower, float), np.asarray(upper, float)
    check_bounds(budget, low, high)
    return spend_budget(worth, budget, low, high)


def spend_budget(worth: Curves, budget: float, low: Numbers, high: Numbers, totals: Totals | None = None) -> Numbers:
    """Of bounds and totals that leave a way to spend just so much."""
    offer = Offer(worth, low, high, totals)
    steep, flat = prices_around(lambda price: float(offer.at(price).sum()), budget)
    return _exactly(offer.at(steep), offer.at(flat), budget, high, totals)


def spend_for(
    outcome: Curves, wanted: float, low: Numbers, high: Numbers, totals: Totals | None = None, what: str = "outcome"
) -> Numbers:
    """The least spend of which so much comes. Raises `InvalidInput` where it cannot come of these bounds."""
    offer = Offer(outcome, low, high, totals)
    most = float(outcome.at(offer.at(-64.0)).sum())
    if most < wanted * (1 - 1e-9):
        raise InvalidInput(
            f"At most {most:,.1f} {what} can come within these bounds, and {wanted:,.1f} are wanted.",
            where="amount",
            help="Ask for less, or widen the bounds.",
        )
    _steep, flat = prices_around(lambda price: float(outcome.at(offer.at(price)).sum()), wanted)
    return offer.at(flat)


def spend_down_to(worth: Curves, price: float, low: Numbers, high: Numbers, totals: Totals | None = None) -> Numbers:
    """All spend of which a unit more brings at least the price, which is more than 0."""
    return Offer(worth, low, high, totals).at(float(np.log(price)))


def check_bounds(budget: float, low: Numbers, high: Numbers) -> None:
    """Raises `InvalidInput`."""
    if (low > high).any():
        place = int(np.flatnonzero(low > high)[0])
        raise InvalidInput(
            f"A cell must get at least {low[place]:,.0f} and at most {high[place]:,.0f}.",
            where="bounds",
            help="Raise the upper bound or lower the lower one.",
        )
    if budget < low.sum() - 1e-6:
        raise InvalidInput(
            f"The budget of {budget:,.0f} is below the lower bounds, which add up to {low.sum():,.0f}.",
            where="budget",
            help="Raise the budget, or lower the bounds or what is locked.",
        )
    if budget > high.sum() + 1e-6:
        raise InvalidInput(
            f"The budget of {budget:,.0f} is above the upper bounds, which add up to {high.sum():,.0f}.",
            where="budget",
            help="Lower the budget, or widen the bounds.",
        )


def spendable(low: Numbers, high: Numbers, totals: Totals | None) -> tuple[float, float]:
    """The least and the most that can be spent in all."""
    if totals is None:
        return float(low.sum()), float(high.sum())
    free = totals.of < 0
    return (
        float(low[free].sum() + np.maximum(totals.sums(low), totals.least).sum()),
        float(high[free].sum() + np.minimum(totals.sums(high), totals.most).sum()),
    )


def check_budget(budget: float, least: float, most: float) -> None:
    """Raises `InvalidInput` for minor units that cannot be spent."""
    if budget < least - 0.5:
        raise InvalidInput(
            f"The budget of {amount(budget)} is below the lower bounds, which add up to {amount(least)}.",
            where="budget",
            help="Raise the budget, or lower the bounds, what is locked, or what is ordered.",
        )
    if budget > most + 0.5:
        raise InvalidInput(
            f"The budget of {amount(budget)} is above the upper bounds, which add up to {amount(most)}.",
            where="budget",
            help="Lower the budget, or widen the bounds.",
        )


def _exactly(under: Numbers, over: Numbers, budget: float, high: Numbers, totals: Totals | None) -> Numbers:
    """What is left to the budget goes where the two sides of the last step differ, else where there is room."""
    left, room = budget - under.sum(), over - under
    if room.sum() < left:
        room = _room(under, high, totals)
    total = room.sum()
    return np.asarray(under + (room / total * left if total > 0 else 0.0))


def _room(under: Numbers, high: Numbers, totals: Totals | None) -> Numbers:
    """Of each spot, so that all of it together breaks no total."""
    room = high - under
    if totals is None:
        return room
    of_groups = totals.sums(room)
    left = np.maximum(0.0, totals.most - totals.sums(under))
    part = np.minimum(1.0, np.divide(left, of_groups, out=np.ones_like(left), where=of_groups > 0))
    return np.asarray(room * np.append(part, 1.0)[totals.of])
