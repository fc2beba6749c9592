"""What becomes of opportunities that are still open, from how long others stayed in each stage and where they went.

A semi-Markov process with competing risks: from a stage one goes on to a later one, to a sale, or is lost, at a rate
that depends on the stage and on how long one has been there (Aalen and Johansen 1978, with rates constant between
`EDGES`). Those still open count for as long as they have been seen; what lies beyond the longest stay ever seen is
taken for lost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STAGES = ("lead", "qualified", "appointment", "visit", "test_drive", "contract")
SALE, LOST, STILL_OPEN = 6, 7, 8
"""Ends of a stay, beside the places of later stages in `STAGES`."""
EDGES = np.array([0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 730])
"""Days in a stage at which the rates change."""

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stays:
    """`ends[..., stage, end, span]` counts ends of stays, `exposure[stage, span]` days stayed, by span of `EDGES`."""

    ends: Numbers
    exposure: Numbers
    longest: int
    """Whole days of the longest stay, and one."""


def count_stays(stage: Places, end: Places, days: Places, n: Numbers) -> Stays:
    """From stays, `n` alike each: the place of the stage, its end, and the whole days it took or has taken so far."""
    ends = np.zeros((len(STAGES), STILL_OPEN + 1, len(EDGES)))
    np.add.at(ends, (stage, end, _span(days)), n)
    longest = int(days.max(initial=0)) + 1
    exposure = np.zeros((len(STAGES), len(EDGES)))
    for span, (low, high) in enumerate(zip(EDGES, np.append(EDGES[1:], longest + EDGES[-1]), strict=True)):
        np.add.at(exposure[:, span], stage, n * np.clip(days + 0.5 - low, 0, high - low))
    return Stays(ends[:, :STILL_OPEN], exposure, longest)


def redraw(stays: Stays, rng: np.random.Generator, draws: int) -> Stays:
    """Ends as they might have come by chance, as often as `draws`: their counts vary as those of a Poisson process."""
    return Stays(rng.gamma(np.broadcast_to(stays.ends, (draws, *stays.ends.shape))), stays.exposure, stays.longest)


def chances(stays: Stays) -> Numbers:
    """`chances[..., stage, day]`: that one who has been in the stage for so many whole days buys in the end."""
    exposure = stays.exposure[:, None, :]
    rates = np.divide(stays.ends, exposure, out=np.zeros_like(stays.ends), where=exposure > 0)
    draws = rates.shape[:-3]
    span = _span(np.arange(stays.longest))
    found = np.zeros((*draws, len(STAGES), stays.longest + 1))
    for stage in reversed(range(len(STAGES))):
        worth = np.zeros((*draws, STILL_OPEN))
        worth[..., stage + 1 : len(STAGES)] = found[..., stage + 1 :, 0]
        worth[..., SALE] = 1
        out = rates[..., stage, :, :].sum(axis=-2)
        leaves = -np.expm1(-out)
        gained = np.einsum("...e,...es->...s", worth, rates[..., stage, :, :])
        gains = np.divide(gained, out, out=np.zeros_like(out), where=out > 0) * leaves
        for day in range(stays.longest - 1, -1, -1):
            at = span[day]
            found[..., stage, day] = gains[..., at] + (1 - leaves[..., at]) * found[..., stage, day + 1]
    return found


def _span(days: Places) -> Places:
    return np.searchsorted(EDGES, days, side="right") - 1
