"""What becomes of opportunities that are still open, from how long others stayed in each stage and where they went.

A semi-Markov process with competing risks: from a stage one goes on to a later one, to a sale, or is lost, at a rate that
depends on the stage and on how long one has been there (Aalen and Johansen 1978, with rates constant between `EDGES`).
Those still open count for as long as they have been seen; what lies beyond the longest stay ever seen is taken for lost.
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


@dataclass(frozen=True, slots=True)
class Stays:
    """`ends[stage, end, span]` counts the ends of stays, `exposure[stage, span]` the days stayed, by span of `EDGES`."""

    ends: Numbers
    exposure: Numbers
    longest: int
    """Days of the longest stay."""


def count_stays(stage: NDArray[np.int64], end: NDArray[np.int64], days: NDArray[np.int64], n: Numbers) -> Stays:
    """From stays, `n` alike each: the place of the stage, its end, and the whole days it took or has taken so far."""
    ends = np.zeros((len(STAGES), STILL_OPEN + 1, len(EDGES)))
    np.add.at(ends, (stage, end, np.searchsorted(EDGES, days, side="right") - 1), n)
    longest = int(days.max(initial=0)) + 1
    exposure = np.zeros((len(STAGES), len(EDGES)))
    upper = np.append(EDGES[1:], longest + EDGES[-1])
    for span, (low, high) in enumerate(zip(EDGES, upper, strict=True)):
        np.add.at(exposure[:, span], stage, n * np.clip(days + 0.5 - low, 0, high - low))
    return Stays(ends[:, :STILL_OPEN], exposure, longest)


def redraw(stays: Stays, rng: np.random.Generator) -> Stays:
    """Ends as they might have come by chance: the rates vary as their estimates do."""
    return Stays(rng.gamma(stays.ends), stays.exposure, stays.longest)


def chances(stays: Stays) -> Numbers:
    """`chances[stage, day]`: that one who has been in the stage for so many whole days will buy in the end."""
    rates = np.divide(
        stays.ends,
        stays.exposure[:, None, :],
        out=np.zeros_like(stays.ends),
        where=stays.exposure[:, None, :] > 0,
    )
    span = np.searchsorted(EDGES, np.arange(stays.longest), side="right") - 1
    found = np.zeros((len(STAGES), stays.longest + 1))
    for stage in reversed(range(len(STAGES))):
        worth = np.zeros(STILL_OPEN)
        worth[stage + 1 : len(STAGES)] = found[stage + 1 :, 0]
        worth[SALE] = 1
        out = rates[stage].sum(axis=0)
        leaves = -np.expm1(-out)
        gains = np.divide(worth @ rates[stage], out, out=np.zeros_like(out), where=out > 0) * leaves
        for day in range(stays.longest - 1, -1, -1):
            found[stage, day] = gains[span[day]] + (1 - leaves[span[day]]) * found[stage, day + 1]
    return found
