"""What customers will still buy: BG/NBD for how often, Gamma-Gamma for how much.

BG/NBD (Fader, Hardie and Lee, "Counting your customers the easy way", Marketing Science 24, 2005): each customer buys
at a rate of their own, and after each purchase may leave for ever. Gamma-Gamma (Fader and Hardie 2013): each
customer's purchases scatter about a mean of their own, which does not depend on the rate. Both are fitted by maximum
likelihood. Neither knows seasons.

A customer is summed up by `x`, purchases after the first; `t_x`, time from the first to the last of them (0 where x =
0); `T`, time from the first to the end of the data, all in one unit of time; and `z`, the mean value of the x
purchases.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, gammaln, hyp2f1

from infra.errors import NotReady

Numbers = NDArray[np.float64]
_LEAST, _MOST = -9.0, 9.0  # of the logarithms of parameters, in a unit of time or money near the data


@dataclass(frozen=True, slots=True)
class Purchasing:
    """BG/NBD: rates are Gamma(r, alpha), the chance to leave after a purchase Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    def expected(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike, time: ArrayLike) -> Numbers:  # noqa: N803
        """Purchases that each customer makes in the next `time`.

        Equation 10 of the article; Pfaff's transformation of its series keeps large parameters from overflowing.
        """
        x, t_x, T, time = (np.asarray(each, np.float64) for each in (x, t_x, T, time))  # noqa: N806
        a, b = self._a_not_one, self.b
        more = 1 - hyp2f1(self.r + x, a - 1, a + b + x - 1, -time / (self.alpha + T))
        return np.asarray((a + b + x - 1) / (a - 1) * more * self.alive(x, t_x, T))

    def expected_from_start(self, time: ArrayLike) -> Numbers:
        """Purchases after the first that a new customer makes within `time`: equation 9, which is 10 at the start."""
        nothing = np.zeros_like(np.asarray(time, np.float64))
        return self.expected(nothing, nothing, nothing, time)

    def alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Numbers:  # noqa: N803
        """The chance that each customer has not left yet."""
        x, t_x, T = (np.asarray(each, np.float64) for each in (x, t_x, T))  # noqa: N806
        log_odds = np.log(self.a / (self.b + np.maximum(x, 1) - 1)) + (self.r + x) * np.log(
            (self.alpha + T) / (self.alpha + t_x)
        )
        return np.where(x > 0, 1 / (1 + np.exp(np.minimum(log_odds, 700))), 1.0)

    @property
    def _a_not_one(self) -> float:
        """The formulas have a gap at 1 over which they are smooth."""
        return self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6


@dataclass(frozen=True, slots=True)
class Spending:
    """Gamma-Gamma: a purchase is Gamma(p, nu), nu is Gamma(q, v)."""

    p: float
    q: float
    v: float
    log_likelihood: float

    def expected(self, x: ArrayLike, z: ArrayLike) -> Numbers:
        """The mean value of each customer's purchases, of all to come."""
        x, z = np.asarray(x, np.float64), np.asarray(z, np.float64)
        return np.asarray(self.p * (self.v + x * z) / (self.p * x + self.q - 1))


def fit_purchasing(x: ArrayLike, t_x: ArrayLike, T: ArrayLike, customers: ArrayLike | None = None) -> Purchasing:  # noqa: N803
    """`customers` says how many customers each entry stands for; one unless said.

    Raises `NotReady` where nobody has bought again: then nothing can be said.
    """
    x, t_x, T = (np.asarray(each, np.float64) for each in (x, t_x, T))  # noqa: N806
    weight = np.ones(len(x)) if customers is None else np.asarray(customers, np.float64)
    if not (x > 0).any():
        raise NotReady("Nobody has bought a second time yet, so nothing can be predicted.", help="Ask without predict.")
    unit = float(T.max())
    repeat = x > 0

    def loss(parameters: Numbers) -> float:
        r, alpha, a, b = np.exp(parameters)
        begun = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + T / unit)
        leaves = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + t_x / unit)
        each = begun + np.where(repeat, np.logaddexp(stays, leaves), stays)
        return -float((weight * each).sum()) / float(weight.sum())

    best, least = _minimum(loss, [(0.0, 0.0, 0.0, 0.0), (-1.0, -2.0, 0.0, 1.0)])
    r, alpha, a, b = (float(each) for each in np.exp(best))
    scale = float((weight * x).sum()) * np.log(unit)
    return Purchasing(r, alpha * unit, a, b, float(-least * weight.sum() - scale))


def fit_spending(x: ArrayLike, z: ArrayLike) -> Spending:
    """Of customers with x > 0 and z > 0; the others say nothing of values. Raises `NotReady` where there is none."""
    x, z = np.asarray(x, np.float64), np.asarray(z, np.float64)
    told = (x > 0) & (z > 0)
    x, z = x[told], z[told]
    if not len(x):
        raise NotReady("No second purchase has a value yet, so no value can be predicted.", help="Ask without predict.")
    unit = float(z.mean())
    y = z / unit

    def loss(parameters: Numbers) -> float:
        p, q, v = np.exp(parameters)
        each = (
            gammaln(p * x + q) - gammaln(p * x) - gammaln(q)
            + q * np.log(v) + (p * x - 1) * np.log(y) + p * x * np.log(x) - (p * x + q) * np.log(x * y + v)
        )  # fmt: skip
        return -float(each.mean())

    best, least = _minimum(loss, [(1.0, 1.0, 0.0), (2.0, 2.0, 1.0)])
    p, q, v = (float(each) for each in np.exp(best))
    return Spending(p, q, v * unit, float(-least * len(x) - len(x) * np.log(unit)))


def _minimum(loss: Callable[[Numbers], float], starts: list[tuple[float, ...]]) -> tuple[Numbers, float]:
    bounds = [(_LEAST, _MOST)] * len(starts[0])
    found = [
        scipy.optimize.minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14})
        for start in starts
    ]
    best = min(found, key=lambda each: float(each.fun))
    polished = scipy.optimize.minimize(
        loss, best.x, method="Nelder-Mead", bounds=bounds, options={"xatol": 1e-7, "fatol": 1e-13, "maxfev": 1000}
    )
    return np.asarray(polished.x, np.float64), float(polished.fun)
