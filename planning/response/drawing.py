"""From a fit to a response: the curves that are likeliest, and curves as they may be."""

from collections.abc import Mapping

import numpy as np

from planning.response.choosing import FAMILIES, Chosen
from planning.response.curves import LEAST, MOST, Curves, Numbers
from planning.response.levels import levels_of
from planning.response.model import Ground, Response
from planning.response.panel import Panel
from planning.response.pooling import draw

DRAWS = 400
_OWN = 0.15
"""From this share on, what is known of a cell's elasticity is called its own."""
_VARIED = 0.05
"""Spend whose logs have less than this standard deviation within a channel, beside its season, has not varied."""
_MOST_ERROR = 0.15
"""Of a channel's elasticity by its own cells; above it, the curve is called unknown. With no month it is 0.22."""


def response_of(
    panel: Panel, chosen: Chosen, margin: Numbers, margin_error: Numbers, *, seed: int = 0, draws: int = DRAWS
) -> Response:
    """`margin` is what a lead of each cell is worth, with its standard error."""
    rng = np.random.default_rng(seed)
    fit, channel = chosen.fit, panel.channel
    levels = levels_of(panel, fit)
    usual = np.maximum(fit.tables.usual, 1e-6)
    elasticity = np.clip(fit.elasticity, LEAST, MOST)
    may_be = np.clip(draw(fit.pooled, channel, draws, rng), LEAST, MOST)
    noise = rng.standard_normal((draws, len(panel.channels)))[:, channel]
    family = _families(chosen.families, draws, rng)[:, channel]
    on = panel.spend > 0
    return Response(
        panel.cells,
        Curves(fit.held.family[channel], usual, levels.mean(elasticity), elasticity),
        Curves(family, usual, levels.draw(may_be, noise, rng), may_be),
        margin,
        margin + margin_error * rng.standard_normal((draws, len(margin))),
        np.where(on.any(axis=1), panel.spend.min(axis=1, initial=np.inf, where=on), 0),
        panel.spend.max(axis=1, initial=0),
        grounds_of(panel, chosen),
        _carry(panel, fit.held.carry),
        recent=panel.spend[:, -3:].mean(axis=1),
    )


def grounds_of(panel: Panel, chosen: Chosen) -> tuple[Ground, ...]:
    pooled = chosen.fit.pooled
    known = (pooled.centre_error < _MOST_ERROR) & (varied(panel, chosen) >= _VARIED)
    own = pooled.own >= _OWN
    known &= (np.bincount(panel.channel, minlength=len(known)) > 1) | (panel.by_channel(own.astype(float)) > 0)
    return tuple(
        Ground.NONE if not known[channel] else Ground.OWN if own[place] else Ground.CHANNEL
        for place, channel in enumerate(panel.channel)
    )


def varied(panel: Panel, chosen: Chosen) -> Numbers:
    """By channel, the standard deviation of the logs of spend about each cell's own and the channel's months."""
    spent = chosen.fit.tables.spent
    logs = np.where(spent, np.log(np.where(spent, chosen.fit.tables.times, 1)), 0)
    count = panel.by_channel(spent.astype(float))
    months = np.where(count > 0, panel.by_channel(logs) / np.maximum(count, 1), 0)
    shared = np.bincount(panel.channel, minlength=len(panel.channels)) >= 2
    left = np.where(spent, logs - np.where(shared[:, None], months, 0)[panel.channel], 0)
    left -= np.where(spent, (left.sum(axis=1) / np.maximum(spent.sum(axis=1), 1))[:, None], 0)
    free = np.maximum(panel.by_channel((spent.sum(axis=1) - 1).clip(0).astype(float)), 1)
    return np.sqrt(panel.by_channel((left**2).sum(axis=1)) / free)


def _families(weights: Numbers, draws: int, rng: np.random.Generator) -> Numbers:
    """(draws, channels)."""
    upto = np.cumsum(weights, axis=1)
    places = (upto[None] < rng.random((draws, len(weights), 1)) * upto[None, :, -1:]).sum(axis=2)
    return np.asarray(FAMILIES[np.minimum(places, len(FAMILIES) - 1)])


def _carry(panel: Panel, carry: Numbers) -> Mapping[str, float]:
    return {name: float(carry[place]) for place, name in enumerate(panel.channels) if carry[place]}
