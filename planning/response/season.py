"""Effects of months that all cells of a channel share, so that a season is not taken for a response to spend."""

import numpy as np

from planning.response.curves import Numbers
from planning.response.panel import Panel

_FEWEST = 5
"""A channel of fewer cells has the season of all: its own months would leave nothing of its spend to learn from."""
_LEAST, _MOST = 0.05, 20.0
YEAR = 12


def season_of(panel: Panel, own: Numbers, expected: Numbers) -> Numbers:
    """Of each cell and month: what came over what was `expected` of the same months without a season.

    The mean of the last year is 1. Where there are fewer than `_FEWEST` cells in all, no season can be told from them.
    """
    if len(panel.cells) < _FEWEST:
        return np.ones_like(own)
    by_channel = _ratio(panel.by_channel(own), panel.by_channel(expected))
    overall = _ratio(own.sum(axis=0, keepdims=True), expected.sum(axis=0, keepdims=True))
    count = np.bincount(panel.channel, minlength=len(panel.channels))
    return np.asarray(np.where((count >= _FEWEST)[:, None], by_channel, overall)[panel.channel])


def _ratio(own: Numbers, expected: Numbers) -> Numbers:
    some = expected > 0
    ratio = np.where(some, own / np.where(some, expected, 1), 1.0)
    usual = np.where(ratio[:, -YEAR:].mean(axis=1, keepdims=True) > 0, ratio[:, -YEAR:].mean(axis=1, keepdims=True), 1)
    return np.clip(ratio / usual, _LEAST, _MOST)
