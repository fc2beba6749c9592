"""A scatter of two measures: a dot each, its area by how many sales stand behind it, and lines at the means."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.scale import Scale, Tick, round_scale

_LARGEST, _SMALLEST = 18.0, 4.0  # radii, in pixels
_LABEL_GAP, _LETTER_WIDTH, _LABEL_HEIGHT = 1.5, 0.6, 4.0  # in percent of the drawing: room that a name takes


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
    ordered = sorted(told, key=lambda spot: (-spot.size, spot.name))
    dots = _named([_dot(spot, x_scale, y_scale, largest) for spot in ordered])
    return Scatter(
        dots,
        x_scale.ticks(slugs[0]),
        [Tick(round(100 - tick.at, 2), tick.label) for tick in y_scale.ticks(slugs[1])],
        None if means[0] is None else x_scale.at(means[0]),
        None if means[1] is None else round(100 - y_scale.at(means[1]), 2),
        [spot.name for spot in spots if spot.x is None or spot.y is None],
    )


def _dot(spot: Spot, x_scale: Scale, y_scale: Scale, largest: float) -> Dot:
    x, y = x_scale.at(spot.x or 0.0), round(100 - y_scale.at(spot.y or 0.0), 2)
    radius = round(max(_SMALLEST, _LARGEST * math.sqrt(spot.size / largest)), 1)
    return Dot(spot, x, y, radius, "", on_left=False)


def _named(dots: Sequence[Dot]) -> list[Dot]:
    """With the name of each beside it, on the right or else on the left, where that hides no other dot and no name."""
    named: list[Dot] = []
    for dot in dots:
        sides = (replace(dot, label=dot.spot.name, on_left=on_left) for on_left in (False, True))
        named.append(next((each for each in sides if _has_room(each, dots, named)), dot))
    return named


def _has_room(dot: Dot, dots: Sequence[Dot], named: Sequence[Dot]) -> bool:
    start, end = _span(dot)
    if start < 0 or end > 100:
        return False
    over_dot = any(
        start < other.x < end and abs(dot.y - other.y) < _LABEL_HEIGHT for other in dots if other.spot is not dot.spot
    )
    return not over_dot and not any(_touches(dot, other) for other in named if other.label)


def _touches(dot: Dot, other: Dot) -> bool:
    """Whether the name of one would lie over that of the other."""
    (start, end), (from_there, to_there) = _span(dot), _span(other)
    return abs(dot.y - other.y) < _LABEL_HEIGHT and start < to_there and from_there < end


def _span(dot: Dot) -> tuple[float, float]:
    width = _LETTER_WIDTH * len(dot.spot.name)
    start = dot.x - _LABEL_GAP - width if dot.on_left else dot.x + _LABEL_GAP
    return start, start + width
