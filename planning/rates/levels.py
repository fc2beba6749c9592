"""Errors of counts that are summed over cells: of one cell, of a dealer, of a channel, or of all together."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from planning.rates.staged import Staged
from planning.split import Weights


class Level(StrEnum):
    CELL = "cell"  # a channel of a dealer
    DEALER = "dealer"
    CHANNEL = "channel"
    HOLDING = "holding"

    def summed(self, cells: Weights) -> Weights:
        """Of an array (dealers, channels), one value a group."""
        if self is Level.CELL:
            return cells.ravel()
        if self is Level.HOLDING:
            return np.asarray(cells.sum()).reshape(1)
        return np.asarray(cells.sum(axis=1 if self is Level.DEALER else 0))


def variance(factors: Sequence[Staged], expected: Weights, level: Level) -> Weights:
    """Of what is expected of each group, for the error of the rates alone, whose errors are independent.

    What cells have in common of a dealer, or of a channel, does not even out in sums over them.
    """
    own = sum(each.own**2 for each in factors)
    found = level.summed(expected**2 * own)
    for each in factors:
        leaning = expected * each.weight
        of_dealers, of_channels = each.of_dealer[:, None] ** 2, each.of_channel**2
        found = found + _of_parts(leaning, of_dealers, level, whole=Level.DEALER)
        found = found + _of_parts(leaning, of_channels, level, whole=Level.CHANNEL)
    return found


def _of_parts(leaning: Weights, squares: Weights, level: Level, whole: Level) -> Weights:
    """An error that all cells of a dealer (or of a channel) share: their parts are added before they are squared."""
    if level not in (whole, Level.HOLDING):
        return level.summed(leaning**2 * squares)
    together = leaning.sum(axis=1 if whole is Level.DEALER else 0) ** 2 * squares.reshape(-1)
    return np.asarray(together.sum().reshape(1) if level is Level.HOLDING else together)
