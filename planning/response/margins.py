"""What a lead of each cell is worth: margin over leads, pooled towards its channel, and channels towards each other.

Credibility of Bühlmann and Straub: months of a cell tell how margin per lead scatters, cells how they differ. Leads of
the last months have not become sales yet: they count by the share of sales that has come by now.
"""

from dataclasses import dataclass

import numpy as np

from attribution.credibility import credible
from planning.response.curves import Numbers
from planning.response.panel import Panel

_LEAST_SEEN = 0.1
"""Of months of whose sales less has come, nothing is told yet."""


@dataclass(frozen=True)
class Margins:
    """By cell, in money; 0 with no error where there is no margin at all."""

    mean: Numbers
    error: Numbers


def margins_of(panel: Panel, margin: Numbers, seen: Numbers) -> Margins:
    """`margin` is of the shape (cells, months), `seen` by month the share of sales that has come."""
    counted = seen >= _LEAST_SEEN
    leads, money = panel.leads[:, counted] * seen[counted], margin[:, counted]
    weight, total = leads.sum(axis=1), money.sum(axis=1)
    nothing = np.zeros(len(panel.cells))
    if weight.sum() <= 0 or not money.any():
        return Margins(nothing, nothing)
    means = _over(total, weight)
    within = _within(leads, money, means)
    by_channel = panel.by_channel(weight), panel.by_channel(total)
    channels = credible(by_channel[0], _over(by_channel[1], by_channel[0]), within)
    mean, error = nothing.copy(), nothing.copy()
    for place in range(len(panel.channels)):
        cells = panel.channel == place
        found = credible(weight[cells], means[cells], within)
        none = np.isnan(found.estimate)
        mean[cells] = np.where(none, channels.estimate[place], found.estimate)
        error[cells] = np.where(none, channels.error[place], found.error)
    return Margins(mean, error)


def _within(leads: Numbers, money: Numbers, means: Numbers) -> float:
    """The variance of a lead's margin, from how months of cells scatter about the cells' means."""
    some = leads > 0
    apart = _over(money, leads) - means[:, None]
    free = float((some.sum(axis=1) - 1).clip(0).sum())
    found = float((leads * apart**2)[some].sum()) / free if free > 0 else 0.0
    return max(found, float(np.abs(means).max()) ** 2 * 0.01)


def _over(above: Numbers, below: Numbers) -> Numbers:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
