"""Stock beside what is expected to be sold of it: the whole position, from which reports and limits are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planning.dimensions import DealerPlace
from planning.forecast.outlook import Outlook, Series
from planning.media.months import Month, month_of
from planning.response.curves import Numbers
from planning.stock.levels import Key, Level
from planning.stock.need import Calendar, Demand, Need, Pairs, demand_of, need_of
from planning.stock.selling import Selling
from planning.stock.terms import KnownTerms

MEASURE = "sales"


@dataclass(frozen=True)
class Position:
    """`need` has a row for each of `pairs`: places of dealers and models in `selling`. `level` is of its intervals."""

    selling: Selling
    pairs: Pairs
    need: Need
    demand: Demand
    level: float
    levels: Mapping[Key, Level]
    late: int = 0

    @property
    def dealers(self) -> list[DealerPlace]:
        """Of each row."""
        return [self.selling.dealers[place] for place in self.pairs[0]]

    @property
    def models(self) -> list[str]:
        """Of each row."""
        return [self.selling.models[place] for place in self.pairs[1]]

    @cached_property
    def places(self) -> dict[str, int]:
        return {each.id: place for place, each in enumerate(self.selling.dealers)}

    def available_units(self, dealer: str, month: Month, until: Month | None = None) -> int | None:
        """How many cars the dealer can sell in a month, or in those up to `until`: in stock and arrived by its end,
        without what is sold before.

        None where nobody told the dealer's stock, or the month lies beyond those that are foretold: then nothing is
        known that would limit it.
        """
        months = self.need.calendar.months
        last = until or month
        if (
            dealer not in self.places
            or not {month, last} <= {*months}
            or not any(key[0] == dealer for key in self.levels)
        ):
            return None
        rows = np.flatnonzero(self.pairs[0] == self.places[dealer])
        at = months.index(month)
        before = self.need.expected[rows, at - 1] if at else np.zeros(len(rows))
        there = self.need.stock[rows] + self.need.arriving[rows, months.index(last)]
        return int(np.floor(np.maximum(there - before, 0).sum() + 1e-9))

    def limits(self, dealer: str) -> list[int | None]:
        """`available_units` of each month that is foretold."""
        return [self.available_units(dealer, month) for month in self.need.calendar.months]


def position_of(
    outlook: Outlook,
    direction: str,
    selling: Selling,
    levels: Mapping[Key, Level],
    terms: KnownTerms,
    today: date,
    *,
    months: int | None = None,
) -> Position:
    """`months` are how many, this one included, an order is to suffice for; the lead time and a month unless said."""
    calendar = Calendar(today, _months(outlook, month_of(today)))
    demand = _demand(outlook, direction, selling.dealers, calendar.months)
    dealer_at, model_at = np.nonzero(_told(selling))
    of_rows = [selling.dealers[place] for place in dealer_at.tolist()]
    models = [selling.models[place] for place in model_at.tolist()]
    rows = [levels.get((dealer.id, model)) for dealer, model in zip(of_rows, models, strict=True)]
    stock = np.array([each.in_stock if each else 0 for each in rows], float)
    transit, late = _transit(rows, calendar.months)
    of = [terms.of(dealer.brand, model) for dealer, model in zip(of_rows, models, strict=True)]
    asked = (
        [each.lead_days for each in of], [each.service_percent / 100 for each in of], [each.most_months for each in of],
    )  # fmt: skip
    horizon = None if months is None else float(calendar.ends[min(months, len(calendar.months)) - 1])
    spread = selling.backtest.spread
    need = need_of(calendar, demand, selling.mix, spread, (dealer_at, model_at), stock, transit, asked, horizon)
    return Position(selling, (dealer_at, model_at), need, demand, outlook.level, levels, late)


def _told(selling: Selling) -> NDArray[np.bool_]:
    """Models of each dealer's brand."""
    return np.asarray((selling.mix.mean > 0) | (selling.stocked > 0))


def _months(outlook: Outlook, this_month: Month) -> tuple[Month, ...]:
    """From this one on, without a gap."""
    last = max((*outlook.months, this_month))
    found = [this_month]
    while found[-1] < last:
        found.append(found[-1].after)
    return tuple(found)


def _demand(outlook: Outlook, direction: str, dealers: Sequence[DealerPlace], months: tuple[Month, ...]) -> Demand:
    """Months that the outlook has not are as the nearest that it has; dealers that it has not sell nothing."""
    if not outlook.months:
        nothing = np.zeros((len(dealers), len(months)))
        return Demand(nothing, nothing, nothing)
    order = sorted(range(len(outlook.months)), key=lambda place: outlook.months[place])
    known = [outlook.months[place] for place in order]
    near = [order[_rank(known, month)] for month in months]
    rows = [outlook.places.get(Series(MEASURE, each.id, direction)) for each in dealers]
    told = [_of_rows(each, rows, near) for each in (outlook.mean, outlook.low, outlook.high)]
    return demand_of(told[0], told[1], told[2], outlook.level, _whole(outlook, direction, dealers, near))


def _rank(known: Sequence[Month], month: Month) -> int:
    return min(max(sum(each <= month for each in known) - 1, 0), len(known) - 1)


def _of_rows(of: Numbers, rows: Sequence[int | None], near: Sequence[int]) -> Numbers:
    nothing = np.zeros(len(near))
    return np.array([nothing if row is None else of[row][near] for row in rows]).reshape(len(rows), len(near))


def _whole(outlook: Outlook, direction: str, dealers: Sequence[DealerPlace], near: Sequence[int]) -> float | None:
    """Half the width, upwards, of the interval of all dealers together; None where they are not these."""
    place = outlook.places.get(Series(MEASURE, "", direction))
    if place is None or {each.id for each in dealers} < set(outlook.dealers(MEASURE)):
        return None
    return float(np.maximum(outlook.high[place] - outlook.mean[place], 0)[near].sum())


def _transit(rows: Sequence[Level | None], months: tuple[Month, ...]) -> tuple[Numbers, int]:
    """By row and month; what should have come already comes now, and is counted. Later than all is left out."""
    found, late = np.zeros((len(rows), len(months))), 0
    for row, level in enumerate(rows):
        for month, units in (level.transit if level else {}).items():
            if month <= months[-1]:
                found[row, max(0, sum(each <= month for each in months) - 1)] += units
                late += units if month < months[0] else 0
    return found, late
