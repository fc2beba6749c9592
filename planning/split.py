"""Sharing a whole number out by weights so that the parts add up to it, at every level.

Law: the parts are whole, none is negative, a part without weight is 0, and they add up to the whole; within a level
each part is less than one unit away from its exact share of what its group has. Source: the method of the largest
remainder (Hamilton's), level by level from the top, so that a dealer's year is as near to its share as a whole number
can be, and not only its months.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


def apportion(totals: Whole, weights: Weights, group: Places) -> Whole:
    """Of each group's total the parts of its members: `group[i]` is the place of member i's total.

    Members are as many as `weights`, which are 0 or more. A group with a total has a member with a weight.
    Raises `ValueError` where it has none.
    """
    sums = np.bincount(group, weights, len(totals))
    if np.any((sums <= 0) & (totals != 0)):
        raise ValueError("a total has nothing that shares it")
    exact = totals[group] * (weights.astype(np.longdouble) / np.where(sums > 0, sums, 1)[group])
    parts = np.floor(exact).astype(np.int64)
    weighted = weights > 0
    left = totals.copy()
    np.subtract.at(left, group, parts)
    members = np.bincount(group[weighted], minlength=len(totals))
    each, some = np.divmod(left, np.maximum(members, 1))  # `each` is 0 unless floats were too coarse
    first = _ranks(group, np.where(weighted, exact - parts, -1)) < some[group]
    return parts + weighted * each[group] + (first & weighted)


def _ranks(group: Places, remainders: npt.NDArray[np.longdouble]) -> Places:
    """The place of each member within its group, the largest remainder first."""
    order = np.lexsort((np.arange(len(group)), -remainders, group))
    starts = np.searchsorted(group[order], group[order])
    ranks = np.empty(len(group), dtype=np.intp)
    ranks[order] = np.arange(len(group)) - starts
    return ranks


def share_out(totals: Whole, weights: Weights, levels: Sequence[Places], step: int = 1) -> Whole:
    """Share each total out level by level, the last of which is the cells themselves.

    `levels` say for each cell its place at that level, the first of them its place in `totals`; levels are nested, and
    places count from 0. Parts are multiples of `step`, but for what the total itself lacks: that has the largest part.
    Raises `ValueError` where a total has no cell with a weight.
    """
    steps, odd = np.divmod(totals, step)
    parts, above = steps, levels[0]
    for level in (*levels[1:], np.arange(len(weights))):
        size = int(level.max(initial=-1)) + 1
        parent = np.zeros(size, dtype=np.intp)
        parent[level] = above
        parts = apportion(parts, np.bincount(level, weights, size).astype(np.float64), parent)
        above = level
    cells = parts * step
    for place in np.flatnonzero(odd):
        inside = np.flatnonzero((levels[0] == place) & (weights > 0))
        if not len(inside):
            raise ValueError("a total has nothing that shares it")
        cells[inside[np.argmax(cells[inside])]] += odd[place]
    return cells


def nested(*columns: npt.ArrayLike) -> list[Places]:
    """Levels for `share_out`: of columns from the top down, each cell's place by all columns up to that one."""
    levels: list[Places] = []
    for column in columns:
        codes = np.unique(column, return_inverse=True)[1]
        above = levels[-1] * (codes.max(initial=0) + 1) if levels else 0
        levels.append(np.unique(above + codes, return_inverse=True)[1].astype(np.intp))
    return levels
