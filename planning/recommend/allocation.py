"""The best split of a budget over cells with concave curves, by bisection on the multiplier.

At the optimum every cell that is not at a bound has the same slope λ (Karush–Kuhn–Tucker), and the spend of all cells
falls as λ rises: so λ is found by halving, and all cells are reckoned at once in each step.
"""

import numpy as np
from numpy.typing import ArrayLike

from infra.errors import InvalidInput
from planning.response.curves import Curves, Numbers

_STEPS = 200
_TOLERANCE = 1e-12


def allocate(worth: Curves, budget: float, lower: ArrayLike, upper: ArrayLike) -> Numbers:
    """Spend by cell, of the sum `budget`. `worth` are curves in money, one a cell.

    Raises `InvalidInput` where the bounds contradict each other or leave no way to spend just so much.
    """
    low, high = np.asarray(lower, float), np.asarray(upper, float)
    check_bounds(budget, low, high)

    def spent(log_slope: float) -> Numbers:
        return np.clip(worth.spend_at(np.exp(log_slope)), low, high)

    steep, flat = 0.0, 0.0
    while spent(steep).sum() > budget and steep < 700:
        steep += 8
    while spent(flat).sum() < budget and flat > -700:
        flat -= 8
    for _ in range(_STEPS):
        middle = (steep + flat) / 2
        steep, flat = (middle, flat) if spent(middle).sum() <= budget else (steep, middle)
        if steep - flat < _TOLERANCE:
            break
    return _exactly(spent(steep), spent(flat), budget, high)


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


def _exactly(under: Numbers, over: Numbers, budget: float, high: Numbers) -> Numbers:
    """What is left to the budget goes where the two sides of the last step differ, else where there is room."""
    left, room = budget - under.sum(), over - under
    if room.sum() < left:
        room = high - under
    total = room.sum()
    return np.asarray(under + (room / total * left if total > 0 else 0.0))
