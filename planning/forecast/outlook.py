"""What is expected, in the one form that pages, the calculator, stock and call load read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from planning.media.months import Month
from planning.response.curves import Numbers


class Series(NamedTuple):
    """`measure` is one of sales, leads, calls, service_visits. An empty dealer or direction stands for all of them."""

    measure: str
    dealer: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Outlook:
    """Arrays of the shape (series, months). `low` and `high` bound the share `level` of outcomes, by backtest."""

    series: tuple[Series, ...]
    months: tuple[Month, ...]
    mean: Numbers
    low: Numbers
    high: Numbers
    level: float = 0.8

    @cached_property
    def places(self) -> dict[Series, int]:
        return {each: place for place, each in enumerate(self.series)}

    def of(self, measure: str, dealer: str = "", direction: str = "") -> Numbers | None:
        """Means by month; None where there is no such series."""
        place = self.places.get(Series(measure, dealer, direction))
        return None if place is None else self.mean[place]

    def until(self, months: int) -> "Outlook":
        """The first so many months."""
        mean, low, high = (each[:, :months] for each in (self.mean, self.low, self.high))
        return Outlook(self.series, self.months[:months], mean, low, high, self.level)

    def dealers(self, measure: str) -> Sequence[str]:
        return sorted({each.dealer for each in self.series if each.measure == measure and each.dealer})
