"""A scatter of two measures: a dot each, its area by how many sales stand behind it, and lines at the means."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from api.scale import Scale, Tick, round_scale

_LARGEST, _SMALLEST = 18.0, 4.0  # radii, in pixels
_LABEL_WIDTH, _LABEL_HEIGHT = 16.0, 4.5  # of the drawing, in percent: room that a name takes


@dataclass(frozen=True, slots=True)
class Spot:
    """What is to be drawn; `size` is never below 0, and `figures` are x, y and size as they are written."""

    name: str
    address: str
    x: float | None
    y: float | None
    size: float
    tip: str
    figures: tuple[str, str, str]
    is_few: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """Places in percent, from the upper left; `label` is empty where there is no room for it."""

    spot: Spot
    x: float
    y: float
    radius: float
    label: str
    on_left: bool


@dataclass(frozen=True, slots=True)
class Scatter:
    """`missing` have no value of one of the measures."""

    dots: Sequence[Dot]
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    x_mean: float | None
    y_mean: float | None
    missing: Sequence[str]


def draw_scatter(
    spots: Sequence[Spot], slugs: tuple[str, str], means: tuple[float | None, float | None]
) -> Scatter | None:
    """The largest are drawn first, so that none hides a smaller one. None where nothing can be drawn."""
    told = [spot for spot in spots if spot.x is not None and spot.y is not None]
    if not told:
        return None
    x_scale = round_scale([spot.x for spot in told if spot.x is not None] + [mean for mean in means[:1] if mean])
    y_scale = round_scale([spot.y for spot in told if spot.y is not None] + [mean for mean in means[1:] if mean])
    largest = max(spot.size for spot in told) or 1.0
    dots: list[Dot] = []
    for spot in sorted(told, key=lambda spot: (-spot.size, spot.name)):
        dots.append(_dot(spot, x_scale, y_scale, largest, dots))
    return Scatter(
        dots,
        x_scale.ticks(slugs[0]),
        [Tick(round(100 - tick.at, 2), tick.label) for tick in y_scale.ticks(slugs[1])],
        None if means[0] is None else x_scale.at(means[0]),
        None if means[1] is None else round(100 - y_scale.at(means[1]), 2),
        [spot.name for spot in spots if spot.x is None or spot.y is None],
    )


def _dot(spot: Spot, x_scale: Scale, y_scale: Scale, largest: float, before: Sequence[Dot]) -> Dot:
    x, y = x_scale.at(spot.x or 0.0), round(100 - y_scale.at(spot.y or 0.0), 2)
    radius = round(max(_SMALLEST, _LARGEST * math.sqrt(spot.size / largest)), 1)
    on_left = x > 100 - _LABEL_WIDTH
    has_room = all(not _touches(x, y, on_left, other) for other in before if other.label)
    return Dot(spot, x, y, radius, spot.name if has_room else "", on_left)


def _touches(x: float, y: float, on_left: bool, other: Dot) -> bool:
    """Whether a name here would lie over that of another."""
    here = x - _LABEL_WIDTH if on_left else x
    there = other.x - _LABEL_WIDTH if other.on_left else other.x
    return abs(y - other.y) < _LABEL_HEIGHT and abs(here - there) < _LABEL_WIDTH
