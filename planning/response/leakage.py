"""Leads that are credited to another channel of the dealer than the one that brought them.

Of each channel's leads a share m goes astray, to the dealer's other channels k in proportion to their lure w_k. With V
what channels really bring, month by month, the credited leads of channel c are expected to be

    E[y_c] = (1 - m) V_c + m w_c Σ_{k≠c} V_k / (1 - w_k)

where lures of a dealer's channels add up to 1. Credited leads that move with what others spend, or come in months in
which a channel spent nothing, tell m and w: for each channel b_c = m w_c is the slope of a regression, a level a cell
being taken out. Left alone, leakage flattens curves: a channel's stray leads do not follow its own spend.
"""

from dataclasses import dataclass

import numpy as np

from planning.response.curves import Numbers
from planning.response.panel import Panel, sums

_TRUST = 0.6
"""By how much, as a share, lures are thought to differ from channels' shares of leads, before anything is seen."""


@dataclass(frozen=True)
class Leakage:
    """`share` m goes astray; `lure` is by channel, of sum 1; `error` the standard error of b by channel."""

    share: float
    lure: Numbers
    error: Numbers


def no_leakage(panel: Panel) -> Leakage:
    """Lures are channels' shares of leads."""
    leads = panel.by_channel(panel.leads.sum(axis=1))
    total = leads.sum()
    count = len(panel.channels)
    lure = leads / total if total > 0 else np.full(count, 1 / count)
    lure = np.maximum(lure, 0.01 / count)
    return Leakage(0.0, lure / lure.sum(), np.zeros(count))


def strays_of_others(panel: Panel, brought: Numbers, lure: Numbers) -> Numbers:
    """What would come to each cell for a lure of 1, were all leads astray."""
    mine = lure[panel.channel]
    dealers = int(panel.dealer.max()) + 1
    rest = np.bincount(panel.dealer, mine, dealers)[panel.dealer] - mine
    alone = rest <= 1e-9
    each = np.where(alone[:, None], 0.0, brought / np.where(alone, 1.0, rest)[:, None])
    return np.asarray(sums(panel.dealer, each, dealers)[panel.dealer] - each)


def kept_share(panel: Panel, share: float) -> Numbers:
    """Of each cell's leads; all, where a dealer has but one channel: they can go nowhere."""
    alone = np.bincount(panel.dealer)[panel.dealer] < 2
    return np.where(alone, 1.0, 1 - share)


def learn_lure(
    panel: Panel, brought: Numbers, shape: Numbers, known: Leakage, usual_lure: Numbers, variance: Numbers
) -> Leakage:
    """A step towards lures, and their errors, given what channels are thought to bring and how it scatters."""
    strays = strays_of_others(panel, brought, known.lure)
    weight = 1 / variance
    level = np.maximum((shape * shape * weight).sum(axis=1, keepdims=True), 1e-300)
    strays_left, leads_left = (
        each - shape * ((each * shape * weight).sum(axis=1, keepdims=True) / level) for each in (strays, panel.leads)
    )
    told = panel.by_channel((strays_left**2 * weight).sum(axis=1))
    pull = panel.by_channel((strays_left * leads_left * weight).sum(axis=1))
    before = known.share * usual_lure
    trusted = 1 / (_TRUST * before) ** 2
    found = np.maximum((pull + trusted * before) / (told + trusted), 0.05 * before)
    return Leakage(known.share, found / found.sum(), 1 / np.sqrt(told + trusted))
