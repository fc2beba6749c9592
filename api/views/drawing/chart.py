"""The chart of a picture: up to three figures side by side, as bars of groups or as lines over time."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from api.views.drawing.sheet import BELOW, COLOUR, GREY, INK, INNER, LINE, MARGIN, Sheet
from api.views.drawing.words import TIMES, brief, drawable, fitted, is_missing, moment, titled, width_of
from attribution.measures import Measure, Unit

_MOST_BARS = 10
_SIZE = 7.5
_BAR, _LINES, _TITLE, _BELOW_LINES = 19.0, 118.0, 26.0, 34.0
_NAMES, _GAP, _LABELS = 150.0, 20.0, 40.0
_FAR = 4
"""How many times the second longest bar the longest may be before it is cut."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Of these rows of a report; over time where their one name is of time."""

    rows: pd.DataFrame
    names: tuple[str, ...]
    figures: Sequence[Measure]

    @property
    def height(self) -> float:
        if not self.figures or len(self.rows) < 2 or not self.names:
            return 0
        return _TITLE + (_LINES + _BELOW_LINES if self._is_over_time else _BAR * len(self._bars) + 12)

    @property
    def _is_over_time(self) -> bool:
        return len(self.names) == 1 and self.names[0] in TIMES

    @property
    def _bars(self) -> pd.DataFrame:
        return self.rows.head(_MOST_BARS)

    def draw(self, sheet: Sheet, top: float) -> None:
        before, gap = (_LABELS, _LABELS + 8) if self._is_over_time else (_NAMES, _GAP)
        width = (INNER - before - gap * (len(self.figures) - 1)) / len(self.figures)
        inner = _LINES if self._is_over_time else _BAR * len(self._bars)
        for number, figure in enumerate(self.figures):
            left = MARGIN + before + number * (width + gap)
            axes = sheet.panel(left, top + _TITLE, width, inner)
            title = fitted(titled(figure), 8.5, width, bold=True)
            axes.set_title(title, fontsize=8.5, loc="left", color=INK, fontweight="bold", pad=5, parse_math=False)
            if self._is_over_time:
                self._draw_line(axes, figure)
            else:
                self._draw_bars(axes, figure, width, with_names=number == 0)

    def _draw_line(self, axes: Axes, figure: Measure) -> None:
        """In the order of time, whatever the order of the rows."""
        name = self.names[0]
        rows = self.rows.sort_values(name)
        values = [float("nan") if is_missing(value) else float(value) for value in rows[figure.slug]]
        axes.plot(range(len(values)), values, color=COLOUR, linewidth=1.6, marker="o", markersize=2.2)
        known = [value for value in values if value == value]
        if figure.unit is not Unit.SHARE and min(known, default=0) >= 0:
            axes.set_ylim(0, (max(known, default=0) or 1) * 1.06)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: brief(figure, value)))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        moments = [str(each) for each in rows[name]]
        shown = sorted({0, len(moments) // 2, len(moments) - 1})
        axes.set_xticks(shown, [moment(moments[place], name) for place in shown])
        axes.set_xlim(-0.5, len(moments) - 0.5)

    def _draw_bars(self, axes: Axes, figure: Measure, width: float, *, with_names: bool) -> None:
        rows = self._bars
        values = [0.0 if is_missing(value) else float(value) for value in rows[figure.slug]]
        labels = [brief(figure, value) for value in rows[figure.slug]]
        most = _longest_drawn(values)
        drawn = [min(value, most) for value in values]
        labels = [f"» {label}" if value > most else label for value, label in zip(values, labels, strict=True)]
        places = list(range(len(values)))
        axes.barh(places, drawn, height=0.62, color=[BELOW if value < 0 else COLOUR for value in values])
        axes.set_ylim(len(values) - 0.5, -0.5)
        least, span = min(0.0, *drawn), (max(0.0, *drawn) - min(0.0, *drawn)) or 1.0
        room = max(width_of(label, _SIZE) for label in labels) + 6
        scale = span / max(width - room * (2 if least < 0 else 1), 20)
        axes.set_xlim(least - (room * scale if least < 0 else 0), least + span + room * scale)
        axes.axvline(0, color=LINE, linewidth=0.8)
        axes.set_xticks([])
        axes.set_yticks(places, self._bar_names() if with_names else [""] * len(places))
        for place, value, label in zip(places, drawn, labels, strict=True):
            side = 1 if value >= 0 else -1
            axes.text(value + side * 4 * scale, place, label, fontsize=_SIZE, color=GREY, va="center",
                      ha="left" if side > 0 else "right", parse_math=False)  # fmt: skip

    def _bar_names(self) -> list[str]:
        """matplotlib would read a pair of dollars as a formula."""
        found = []
        for values in self._bars[list(self.names)].astype(str).itertuples(index=False):
            known = [moment(value, step) for value, step in zip(values, self.names, strict=True) if value]
            name = " · ".join(known)
            if width_of(drawable(name), _SIZE) > _NAMES - 12 and known:
                name = known[0] if len(known) > 2 else known[-1]
            found.append(fitted(name, _SIZE, _NAMES - 12).replace("$", r"\$"))
        return found


def _longest_drawn(values: Sequence[float]) -> float:
    """A bar that is longer than all others by far is cut, so that the others can be seen."""
    longest = sorted(values)[-2:]
    if len(longest) == 2 and 0 < longest[0] * _FAR < longest[1]:
        return longest[0] * 1.6
    return max(values)
