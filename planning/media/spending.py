"""What the warehouse knows of a month: what each dealer's campaigns cost and brought, day by day, and before.

Only cost that names a dealer is that dealer's here: what reports share out by leads changes with every lead, and nobody
bought it for one dealer. How much that is of each dealer is told beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from attribution.question import Question
from attribution.reports import romi_report
from attribution.runs import newest_run
from infra.errors import NotReady
from infra.sql import Statements
from infra.warehouse import Warehouse
from planning.media.money import MINOR
from planning.media.months import Month
from planning.split import Weights

_SQL = Statements("planning", "media")
_PARTS = 100  # of a minor unit, in which the warehouse counts
_LEADS = 10**9
HISTORY_DAYS = 91
_WEEK = 7
_LATE_DAYS = 3


class Figures(NamedTuple):
    """`cost` is in minor units; leads may be parts of one."""

    cost: float = 0.0
    impressions: int = 0
    clicks: int = 0
    leads: float = 0.0

    def plus(self, other: "Figures") -> "Figures":
        return total_of((self, other))


class Line(NamedTuple):
    """What was spent and came under one name. `days` are those on which anything did."""

    channel: str
    campaign: str
    contractor: str
    days: Mapping[date, Figures]

    @property
    def total(self) -> Figures:
        return total_of(self.days.values())


def total_of(figures: Iterable[Figures]) -> Figures:
    found = list(figures)
    return Figures(
        sum(each.cost for each in found),
        sum(each.impressions for each in found),
        sum(each.clicks for each in found),
        sum(each.leads for each in found),
    )


@dataclass(frozen=True)
class Spending:
    """Of a month, by dealer; `before` are the three months before it, each line on their first day.

    `upto` is the last day whose cost is there. `weekdays` say by channel how its cost lies over the week, Monday first.
    `shared` is each dealer's share, by leads, of the month's cost that names no dealer, in minor units.
    """

    month: Month
    run: int | None = None
    lines: Mapping[str, Sequence[Line]] = field(default_factory=dict)
    before: Mapping[str, Sequence[Line]] = field(default_factory=dict)
    weekdays: Mapping[str, Weights] = field(default_factory=dict)
    upto: date | None = None
    history: tuple[date, date] | None = None
    shared: Mapping[str, float] = field(default_factory=dict)


def read_spending(warehouse: Warehouse, month: Month, today: date, timezone: str) -> Spending:
    """Without anything where nothing was attributed yet."""
    try:
        run = newest_run(warehouse).number
    except NotReady:
        return Spending(month)
    lines = _lines(warehouse, run, month.first, month.last, by_day=True)
    last = min(month.first, today) - timedelta(days=1)
    history = last - timedelta(days=HISTORY_DAYS - 1), last
    before = _lines(warehouse, run, *history, by_day=False)
    return Spending(
        month,
        run,
        lines,
        before,
        _weekdays(warehouse, run, today),
        _newest_day(lines, today),
        history,
        _shared(warehouse, lines, month, today, timezone),
    )


def _shared(
    warehouse: Warehouse, lines: Mapping[str, Sequence[Line]], month: Month, today: date, timezone: str
) -> Mapping[str, float]:
    """As reports share it out, up to today."""
    last = min(month.last, max(today, month.first))
    question = Question(("dealer",), month.first, last, measures=("cost",))
    rows = romi_report(warehouse, question, timezone).rows
    found = {}
    for dealer, cost in zip(rows["dealer"].tolist(), rows["cost"].tolist(), strict=True):
        named = sum(figures.cost for line in lines.get(dealer, ()) for day, figures in line.days.items() if day <= last)
        found[dealer] = max(0.0, cost * MINOR - named)
    return found


def _lines(warehouse: Warehouse, run: int, first: date, last: date, *, by_day: bool) -> Mapping[str, Sequence[Line]]:
    parameters = {"run": run, "from": first, "to": last, "by_day": by_day}
    found: dict[str, dict[tuple[str, str, str], dict[date, Figures]]] = {}
    for row in warehouse.rows(_SQL["spend_and_leads"], parameters):
        named = found.setdefault(row["dealer"], {})
        days = named.setdefault((row["channel"], row["campaign"], row["contractor"]), {})
        days[row["day"]] = Figures(row["cost"] / _PARTS, row["impressions"], row["clicks"], row["leads"] / _LEADS)
    return {dealer: [Line(*names, days) for names, days in named.items()] for dealer, named in found.items()}


def _weekdays(warehouse: Warehouse, run: int, today: date) -> Mapping[str, Weights]:
    """Of eight whole weeks; a week has the mean 1."""
    last = today - timedelta(days=1)
    parameters = {"run": run, "from": last - timedelta(days=8 * _WEEK - 1), "to": last}
    found: dict[str, Weights] = {}
    for row in warehouse.rows(_SQL["spend_by_weekday"], parameters):
        found.setdefault(row["channel"], np.zeros(_WEEK))[row["weekday"] - 1] += max(0, row["cost"])
    return {channel: cost * _WEEK / cost.sum() for channel, cost in found.items() if cost.any()}


def _newest_day(lines: Mapping[str, Sequence[Line]], today: date) -> date:
    """Yesterday, or a day or two before where cost of that day has come of nobody: vendors tell it late."""
    yesterday = today - timedelta(days=1)
    days = {
        day
        for of_dealer in lines.values()
        for line in of_dealer
        for day, figures in line.days.items()
        if figures.cost and day <= yesterday
    }
    newest = max(days, default=yesterday)
    return max(newest, yesterday - timedelta(days=_LATE_DAYS))
