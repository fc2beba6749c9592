"""What happened, month by month, of each dealer and direction: the ground on which forecasts are made.

Conversions count in the month in which they were reached, so deals that are still open take nothing from it. The month
that is not over is left out, and so is the one in which a dealer's data begin, unless they begin in its first week; so
are up to three first months in which the whole has not half of what it has then. A month in which a busy dealer has
none of a measure at all, between months that have, is a gap in the data: it is missing, not 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from attribution.dimensions import NONE
from attribution.runs import newest_run
from infra.sql import Statements
from infra.warehouse import Warehouse
from planning.directions import Direction, directions_of_kinds
from planning.forecast.outlook import Series
from planning.media.months import Month
from planning.response.curves import Numbers

_SQL = Statements("planning", "forecast")
MEASURES = ("sales", "leads", "calls", "service_visits")
MOST_MONTHS = 60
_YEAR = 12
_FIRST_WEEK = 7
_BUSY = 8.0
_LATE_START = 3
_MOST_DROPPED = 3
_MANY = 30.0
_COLUMNS = ("measure", "dealer", "kind", "month_number", "happened", "first_day")


@dataclass(frozen=True)
class Past:
    """A row a line (dealer × direction) of one measure, a column a month; missing is NaN.

    A line of deals or dealers without a name is of "(none)"; where no deal of the measure says its direction,
    directions are left empty, so that a line is a dealer's whole.
    """

    measure: str
    lines: tuple[Series, ...]
    months: tuple[Month, ...]
    counts: Numbers
    gaps: Mapping[str, int]

    @property
    def next_month(self) -> Month:
        return self.months[-1].after


def read_past(warehouse: Warehouse, until: Month, directions: Sequence[Direction], timezone: str) -> tuple[Past, ...]:
    """Of each measure that ever happened, the whole months before `until`, at most sixty.

    Raises `NotReady` where nothing was attributed yet.
    """
    asked = {
        "run": newest_run(warehouse).number,
        "timezone": timezone,
        "from": date(until.year - MOST_MONTHS // _YEAR, until.month, 1),
        "until": until.first,
    }
    return pasts_of(warehouse.frame(_SQL["monthly_counts"], asked).reindex(columns=list(_COLUMNS)), until, directions)


def pasts_of(told: pd.DataFrame, until: Month, directions: Sequence[Direction]) -> tuple[Past, ...]:
    """`told` has a row for each measure, dealer, kind and month, as the warehouse answers."""
    direction_of = directions_of_kinds(directions)
    rows = told.assign(
        dealer=told["dealer"].replace("", NONE),
        direction=[direction_of.get(kind, NONE) for kind in told["kind"]],
    )
    return tuple(
        _past_of(measure, rows[rows["measure"] == measure], until)
        for measure in MEASURES
        if (rows["measure"] == measure).any()
    )


def _past_of(measure: str, rows: pd.DataFrame, until: Month) -> Past:
    if (rows["direction"] == NONE).all():
        rows = rows.assign(direction="")
    end = _number(until)
    first = int(rows["month_number"].min())
    wide = rows.pivot_table(index=["dealer", "direction"], columns="month_number", values="happened", aggfunc="sum")
    wide = wide.reindex(columns=range(first, end)).fillna(0.0).sort_index()
    dealers = np.array(wide.index.get_level_values(0).tolist())
    counts = wide.to_numpy(dtype=float, copy=True)
    starts = np.maximum(_starts_of_dealers(rows, dealers) - first, _late_starts(counts))
    counts[np.arange(counts.shape[1]) < starts[:, None]] = np.nan
    counts[:, : _half_begun(counts)] = np.nan
    gaps = _blank_gaps(counts, dealers)
    known = np.flatnonzero(~np.isnan(counts).all(axis=0))
    begin = int(known[0]) if len(known) else counts.shape[1] - 1
    months = tuple(month_numbered(number) for number in range(first + begin, end))
    lines = tuple(Series(measure, *map(str, name)) for name in wide.index.tolist())
    return Past(measure, lines, months, counts[:, begin:], gaps)


def _starts_of_dealers(rows: pd.DataFrame, dealers: "np.ndarray[tuple[int], np.dtype[np.str_]]") -> Numbers:
    """The number of each line's first whole month: of the dealer's first one, or the one after that."""
    firsts = rows.sort_values(["month_number", "first_day"]).groupby("dealer").first()
    starts = firsts["month_number"] + (firsts["first_day"] > _FIRST_WEEK)
    return np.asarray(starts.reindex(dealers).to_numpy(dtype=float))


def _late_starts(counts: Numbers) -> Numbers:
    """Where a line that is no rare one begins months after its dealer, it was begun then."""
    happened = counts > 0
    first = np.where(happened.any(axis=1), happened.argmax(axis=1), 0)
    after = np.maximum(counts.shape[1] - first, 1)
    is_late = (first >= _LATE_START) & (counts.sum(axis=1) / after >= 2)
    return np.where(is_late, first, 0).astype(float)


def _half_begun(counts: Numbers) -> int:
    """How many months at the beginning, three at most, have not half of those after them.

    Where only deals are told that began after some day, the first months lack those that began before.
    """
    totals = np.nansum(counts, axis=0)
    begin = int(np.flatnonzero(totals > 0)[0]) if (totals > 0).any() else 0
    for dropped in range(_MOST_DROPPED + 1):
        after = totals[begin + dropped + 1 : begin + dropped + 4]
        if len(after) < _MOST_DROPPED or after.mean() < _MANY or totals[begin + dropped] >= after.mean() / 2:
            return begin + dropped if dropped else 0
    return 0


def _blank_gaps(counts: Numbers, dealers: "np.ndarray[tuple[int], np.dtype[np.str_]]") -> dict[str, int]:
    """Blank the months between others in which a busy dealer has nothing; how many, by dealer."""
    gaps = {}
    for dealer in dict.fromkeys(dealers.tolist()):
        own = np.flatnonzero(dealers == dealer)
        total = np.nansum(counts[own], axis=0)
        happened = np.flatnonzero(total > 0)
        if len(happened) < 2 or np.median(total[happened]) < _BUSY:
            continue
        inner = np.arange(happened[0], happened[-1])
        empty = inner[total[inner] == 0]
        if len(empty):
            counts[np.ix_(own, empty)] = np.nan
            gaps[str(dealer)] = len(empty)
    return gaps


def _number(month: Month) -> int:
    """Counted from year 0."""
    return month.year * _YEAR + month.month - 1


def month_numbered(number: int) -> Month:
    return Month(number // _YEAR, number % _YEAR + 1)


def months_from(first: Month, count: int) -> tuple[Month, ...]:
    return tuple(month_numbered(_number(first) + ahead) for ahead in range(count))
