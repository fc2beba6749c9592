"""Which spend and leads are of which item.

An item that names a campaign goes before one that names a contractor alone, and that before one of the whole channel;
of several alike, the one whose flight has the day, else the nearest. What fits no item is not planned.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from planning.media.items import MediaItem
from planning.media.spending import Figures, Line, total_of


@dataclass(frozen=True)
class Matched:
    """By the item's id, what each day cost and brought; `unplanned` is what fits no item."""

    of_items: Mapping[int, Mapping[date, Figures]] = field(default_factory=dict)
    unplanned: Sequence[Line] = ()

    def days_of(self, item: int) -> Mapping[date, Figures]:
        return self.of_items.get(item, {})

    def total_of(self, item: int, upto: date | None = None) -> Figures:
        return total(self.days_of(item), upto)

    @property
    def unplanned_days(self) -> Mapping[date, Figures]:
        return added(line.days for line in self.unplanned)


def match(items: Sequence[MediaItem], lines: Sequence[Line]) -> Matched:
    found: dict[int, dict[date, Figures]] = {}
    unplanned = []
    for line in lines:
        fitting = _fitting(items, line)
        if not fitting:
            unplanned.append(line)
            continue
        for day, figures in line.days.items():
            days = found.setdefault(_nearest(fitting, day).id, {})
            days[day] = days[day].plus(figures) if day in days else figures
    return Matched(found, unplanned)


def total(days: Mapping[date, Figures], upto: date | None = None) -> Figures:
    """Up to a day, inclusive; of all where none is told."""
    return total_of([figures for day, figures in days.items() if upto is None or day <= upto])


def added(several: Iterable[Mapping[date, Figures]]) -> Mapping[date, Figures]:
    found: dict[date, Figures] = {}
    for days in several:
        for day, figures in days.items():
            found[day] = found[day].plus(figures) if day in found else figures
    return found


def fits(item: MediaItem, line: Line) -> bool:
    return (
        item.channel == line.channel
        and (not item.campaign or item.campaign.casefold() == line.campaign.casefold())
        and (not item.contractor or item.contractor == line.contractor)
    )


def _fitting(items: Sequence[MediaItem], line: Line) -> list[MediaItem]:
    """Those that say most of what the line is."""
    found = [(_said(item), item) for item in items if fits(item, line)]
    most = max((said for said, _ in found), default=None)
    return [item for said, item in found if said == most]


def _said(item: MediaItem) -> tuple[bool, bool]:
    return bool(item.campaign), bool(item.contractor)


def _nearest(items: Sequence[MediaItem], day: date) -> MediaItem:
    if len(items) == 1:
        return items[0]

    def distance(item: MediaItem) -> int:
        return max((item.first - day).days, (day - item.last).days, 0)

    return min(items, key=lambda item: (distance(item), item.place, item.id))
