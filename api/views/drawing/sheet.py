"""The sheet that a picture is drawn on. Places are in pixels from its upper left corner."""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 760
"""In pixels of a mail; the picture has twice as many, for screens that show them."""

MARGIN = 24.0
INNER = WIDTH - 2 * MARGIN
INK, GREY, LINE, PAPER, COLOUR, BELOW, BAND = (
    "#1b1f24", "#5c6672", "#d9dee4", "#ffffff", "#2f6fb7", "#c2512f", "#f4f6f8",
)  # fmt: skip


@dataclass(slots=True)
class Sheet:
    figure: Figure
    axes: Axes
    height: float

    def text(self, x: float, y: float, text: str, size: float, **style: Any) -> None:
        """`y` is the middle of the line."""
        told = {"color": INK, "va": "center", "parse_math": False, **style}
        self.axes.text(x, y, text, fontsize=size, **told)

    def line(self, y: float) -> None:
        self.axes.plot([MARGIN, WIDTH - MARGIN], [y, y], color=GREY, linewidth=0.8, solid_capstyle="butt")

    def band(self, x: float, y: float, width: float, height: float) -> None:
        self.axes.fill_between([x, x + width], [y, y], [y + height, y + height], color=BAND, linewidth=0)

    def panel(self, x: float, y: float, width: float, height: float) -> Axes:
        """A chart's own axes, without frame and marks."""
        box = (x / WIDTH, 1 - (y + height) / self.height, width / WIDTH, height / self.height)
        axes = self.figure.add_axes(box)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, labelsize=7.5, labelcolor=GREY)
        axes.set_axisbelow(True)
        return axes
