"""A new split as moves of money, from where it brings least to where it brings most."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from planning.recommend.limits import Whole
from planning.response.curves import Curves, Numbers


class Move(NamedTuple):
    """Of minor units, as `gain` is, from one spot to another; None is from outside the split, or out of it."""

    source: int | None
    target: int | None
    amount: int
    gain: float


def moves_between(before: Whole, after: Whole, worth: Curves) -> Sequence[Move]:
    """The most gainful first; their gains add up to what the split brings more, less what it costs more."""
    change = after - before
    rise = worth.at(after.astype(float)) - worth.at(before.astype(float))
    each: Numbers = np.divide(rise, change, out=np.zeros(len(change)), where=change != 0)
    giving = [int(spot) for spot in np.argsort(each, kind="stable") if change[spot] < 0]
    taking = [int(spot) for spot in np.argsort(-each, kind="stable") if change[spot] > 0]
    found: list[Move] = []
    left = {spot: abs(int(change[spot])) for spot in giving + taking}
    while giving or taking:
        source, target = (giving[0] if giving else None), (taking[0] if taking else None)
        moved = min(left[spot] for spot in (source, target) if spot is not None)
        brings = each[target] if target is not None else 1.0
        brought = each[source] if source is not None else 1.0
        found.append(Move(source, target, moved, float(moved * (brings - brought))))
        for spots, spot in ((giving, source), (taking, target)):
            if spot is not None:
                left[spot] -= moved
                if not left[spot]:
                    spots.pop(0)
    return sorted(found, key=lambda move: -move.gain)
