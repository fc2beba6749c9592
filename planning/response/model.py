"""What is known of the response to spend, in the one form that pages, the calculator and recommendations read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from planning.response.curves import Curves, Numbers, Places


class Cell(NamedTuple):
    """What one can spend on. The dealer is empty where a channel is bought for all dealers together."""

    dealer: str
    channel: str
    contractor: str = ""


class Ground(StrEnum):
    """What a cell's curve rests on."""

    OWN = "own"  # its own months, as far as they tell, and others of its channel
    CHANNEL = "channel"  # other cells of its channel: its own spend hardly varied
    TEST = "test"  # a lift test of its channel
    NONE = "none"  # nowhere in the channel did spend vary: the curve is a guess, and the page says so


@dataclass(frozen=True)
class Response:
    """A place a cell in every array; draws have the shape (draws, cells).

    `curves` say leads of a month by its spend, at the usual season; `draws` are curves as they may be, all parts drawn
    together. `margin` is what a lead is worth before its own cost, in money, `margin_draws` as it may be. `lowest` and
    `highest` are the least spend of a month in which anything was spent, and the most. `carry` is by channel the share
    of a month's effect that comes in later months. `recent` is the mean month of the last three, where it is told.
    """

    cells: tuple[Cell, ...]
    curves: Curves
    draws: Curves
    margin: Numbers
    margin_draws: Numbers
    lowest: Numbers
    highest: Numbers
    grounds: tuple[Ground, ...]
    carry: Mapping[str, float] = field(default_factory=dict)
    recent: Numbers | None = None

    def __len__(self) -> int:
        return len(self.cells)

    def of(self, places: Places) -> "Response":
        """That of some cells."""
        cells = tuple(self.cells[place] for place in places)
        channels = {cell.channel for cell in cells}
        return Response(
            cells,
            self.curves.of(places),
            self.draws.of(places),
            self.margin[places],
            self.margin_draws[:, places],
            self.lowest[places],
            self.highest[places],
            tuple(self.grounds[place] for place in places),
            {channel: share for channel, share in self.carry.items() if channel in channels},
            None if self.recent is None else self.recent[places],
        )
