"""The kinds of arrays that models take and give."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


def in_proportion(total: float, weights: Floats) -> Floats:
    """`total` shared out by weights, which may be negative; nothing where they add up to 0."""
    whole = float(weights.sum())
    return weights * (total / whole) if whole else np.zeros_like(weights)


def in_whole_parts(total: int, weights: Floats) -> Places:
    """The same in whole numbers that add up to `total`: rounded as running sums."""
    whole = float(weights.sum())
    if not whole:
        return np.zeros(len(weights), np.int64)
    upto = np.rint(np.cumsum(weights) * (total / whole)).astype(np.int64)
    upto[-1] = total
    return np.diff(upto, prepend=0)
