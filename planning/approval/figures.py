"""What dealers have in a version: which of them have anything, what has changed, and how much it is."""

from collections.abc import Collection, Mapping

import numpy as np

from planning.grid import Grid, LineKey

Lines = dict[LineKey, tuple[int, ...]]
"""Twelve months of each line that has anything."""


def lines_by_dealer(grid: Grid) -> Mapping[str, Lines]:
    """Of dealers who have anything at all."""
    found: dict[str, Lines] = {}
    for place in np.flatnonzero(grid.values.any(axis=1)).tolist():
        key = grid.keys[place]
        found.setdefault(key.dealer, {})[key] = tuple(grid.values[place].tolist())
    return found


def changed_dealers(before: Mapping[str, Lines], after: Mapping[str, Lines]) -> frozenset[str]:
    """Those whose numbers are not the same in both."""
    return frozenset(
        dealer for dealer in before.keys() | after.keys() if before.get(dealer, {}) != after.get(dealer, {})
    )


def planned(lines: Mapping[str, Lines], dealers: Collection[str], measure: str) -> int:
    """Of these dealers over all months, in smallest units."""
    return sum(
        sum(months) for dealer in dealers for key, months in lines.get(dealer, {}).items() if key.measure == measure
    )
