"""How well scores tell journeys that converted from those that did not.

Journeys of one score stand together: arrays of scores, and of how many journeys of each converted and did not.
"""

import numpy as np

from attribution.journeys.arrays import Floats

_CERTAIN = 1e-9


def area_under_curve(score: Floats, conversions: Floats, nulls: Floats) -> float | None:
    """The chance that a converting journey scores above one that does not, ties counting half; None without either."""
    order = np.argsort(score, kind="stable")
    _, group = np.unique(score[order], return_inverse=True)
    won, lost = np.bincount(group, conversions[order]), np.bincount(group, nulls[order])
    pairs = won.sum() * lost.sum()
    below = np.cumsum(lost) - lost
    return float((won * (below + lost / 2)).sum() / pairs) if pairs else None


def log_loss(score: Floats, conversions: Floats, nulls: Floats) -> float | None:
    """Mean surprise of a journey at its outcome, in nats; scores of 0 and 1 are held to a billionth from them."""
    held = np.clip(score, _CERTAIN, 1 - _CERTAIN)
    journeys = conversions.sum() + nulls.sum()
    return float(-(conversions @ np.log(held) + nulls @ np.log1p(-held)) / journeys) if journeys else None
