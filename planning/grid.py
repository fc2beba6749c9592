"""Lines of a plan as arrays: what they are of, twelve months of whole numbers, and which of them are locked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from planning.split import Whole
from planning.tables import KEY, MONTHS

Flags = npt.NDArray[np.bool_]


class LineKey(NamedTuple):
    """Empty where the plan is not broken down."""

    measure: str
    dealer: str
    direction: str = ""
    channel: str = ""
    contractor: str = ""


@dataclass(frozen=True)
class Grid:
    """`values` are of the shape (lines, 12), in smallest units; `edits` is the newest edit of each line, 0 for none."""

    keys: tuple[LineKey, ...]
    values: Whole
    locked: Flags
    edits: Whole

    @cached_property
    def places(self) -> Mapping[LineKey, int]:
        return {key: place for place, key in enumerate(self.keys)}

    def with_keys(self, wanted: Iterable[LineKey]) -> "Grid":
        """And an empty line for each of these that is not there."""
        missing = tuple(key for key in dict.fromkeys(wanted) if key not in self.places)
        if not missing:
            return self
        more = empty_grid(missing)
        return Grid(
            self.keys + missing,
            np.concatenate([self.values, more.values]),
            np.concatenate([self.locked, more.locked]),
            np.concatenate([self.edits, more.edits]),
        )

    def column(self, name: str) -> list[str]:
        """Of each line, what it is of."""
        place = KEY.index(name)
        return [key[place] for key in self.keys]


def empty_grid(keys: Sequence[LineKey] = ()) -> Grid:
    count = len(keys)
    return Grid(
        tuple(keys),
        np.zeros((count, len(MONTHS)), dtype=np.int64),
        np.zeros((count, len(MONTHS)), dtype=np.bool_),
        np.zeros(count, dtype=np.int64),
    )


def grid_of_rows(rows: Sequence[Sequence[Any]]) -> Grid:
    """Of rows that have the key, the months, the mask of locked months, and the edit, in this order."""
    if not rows:
        return empty_grid()
    width = len(KEY)
    keys = tuple(LineKey(*row[:width]) for row in rows)
    numbers = np.array([row[width:] for row in rows], dtype=np.int64)
    values, masks, edits = numbers[:, : len(MONTHS)], numbers[:, -2], numbers[:, -1]
    return Grid(keys, values.copy(), flags_of(masks), edits.copy())


def flags_of(masks: Whole) -> Flags:
    """A flag for each month of each mask, whose lowest bit is January."""
    bits: Flags = ((masks[:, None] >> np.arange(len(MONTHS))) & 1).astype(np.bool_)
    return bits


def masks_of(flags: Flags) -> Whole:
    masks: Whole = (flags.astype(np.int64) << np.arange(len(MONTHS))).sum(axis=1)
    return masks
