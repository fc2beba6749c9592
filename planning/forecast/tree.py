"""How lines add up: dealers to the holding, directions to the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from planning.forecast.outlook import Series
from planning.response.curves import Numbers

Truths: TypeAlias = NDArray[np.bool_]


class Level(StrEnum):
    """From the whole down; a line is one direction of one dealer."""

    HOLDING = "holding"
    DIRECTION = "direction"
    DEALER = "dealer"
    LINE = "line"


@dataclass(frozen=True)
class Tree:
    """`nodes` are sums first, and then the lines; `members`, of the shape (sums, lines), says by 1 which are summed.

    Where directions are not told apart, a dealer is a line.
    """

    nodes: tuple[Series, ...]
    levels: tuple[Level, ...]
    members: Numbers

    @property
    def sums(self) -> int:
        return len(self.members)

    @property
    def lines(self) -> int:
        return len(self.nodes) - self.sums

    def added_up(self, lines: Numbers) -> Numbers:
        """All nodes, of values whose first axis is that of lines."""
        return np.concatenate([np.tensordot(self.members, lines, axes=1), lines])

    def of_level(self, level: Level) -> Truths:
        return np.array([each is level for each in self.levels], dtype=np.bool_)


def tree_of(lines: Sequence[Series]) -> Tree:
    """Of lines of one measure; a sum of a single line is that line, and no node beside it."""
    nodes, levels, members = [], [], []
    for node, level in _sums(lines):
        own = [_is_in(line, node) for line in lines]
        if node not in lines:
            nodes.append(node)
            levels.append(level)
            members.append(own)
    of_lines = [Level.LINE if line.direction else Level.DEALER for line in lines]
    return Tree(
        (*nodes, *lines),
        (*levels, *of_lines),
        np.array(members, dtype=float).reshape(len(members), len(lines)),
    )


def _sums(lines: Sequence[Series]) -> list[tuple[Series, Level]]:
    measure = lines[0].measure
    directions = dict.fromkeys(line.direction for line in lines if line.direction)
    dealers = dict.fromkeys(line.dealer for line in lines)
    return [
        (Series(measure), Level.HOLDING),
        *((Series(measure, "", direction), Level.DIRECTION) for direction in directions),
        *((Series(measure, dealer), Level.DEALER) for dealer in dealers),
    ]


def _is_in(line: Series, node: Series) -> bool:
    return node.dealer in ("", line.dealer) and node.direction in ("", line.direction)
