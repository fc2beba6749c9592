"""What curves say at the spend of today: leads, and what a unit more would bring; cell by cell, and by channel.

Intervals are of 80%: between a tenth and nine tenths of the draws.
"""

from dataclasses import dataclass

import numpy as np

from planning.response.curves import Numbers, Places
from planning.response.model import Response

LEVEL = 0.8
FURTHEST = 2.0
"""Curves are drawn up to so many times today's spend, or the most that was seen where that is more."""
POINTS = 33


@dataclass(frozen=True)
class Between:
    """A figure with its interval; arrays of one shape."""

    value: Numbers
    low: Numbers
    high: Numbers


@dataclass(frozen=True)
class Today:
    """By cell. `spend` is the mean month of the last three; of cells that are spent on no more, their usual month.

    `cost_of_next` is what one lead more costs; `romi_of_next` the margin that a unit of money more brings, less it.
    """

    spend: Numbers
    leads: Between
    elasticity: Between
    cost_of_next: Between
    romi_of_next: Between


@dataclass(frozen=True)
class Line:
    """The curve of a channel, whose cells are all spent on in the proportion of today."""

    spend: Numbers
    leads: Between


def today_of(response: Response) -> Today:
    spend = spend_today(response)
    slope, slopes = response.curves.slope(spend), response.draws.slope(spend)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Today(
            spend,
            between(response.curves.at(spend), response.draws.at(spend)),
            between(response.curves.elasticity, response.draws.elasticity),
            between(_known(1 / slope), 1 / slopes),
            between(response.margin * slope - 1, response.margin_draws * slopes - 1),
        )


def spend_today(response: Response) -> Numbers:
    recent = response.curves.usual if response.recent is None else response.recent
    return np.asarray(np.where(recent > 0, recent, response.curves.usual))


def between(value: Numbers, draws: Numbers) -> Between:
    if not value.size:
        return Between(value, value, value)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return Between(value, _known(np.asarray(low)), _known(np.asarray(high)))


def line_of(response: Response, cells: Places, most: float) -> Line:
    """`most` is the most that the channel cost in a month."""
    part = response.of(cells)
    base = spend_today(part)
    upto = max(FURTHEST, most / base.sum() if base.sum() else FURTHEST)
    times = np.linspace(0, upto, POINTS)
    value = np.array([part.curves.at(base * each).sum() for each in times])
    draws = np.array([part.draws.at(base * each).sum(axis=1) for each in times]).T
    return Line(times * base.sum(), between(value, draws))


def next_of_channel(response: Response, cells: Places) -> tuple[Between, Between]:
    """What one lead more costs and a unit of money more earns, where all cells get more in proportion."""
    part = response.of(cells)
    base = spend_today(part)
    share = base / base.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        slope, slopes = (curves.slope(base) * share for curves in (part.curves, part.draws))
        cost = between(_known(1 / slope.sum(keepdims=True)), 1 / slopes.sum(axis=1, keepdims=True))
        romi = between(
            (part.margin * slope).sum(keepdims=True) - 1, (part.margin_draws * slopes).sum(axis=1, keepdims=True) - 1
        )
    return cost, romi


def _known(values: Numbers) -> Numbers:
    return np.asarray(np.where(np.isfinite(values), values, np.nan))
