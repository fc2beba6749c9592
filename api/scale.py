"""Scales of drawings in percent: they fill any room, while dots and letters keep their size."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.numbers import short

_STEPS = (1, 2, 2.5, 5, 10)
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low`, at 0 %, to `high`, at 100 %."""

    low: float
    high: float
    step: float

    def at(self, value: float) -> float:
        """What lies beyond stands at the end."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def ticks(self, slug: str) -> list[Tick]:
        """On round numbers, written as the measure is."""
        count = round((self.high - self.low) / self.step)
        values = [self.low + place * self.step for place in range(count + 1)]
        return [Tick(self.at(value), short(slug, round(value, 12))) for value in values]


def round_scale(values: Iterable[float], parts: int = 4) -> Scale:
    """Ends on round numbers, about so many steps apart, and holds all values; from 0 to 1 where there are none."""
    known = list(values) or [0.0, 1.0]
    low, high = min(known), max(known)
    if high - low < _SLACK * max(abs(high), 1.0):
        low, high = min(low, 0.0), max(high, 0.0) or low + 1.0
    step = _round_step((high - low) / parts)
    return Scale(math.floor(low / step + _SLACK) * step, math.ceil(high / step - _SLACK) * step, step)


def interval_scale(values: Sequence[float], ends: Sequence[float]) -> Scale:
    """Holds 0 and all values; ends of their intervals as far as these do not make everything else small."""
    low, high = min([0.0, *values]), max([0.0, *values])
    room = (high - low) / 2
    reached = [min(max(end, low - room), high + room) for end in ends]
    return round_scale([low, high, *reached])


def _round_step(least: float) -> float:
    size = 10.0 ** math.floor(math.log10(least))
    return next(part * size for part in _STEPS if least <= part * size * (1 + _SLACK))
