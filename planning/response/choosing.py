"""What the months of all cells say of carry-over, saturation and stray leads: each is chosen by its likelihood.

Leads are weighed with the variance that the plainest fit found, so that all choices are compared on the same scale.
What is not clearly better than nothing is nothing.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline

from planning.response.curves import Numbers
from planning.response.fitting import Fit, Held, fit, plainly, variance_of
from planning.response.leakage import Leakage
from planning.response.panel import Panel

SHARES_ASTRAY = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
CARRIES = np.array([0.0, 0.15, 0.3, 0.45, 0.6])
FAMILIES = np.array([0.0, 0.5, 1.0, 2.0])
_CLEARLY = 3.0
"""In log likelihood."""
_MONTHS_OF_MORE = 12
"""In fewer months neither carry-over nor stray leads can be told from chance."""


@dataclass(frozen=True)
class Chosen:
    """The fit that holds, and `families` (channels, `FAMILIES`): how likely each is."""

    fit: Fit
    families: Numbers


def choose(panel: Panel) -> Chosen:
    plain = fit(panel, plainly(panel))
    variance = variance_of(panel, plain.expected, plain.scatter)
    found = plain
    if panel.months >= _MONTHS_OF_MORE:
        found = _with_leakage(panel, plain, variance)
        carry = _carry(panel, found, variance)
        if carry.any():
            found = _with_leakage(panel, fit(panel, replace(plain.held, carry=carry)), variance)
    weights = _families(panel, found, variance)
    family = weights @ FAMILIES
    return Chosen(fit(panel, replace(found.held, family=family)), weights)


def _by_channel(panel: Panel, found: Fit, variance: Numbers) -> Numbers:
    return -0.5 * panel.by_channel(((panel.leads - found.expected) ** 2 / variance).sum(axis=1))


def _with_leakage(panel: Panel, plain: Fit, variance: Numbers) -> Fit:
    """The fit with as many leads astray as is likely, if any."""
    if np.bincount(panel.dealer).max() < 2:
        return plain
    fits = [plain, *(_astray(panel, plain.held, plain, float(share)) for share in SHARES_ASTRAY[1:])]
    likely = np.array([_by_channel(panel, each, variance).sum() for each in fits])
    if likely.max() - likely[0] < _CLEARLY:
        return plain
    fine = np.linspace(0, SHARES_ASTRAY[-1], 101)
    log = CubicSpline(SHARES_ASTRAY, likely)(fine)
    weight = np.exp(log - log.max())
    share = float((weight * fine).sum() / weight.sum())
    return _astray(panel, fits[int(likely.argmax())].held, plain, share)


def _astray(panel: Panel, held: Held, plain: Fit, share: float) -> Fit:
    leakage = Leakage(share, held.leakage.lure, held.leakage.error)
    return fit(panel, replace(held, leakage=leakage), plain.tables)


def _carry(panel: Panel, found: Fit, variance: Numbers) -> Numbers:
    """By channel."""
    likely = np.array([
        _by_channel(panel, fit(panel, replace(found.held, carry=np.full(len(panel.channels), carry))), variance)
        for carry in CARRIES
    ])  # fmt: skip
    best = likely.argmax(axis=0)
    return np.where(likely.max(axis=0) - likely[0] >= _CLEARLY, CARRIES[best], 0.0)


def _families(panel: Panel, found: Fit, variance: Numbers) -> Numbers:
    """(channels, families): blended rather than chosen, and pooled: months seldom tell families apart."""
    likely = np.array([
        _by_channel(panel, fit(panel, replace(found.held, family=np.full(len(panel.channels), family))), variance)
        for family in FAMILIES
    ]).T  # fmt: skip
    weights = np.exp(likely - likely.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    weights *= weights.mean(axis=0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
