"""The map of a process as a picture: boxes in order, parallel ones side by side, with ways from one to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from planning.approval.process import Stage, stages_in_order

_WIDTH, _HEIGHT, _GAP, _BETWEEN, _EDGE = 216, 108, 64, 18, 8
_LONGEST, _LONGEST_OF_TITLES, _TITLE_LINES = 30, 23, 2


@dataclass(frozen=True, slots=True)
class Box:
    """`lines` are cut to what fits; the table beside has them in full."""

    x: int
    y: int
    title: tuple[str, ...]
    lines: tuple[str, ...]
    is_end: bool = False

    width: int = _WIDTH
    height: int = _HEIGHT


@dataclass(frozen=True, slots=True)
class Map:
    """`ways` are paths of SVG."""

    width: int
    height: int
    boxes: Sequence[Box]
    ways: Sequence[str]


def process_map(
    stages: Sequence[Stage], titles: Mapping[str, str], words: Mapping[str, Sequence[str]], opened: Mapping[str, str]
) -> Map:
    """`titles` and `words`, lines below them, are by id; `opened` names what stages open at the end, by what it is."""
    levels = stages_in_order(stages)
    tallest = max([len(level) for level in levels] + [len(opened)])
    height = 2 * _EDGE + tallest * _HEIGHT + (tallest - 1) * _BETWEEN
    places: dict[str, Box] = {}
    for column, level in enumerate(levels):
        for row, stage in enumerate(level):
            x, y = _place(column, row, len(level), height)
            places[stage.id] = Box(x, y, _title(titles[stage.id]), tuple(map(_cut, words[stage.id])))
    ends = {
        what: Box(*_place(len(levels), row, len(opened), height), _title(name), (), is_end=True)
        for row, (what, name) in enumerate(opened.items())
    }
    ways = [_way(places[before], places[stage.id]) for stage in stages for before in stage.after]
    ways += [_way(places[stage.id], ends[what]) for stage in stages for what in stage.opens]
    columns = len(levels) + bool(ends)
    width = 2 * _EDGE + columns * _WIDTH + (columns - 1) * _GAP
    return Map(width, height, [*places.values(), *ends.values()], ways)


def _place(column: int, row: int, rows: int, height: int) -> tuple[int, int]:
    """In the middle of what the tallest column takes."""
    taken = rows * _HEIGHT + (rows - 1) * _BETWEEN
    return _EDGE + column * (_WIDTH + _GAP), (height - taken) // 2 + row * (_HEIGHT + _BETWEEN)


def _way(start: Box, end: Box) -> str:
    x, y = start.x + _WIDTH, start.y + _HEIGHT // 2
    to_x, to_y = end.x, end.y + _HEIGHT // 2
    bend = (to_x - x) // 2
    return f"M{x} {y} C{x + bend} {y} {to_x - bend} {to_y} {to_x - 1} {to_y}"


def _title(text: str) -> tuple[str, ...]:
    """On as many lines as a title has, each as long as bold letters let it."""
    return tuple(wrap(text, _LONGEST_OF_TITLES, max_lines=_TITLE_LINES, placeholder="…"))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
