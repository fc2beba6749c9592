"""Spend and leads by cell and month: what curves are fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from planning.response.curves import Numbers, Places
from planning.response.model import Cell


@dataclass(frozen=True)
class Panel:
    """`spend` and `leads` have the shape (cells, months); months follow each other. Spend below 0 counts as none."""

    cells: tuple[Cell, ...]
    spend: Numbers
    leads: Numbers

    @classmethod
    def of(cls, cells: Sequence[Cell], spend: ArrayLike, leads: ArrayLike) -> "Panel":
        return cls(tuple(cells), np.maximum(np.asarray(spend, float), 0), np.maximum(np.asarray(leads, float), 0))

    @property
    def months(self) -> int:
        return int(self.spend.shape[1])

    @cached_property
    def channels(self) -> tuple[str, ...]:
        return tuple(sorted({cell.channel for cell in self.cells}))

    @cached_property
    def channel(self) -> Places:
        """The place of each cell's channel."""
        places = {name: place for place, name in enumerate(self.channels)}
        return np.array([places[cell.channel] for cell in self.cells], dtype=np.int64)

    @cached_property
    def dealer(self) -> Places:
        """A number a dealer."""
        names = sorted({cell.dealer for cell in self.cells})
        places = {name: place for place, name in enumerate(names)}
        return np.array([places[cell.dealer] for cell in self.cells], dtype=np.int64)

    def by_channel(self, values: Numbers) -> Numbers:
        """Sums over the cells of each channel; the first axis is that of cells."""
        return sums(self.channel, values, len(self.channels))


def sums(places: Places, values: Numbers, count: int) -> Numbers:
    """Over the first axis, of those at each place."""
    found = np.zeros((count, *values.shape[1:]))
    np.add.at(found, places, values)
    return found


def carried(spend: Numbers, carry: Numbers) -> Numbers:
    """Spend as it works: of each month's, the share `carry` of its cell works on in the month after, and so forth.

    Geometric adstock, of the same sum; what was before the first month is taken to have been as that.
    """
    if not carry.any():
        return spend
    found = spend.copy()
    for month in range(1, spend.shape[1]):
        found[:, month] = (1 - carry) * spend[:, month] + carry * found[:, month - 1]
    return found
