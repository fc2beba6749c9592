"""What happened, in the form of plans: from deals and spend by themselves, and by file where there is no CRM.

Figures of reports by the date of the conversion, whatever touches they are allocated to: sums of all touches and of
none are the CRM's. Cost is shared to dealers by leads, as reports do it. Where a file and the CRM both tell of a
dealer, direction and month, the CRM's number counts, and the file's is shown beside it where it differs.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from attribution.dimensions import NONE
from attribution.question import Condition, Question
from attribution.reports import romi_report
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import NotReady
from infra.warehouse import Warehouse
from planning.directions import Direction, directions_of_kinds
from planning.grid import Grid, LineKey, empty_grid
from planning.measures import PLANNED
from planning.split import Weights
from planning.tables import KEY, MONTHS, fact_lines

_FIGURES = tuple(measure.fact for measure in PLANNED.values())
_OF_FACT = {measure.fact: measure for measure in PLANNED.values()}
_YEAR = 12


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What a file says of a month of a line, and what the CRM does; in smallest units."""

    key: LineKey
    month: int
    of_file: int
    of_crm: int
    file: str


@dataclass(frozen=True)
class Facts:
    """A year in smallest units; `disagreements` are cells of which a file says otherwise than the CRM."""

    year: int
    lines: Grid
    disagreements: tuple[Disagreement, ...] = ()


def facts_of_crm(
    warehouse: Warehouse,
    first_day: date,
    last_day: date,
    directions: tuple[Direction, ...],
    timezone: str,
    *,
    by_channel: bool = False,
    seen: Visibility = EVERYTHING,
) -> Grid:
    """Of at most twelve months, each under its month of the year. Empty where nothing was attributed yet."""
    by = ("month", "dealer", "kind", *(("channel",) if by_channel else ()))
    try:
        question = Question(by, first_day, last_day, measures=_FIGURES, where=_WITH_A_DEALER)
        rows = romi_report(warehouse, question, timezone, seen=seen).rows
    except NotReady:
        return empty_grid()
    return _as_lines(rows, directions_of_kinds(directions))


_WITH_A_DEALER = (Condition("dealer", (NONE,), excluded=True),)


def _as_lines(rows: pd.DataFrame, direction_of: Mapping[str, str]) -> Grid:
    """A line for each measure, dealer and direction in which anything happened; kinds without one are of none."""
    rows = rows.assign(
        place=rows["month"].str[5:7].astype(int) - 1,
        direction=[direction_of.get(kind, "") for kind in rows["kind"]],
        channel=rows.get("channel", ""),
    )
    found: dict[LineKey, Weights] = {}
    for fact in _FIGURES:
        told = rows[rows[fact] != 0]
        sums = told.groupby(["dealer", "direction", "channel", "place"])[fact].sum()
        for (*names, place), value in zip(sums.index.tolist(), sums.tolist(), strict=True):
            key = LineKey(_OF_FACT[fact].slug, *names)
            found.setdefault(key, np.zeros(_YEAR))[place] += value * _OF_FACT[fact].scale
    keys = sorted(found)
    grid = empty_grid(keys)
    if keys:
        grid.values[:] = np.rint(np.array([found[key] for key in keys])).astype(np.int64)
    return grid


def facts_of_year(connection: Connection, year: int, crm: Grid, *, seen: Visibility = EVERYTHING) -> Facts:
    """The CRM's of a year, and those by file where the CRM says nothing of the dealer, direction and month."""
    its = fact_lines.c
    rows = select(*(its[name] for name in (*KEY, *MONTHS)), its.file).where(its.year == year)
    if seen.dealers is not None:
        rows = rows.where(its.dealer.in_(sorted(seen.dealers)))
    told = [(LineKey(*row[: len(KEY)]), row[len(KEY) : -1], row.file) for row in connection.execute(rows)]
    wide = crm.with_keys(key for key, _, _ in told)
    values, differing = wide.values.copy(), []
    for key, months, file in told:
        place = wide.places[key]
        for month, value in enumerate(months):
            if value is None:
                continue
            of_crm = int(wide.values[place, month])
            if of_crm == 0:
                values[place, month] = value
            elif of_crm != value:
                differing.append(Disagreement(key, month + 1, value, of_crm, file))
    return Facts(year, Grid(wide.keys, values, wide.locked, wide.edits), tuple(differing))


def last_twelve_months(today: date) -> tuple[date, date]:
    """The first and the last day of the twelve whole months before today's."""
    last = date(today.year, today.month, 1).toordinal() - 1
    return date(today.year - 1, today.month, 1), date.fromordinal(last)


def days_of_year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def last_whole_month(year: int, today: date) -> int:
    """Of the year, 1 to 12; 0 where none of its months is over."""
    if today.year != year:
        return _YEAR if today.year > year else 0
    is_over = today.day == calendar.monthrange(today.year, today.month)[1]
    return today.month if is_over else today.month - 1
