"""Which share of a dealer's week each hour has: its own calls, drawn towards the holding's where there are few.

Calls are multinomial over the 168 hours, a dealer's shares Dirichlet about the holding's (Good, 1965; Minka, Estimating
a Dirichlet distribution, 2000): the posterior share is (y + κm) / (N + κ), and κ, how many calls the holding's profile
counts as, is that of the greatest marginal likelihood. The holding's own is drawn in the same way towards the product
of its days and its hours, and this a little towards all hours alike, so that no hour is impossible.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from planning.call_load.queues import Numbers

_STRENGTHS = np.geomspace(1, 1e6, 61)
_REACH = 1.2816  # standard errors, which hold 80 %
_EVEN = 1.0  # call, spread over the week


@dataclass(frozen=True)
class Profile:
    """`share` (dealers, 7, 24) adds up to 1 over a dealer's week; `error` is that of its logarithm.

    It is told by how far the share reaches upwards, so that hours with hardly a call stay so.
    """

    share: Numbers
    error: Numbers
    strength: float


def weekly_profile(calls: Numbers, weekdays: Numbers) -> Profile:
    """`calls` (dealers, 7, 24) of so many Mondays, Tuesdays, …; a day that never was has what the others say."""
    flat = calls.reshape(len(calls), -1) * np.repeat(_evened(weekdays), calls.shape[2])
    total = flat.sum(axis=0)
    centre, _ = _drawn(total[None], _product(total.reshape(calls.shape[1:])).ravel())
    share, strength = _drawn(flat, centre[0])
    seen = flat.sum(axis=1, keepdims=True) + strength
    error = np.log1p(_REACH * np.sqrt((1 - share) / (share * (seen + 1)))) / _REACH
    return Profile(share.reshape(calls.shape), error.reshape(calls.shape), strength)


def _evened(weekdays: Numbers) -> Numbers:
    """What each call weighs, so that a week with two Mondays is not one of Mondays."""
    mean = weekdays.mean()
    return np.asarray(np.divide(mean, weekdays, out=np.ones_like(weekdays), where=weekdays > 0))


def _product(calls: Numbers) -> Numbers:
    days, hours = calls.sum(axis=1) + _EVEN / 7, calls.sum(axis=0) + _EVEN / 24
    return np.asarray(np.outer(days / days.sum(), hours / hours.sum()))


def _drawn(calls: Numbers, centre: Numbers) -> tuple[Numbers, float]:
    """Shares of each row of calls, and how many calls `centre` counts as."""
    own = calls.sum(axis=1)
    counted = calls[own > 0]
    if not len(counted):
        return np.repeat(centre[None], len(calls), axis=0), float(_STRENGTHS[-1])
    strength = float(_STRENGTHS[np.argmax([_likelihood(counted, centre, each) for each in _STRENGTHS])])
    return (calls + strength * centre) / (own + strength)[:, None], strength


def _likelihood(calls: Numbers, centre: Numbers, strength: float) -> float:
    """Of the Dirichlet-multinomial distribution, without what does not depend on the strength."""
    inside = gammaln(strength * centre + calls) - gammaln(strength * centre)
    whole = gammaln(strength) - gammaln(strength + calls.sum(axis=1))
    return float(inside.sum() + whole.sum())
