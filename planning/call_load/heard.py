"""What is known of calls by hour of the week: when they come, who takes them, and for how long.

Hours are the account's; the week begins on Monday, and holidays count as Sundays. Whole weeks up to yesterday are read,
26 at most: what is older says little of who is at work now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from attribution.credibility import credible, variance_within
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.sql import Statements
from infra.warehouse import Warehouse
from planning.call_load.centres import DAYS, HOURS
from planning.call_load.queues import Numbers

_SQL = Statements("planning", "call_load")
WEEKS, RECENT_WEEKS = 26, 4
_SUNDAY = 6
_LEANS, _MANNED = 5.0, 1 / 3
_BY_HOUR = (
    "calls", "answered", "unanswered", "staffed_hours", "manned_hours", "talks", "talked_s", "talk_squares", "waited_s",
    "hung_up",
)  # fmt: skip
OTHERS = ""
"""Calls of which nobody knows the dealer, and of dealers that are no longer known."""


@dataclass(frozen=True)
class Heard:
    """Arrays of the shape (dealers, 7, 24), but `recent`, which has one more axis before, and `daily` (dealers, days).

    `recent[1]` are of the last four weeks, `recent[0]` of those before. `days` are those of which calls are known.
    """

    dealers: tuple[str, ...]
    days: tuple[date, ...]
    holidays: frozenset[date]
    by_hour: dict[str, Numbers]
    recent: Numbers
    leads: Numbers
    daily: Numbers

    @property
    def calls(self) -> Numbers:
        return self.by_hour["calls"]

    @property
    def is_silent(self) -> bool:
        return not self.calls.any()

    @cached_property
    def weekdays(self) -> Numbers:
        """How often each day of the week was among them."""
        return counted(self.days, self.holidays)

    @cached_property
    def recent_weekdays(self) -> tuple[Numbers, Numbers]:
        """The same, before the last four weeks and of them."""
        first = recent_from(self.days[-1]) if self.days else date.max
        return (
            counted([day for day in self.days if day < first], self.holidays),
            counted([day for day in self.days if day >= first], self.holidays),
        )

    @cached_property
    def talk_s(self) -> Numbers:
        """Of each dealer the mean of an answered call, drawn towards all where few are known; missing where none is."""
        count, total, squares = (self.by_hour[name].sum(axis=(1, 2)) for name in ("talks", "talked_s", "talk_squares"))
        means = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
        return credible(count, means, variance_within(count, total, squares)).estimate

    @cached_property
    def patience_s(self) -> tuple[float, int]:
        """The mean patience that waiting tells, and how many hung up: time waited for each who did (Brown et al., JASA

        100, 2005). Of hours in which calls were answered: at night nobody could have waited long enough.
        """
        is_manned = self.by_hour["answered"] > 0
        waited, hung_up = (float(self.by_hour[name][is_manned].sum()) for name in ("waited_s", "hung_up"))
        return (waited / hung_up if hung_up else float("nan")), int(hung_up)

    @cached_property
    def staff(self) -> Numbers:
        """People who answer in an hour in which anybody does: the least that there are.

        0 where less than a third of calls is answered, by this hour of the week, and by this hour of all days where it
        had few calls.
        """
        calls, answered = self.calls, self.by_hour["answered"]
        hour = _leaned(answered.sum(axis=(0, 1)), calls.sum(axis=(0, 1)), answered.sum() / max(calls.sum(), 1))
        own_hour = _leaned(answered.sum(axis=1), calls.sum(axis=1), hour)
        is_manned = np.asarray(_leaned(answered, calls, own_hour[:, None, :]) >= _MANNED)
        staffed, manned = self.by_hour["staffed_hours"], self.by_hour["manned_hours"]
        usual = _leaned(staffed.sum(axis=(1, 2)), manned.sum(axis=(1, 2)), staffed.sum() / max(manned.sum(), 1))
        at_work = np.ceil(_leaned(staffed, manned, usual[:, None, None]) - 0.25)
        is_called = calls.sum(axis=(1, 2), keepdims=True) > 0
        return np.where(is_manned & is_called, at_work, 0.0)

    @cached_property
    def staff_of_all(self) -> Numbers:
        """Of all as one call centre: people who answer in an hour, the mean of its days, and one at least where it is

        manned; whoever waited by a silent telephone is not among them.
        """
        calls, answered = self.calls.sum(axis=0), self.by_hour["answered"].sum(axis=0)
        is_manned = np.asarray(_leaned(answered, calls, answered.sum() / max(calls.sum(), 1)) >= _MANNED)
        mean = self.by_hour["staffed_hours"].sum(axis=0) / np.maximum(self.weekdays, 1)[:, None]
        return np.where(is_manned & bool(calls.any()), np.maximum(np.ceil(mean - 0.25), 1), 0.0)

    @cached_property
    def names_operators(self) -> bool:
        return bool(self.by_hour["staffed_hours"].any())


def _leaned(part: Numbers, whole: Numbers, towards: Numbers | float) -> Numbers:
    """The share, towards another as if that had been seen of five more."""
    return np.asarray((part + _LEANS * np.asarray(towards)) / (whole + _LEANS))


def recent_from(last: date) -> date:
    return last - timedelta(days=RECENT_WEEKS * DAYS - 1)


def weekday_of(day: date, holidays: frozenset[date]) -> int:
    """0 is Monday."""
    return _SUNDAY if day in holidays else day.weekday()


def counted(days: Sequence[date], holidays: frozenset[date]) -> Numbers:
    """How many of these are each day of the week."""
    return np.bincount([weekday_of(day, holidays) for day in days], minlength=DAYS).astype(float)


def read_heard(
    warehouse: Warehouse,
    today: date,
    timezone: str,
    dealers: tuple[str, ...],
    holidays: Sequence[date] = (),
    *,
    seen: Visibility = EVERYTHING,
) -> Heard:
    """Up to yesterday. Raises `NotReady` where nothing was attributed yet, and `NotPermitted`."""
    seen.check_sees_all_contractors("The load of calls", "The ROMI report has the figures of your campaigns.")
    last = today - timedelta(days=1)
    asked = {
        "run": newest_run(warehouse).number,
        "timezone": timezone,
        "from": last - timedelta(days=WEEKS * DAYS - 1),
        "to": last,
        "recent": recent_from(last),
        "holidays": sorted(holidays),
        "sees_all_dealers": seen.dealers is None,
        "seen_dealers": sorted(seen.dealers or ()),
    }
    by_hour, by_day, leads = (
        warehouse.frame(_SQL[name], asked) for name in ("calls_by_hour", "calls_by_day", "leads_by_hour")
    )
    return heard_of(by_hour, by_day, leads, last, (*dealers, OTHERS), frozenset(holidays))


def heard_of(
    by_hour: pd.DataFrame,
    by_day: pd.DataFrame,
    leads: pd.DataFrame,
    last: date,
    dealers: tuple[str, ...],
    holidays: frozenset[date],
) -> Heard:
    """Of frames as the warehouse answers them. Days begin with the first call that anybody had."""
    days: list[date] = []
    if len(by_day):
        first = pd.Timestamp(by_day["day"].min()).date()
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    shape = (len(dealers), DAYS, HOURS)
    cells = _cells(by_hour, dealers)
    recent = np.zeros((2, *shape))
    if len(by_hour):
        np.add.at(recent, (by_hour["is_recent"].to_numpy(int), *cells), by_hour["calls"].to_numpy(float))
    return Heard(
        dealers,
        tuple(days),
        holidays,
        {name: _laid_out(by_hour, name, cells, shape) for name in _BY_HOUR},
        recent,
        _laid_out(leads, "leads", _cells(leads, dealers), shape),
        _daily(by_day, dealers, days),
    )


def _places(rows: pd.DataFrame, dealers: tuple[str, ...]) -> Any:
    """Whoever is not among the dealers is one of the others, who stand last."""
    places = {name: place for place, name in enumerate(dealers)}
    return rows["dealer"].map(places).fillna(len(dealers) - 1).to_numpy(int)


def _cells(rows: pd.DataFrame, dealers: tuple[str, ...]) -> tuple[Any, Any, Any]:
    if rows.empty:
        nothing = np.zeros(0, int)
        return nothing, nothing, nothing
    return _places(rows, dealers), rows["weekday"].to_numpy(int) - 1, rows["hour"].to_numpy(int)


def _laid_out(rows: pd.DataFrame, name: str, cells: tuple[Any, Any, Any], shape: tuple[int, int, int]) -> Numbers:
    found = np.zeros(shape)
    if len(rows):
        np.add.at(found, cells, rows[name].fillna(0).to_numpy(float))
    return found


def _daily(rows: pd.DataFrame, dealers: tuple[str, ...], days: Sequence[date]) -> Numbers:
    found = np.zeros((len(dealers), len(days)))
    if len(rows):
        numbers = (pd.to_datetime(rows["day"]) - pd.Timestamp(days[0])).dt.days.to_numpy(int)
        np.add.at(found, (_places(rows, dealers), numbers), rows["calls"].to_numpy(float))
    return found
