"""How long conversions take, from those that have come so far.

Of what began lately only the quick conversions are known: a lag that is longer than the time since is not there yet
(right truncation). The plain distribution of the known lags would say that all is quick. Counting back from the
longest lag, the chance that a lag of at most u days is exactly u is estimated among those conversions alone that
would be known whether they took u days or fewer: the product-limit estimator in reversed time (Lynden-Bell 1971;
Lagakos, Barraj and De Gruttola, "Nonparametric analysis of truncated survival data", Biometrika 75, 1988), which
actuaries call chain ladder.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEWEST = 10.0
"""The longest lag that is believed is one at which at least so many conversions would be known."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LagCurve:
    """`seen[n]` is the share of all conversions that come within n whole days; 0 at first, 1 from its end on."""

    seen: Numbers

    @property
    def horizon(self) -> int:
        """In days: nothing is known of conversions that take as long or longer."""
        return len(self.seen) - 1

    def seen_after(self, days: ArrayLike) -> Numbers:
        return self.seen[np.clip(np.asarray(days, dtype=np.int64), 0, self.horizon)]

    def quantile(self, level: float) -> int:
        """In how many whole days at least this share has come."""
        return int(np.searchsorted(self.seen, level - 1e-12))


def lag_curve(lags: ArrayLike, observed: ArrayLike, weights: ArrayLike) -> LagCurve | None:
    """The distribution of lags in days; none where fewer than `FEWEST` conversions are known.

    `lags` and `observed` are whole days from the beginning to the conversion, and to the end of the data. Conversions
    of the last, unfinished day (lag = observed) do not count. `weights` are conversions, or shares of them.
    """
    lag, until, weight = np.asarray(lags, np.int64), np.asarray(observed, np.int64), np.asarray(weights, np.float64)
    whole = (lag >= 0) & (lag < until)
    lag, until, weight = lag[whole], until[whole], weight[whole]
    if not len(lag):
        return None
    days = int(lag.max()) + 1
    came = np.bincount(lag, weight, days)
    at_risk = np.cumsum(came) - np.cumsum(np.bincount(np.minimum(until, days), weight, days + 1)[:days])
    believed = np.flatnonzero((at_risk >= FEWEST - 1e-9) & (came > 0))
    if not len(believed):
        return None
    came, at_risk = came[: believed[-1] + 1], at_risk[: believed[-1] + 1]
    quicker = 1 - np.divide(came, at_risk, out=np.zeros_like(came), where=at_risk > 0)
    seen = np.append(np.cumprod(np.clip(quicker, 0, 1)[::-1])[::-1], 1.0)
    return LagCurve(seen)
