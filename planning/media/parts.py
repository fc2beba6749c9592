"""One amount in whole parts."""

from collections.abc import Sequence

import numpy as np

from planning.split import share_out


def in_parts(total: int, weights: Sequence[float], step: int = 1) -> list[int]:
    """By weights, of which one at least is more than 0; the parts add up to the total, which is 0 or more.

    Parts are multiples of `step`, but for what the total itself lacks: that has the largest part. Raises `ValueError`.
    """
    one_level = [np.zeros(len(weights), dtype=np.intp)]
    parts = share_out(np.array([total], dtype=np.int64), np.asarray(weights, dtype=np.float64), one_level, step)
    found: list[int] = parts.tolist()
    return found
