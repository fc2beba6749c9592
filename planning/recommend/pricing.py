"""What each spot spends at one price for all: the first step to every best split.

At the best split every spot that is not at a bound brings the same for a unit more, the price (Karush–Kuhn–Tucker). A
group whose total is bounded has a price of its own where the bound holds: the price at which its spots add up to it.
So the group's price is the common one, kept between two thresholds that are found once.
"""

from collections.abc import Callable

import numpy as np

from planning.recommend.limits import Totals
from planning.response.curves import Curves, Numbers

_STEPS = 200
_TOLERANCE = 1e-12
_FAR = 64.0


class Offer:
    """Spend of every spot at the logarithm of a price; it falls as the price rises."""

    def __init__(self, worth: Curves, low: Numbers, high: Numbers, totals: Totals | None = None) -> None:
        self._worth = worth
        self._low, self._high = low, high
        self._totals = totals
        if totals is not None:
            groups = len(totals.names)
            self._of = np.where(totals.of < 0, groups, totals.of)
            self._cheapest = np.append(self._thresholds(totals, totals.most), -np.inf)
            self._dearest = np.append(self._thresholds(totals, totals.least), np.inf)

    def at(self, log_price: float) -> Numbers:
        if self._totals is None:
            return self._at(np.asarray(log_price))
        priced = np.clip(log_price, self._cheapest, np.maximum(self._cheapest, self._dearest))
        return self._at(np.clip(priced, -_FAR, _FAR)[self._of])

    def _at(self, log_price: Numbers) -> Numbers:
        return np.clip(self._worth.spend_at(np.exp(log_price)), self._low, self._high)

    def _thresholds(self, totals: Totals, wanted: Numbers) -> Numbers:
        """The price of each group at which it comes down to what is wanted."""
        cheap, dear = np.full(len(wanted) + 1, -_FAR), np.full(len(wanted) + 1, _FAR)
        for _ in range(_STEPS):
            middle = (cheap + dear) / 2
            over = np.append(totals.sums(self._at(middle[self._of])) > wanted, False)
            cheap, dear = np.where(over, middle, cheap), np.where(over, dear, middle)
            if (dear - cheap).max() < _TOLERANCE:
                break
        return np.asarray(dear[:-1])


def prices_around(of_price: Callable[[float], float], wanted: float) -> tuple[float, float]:
    """The logarithms of a price at which a falling sum is not above what is wanted, and one just below it."""
    steep, flat = 0.0, 0.0
    while of_price(steep) > wanted and steep < 700:
        steep += 8
    while of_price(flat) < wanted and flat > -700:
        flat -= 8
    for _ in range(_STEPS):
        middle = (steep + flat) / 2
        steep, flat = (middle, flat) if of_price(middle) <= wanted else (steep, middle)
        if steep - flat < _TOLERANCE:
            break
    return steep, flat
