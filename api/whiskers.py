"""Values with their intervals, all on one scale: a dot for the value, a whisker for what chance alone may do to it."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.scale import Scale, interval_scale

Triple = tuple[float | None, float | None, float | None]
"""A value, and the ends of its interval."""


@dataclass(frozen=True, slots=True)
class Whisker:
    """Places in percent of the scale; `is_cut` where the interval reaches beyond it."""

    at: float
    low: float
    high: float
    is_cut: bool


def scale_for(triples: Iterable[Triple]) -> Scale:
    told = [(value, low, high) for value, low, high in triples if value is not None]
    ends = [end for _, low, high in told for end in (low, high) if end is not None]
    return interval_scale([value for value, _, _ in told], ends)


def whisker(scale: Scale, triple: Triple) -> Whisker | None:
    """None where there is no value. A missing end lies as far out as the scale goes."""
    value, low, high = triple
    if value is None:
        return None
    low, high = scale.low - 1 if low is None else low, scale.high + 1 if high is None else high
    is_cut = not (scale.holds(low) and scale.holds(high))
    return Whisker(scale.at(value), scale.at(low), scale.at(high), is_cut)


def place(scale: Scale, value: float | None) -> float | None:
    return None if value is None else scale.at(value)
