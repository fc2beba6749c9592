"""People who are at work against people who are needed, and what is missed meanwhile, for each hour of the week.

By Erlang A (see `queues`). Intervals are of how many calls come; of money, of what a call is worth, too. Nobody is
needed in hours with fewer calls than the call centre says; calls that come where nobody works are missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planning.call_load.centres import CallCentre
from planning.call_load.expected import Expected, quantile
from planning.call_load.queues import Counts, Numbers, enough_for, impatient, patient

UNKNOWN = -1
_TALK_S = 180.0
TOLD, MEASURED, NOT_KNOWN = "told", "measured", ""


@dataclass(frozen=True)
class Aims:
    """What each call centre aims at, of the shape (centres, 1, 1); see `CallCentre`."""

    service_level: Numbers
    within_s: Numbers
    patience_s: Numbers
    least_calls: Numbers
    handling_s: Numbers


def aims_of(centres: Sequence[CallCentre], talk_s: Numbers) -> Aims:
    """`talk_s` is what was measured; three minutes stand for it where nobody ever talked."""
    talk = np.where(np.isfinite(talk_s) & (talk_s > 0), talk_s, _TALK_S)
    handling = [
        each.handling_s if each.handling_s is not None else float(talked) + each.after_call_s
        for each, talked in zip(centres, talk, strict=True)
    ]
    return Aims(
        _column([each.service_level for each in centres]),
        _column([each.within_s for each in centres]),
        _column([each.patience_s for each in centres]),
        _column([each.least_calls for each in centres]),
        _column(handling),
    )


def _column(values: Sequence[float]) -> Numbers:
    return np.array(values, float)[:, None, None]


@dataclass(frozen=True)
class Load:
    """Arrays of the shape (centres, 7, 24), of a mean hour. `staff` is -1 where nobody knows it: then so is the rest.

    `needed_patient` is by Erlang C, for callers who never hang up. `missed` calls and the `margin` that they cost have
    bounds `low` and `high` of 80 %.
    """

    expected: Expected
    aims: Aims
    staff: Counts
    staff_source: str
    of_call: Numbers
    worth_error: Numbers
    calls_low: Numbers
    calls_high: Numbers
    needed: Counts
    needed_low: Counts
    needed_high: Counts
    needed_patient: Counts
    in_time: Numbers
    missed: Numbers
    missed_low: Numbers
    missed_high: Numbers
    margin: Numbers
    margin_low: Numbers
    margin_high: Numbers

    def of_month(self, hourly: Numbers) -> Numbers:
        """The sum over the month's days, by centre; missing where an hour is."""
        return np.asarray((hourly * self.expected.weekdays[None, :, None]).sum(axis=(1, 2)))

    @property
    def is_staffed(self) -> bool:
        return bool((self.staff != UNKNOWN).all())


def load_of(
    expected: Expected, aims: Aims, staff: Counts, staff_source: str, of_call: Numbers, worth_error: Numbers
) -> Load:
    """`of_call` is what each missed call costs, missing where unknown, of each hour; `worth_error` of each centre."""
    calls = expected.calls
    away = np.exp(quantile() * expected.error)
    usual, low, high = (_answered(each, aims, staff) for each in (calls, calls / away, calls * away))
    of_all = np.sqrt(_relative(usual.missed, low.missed, high.missed) ** 2 + worth_error[:, None, None] ** 2)
    room = np.exp(quantile() * of_all)
    margin = usual.missed * of_call
    return Load(
        expected,
        aims,
        staff,
        staff_source,
        of_call,
        worth_error,
        calls / away,
        calls * away,
        usual.needed,
        low.needed,
        high.needed,
        needed_by_patient(calls, aims),
        usual.in_time,
        usual.missed,
        low.missed,
        high.missed,
        margin,
        margin / room,
        margin * room,
    )


def needed_by_patient(calls: Numbers, aims: Aims) -> Counts:
    most = enough_for(calls, aims.handling_s)
    needed = patient(calls, aims.handling_s, aims.within_s, most).needed(aims.service_level)
    return np.where(calls >= aims.least_calls, needed, 0)


def losses(calls: Numbers, aims: Aims, most: int) -> Numbers:
    """Calls that hang up in each hour, by how many operators there are: (most + 1, …)."""
    return np.asarray(calls * impatient(calls, aims.handling_s, aims.patience_s, aims.within_s, most).lost)


@dataclass(frozen=True)
class _Answered:
    needed: Counts
    in_time: Numbers
    missed: Numbers


def _answered(calls: Numbers, aims: Aims, staff: Counts) -> _Answered:
    most = max(enough_for(calls, aims.handling_s), int(staff.max(initial=0)))
    queue = impatient(calls, aims.handling_s, aims.patience_s, aims.within_s, most)
    needed = np.where(calls >= aims.least_calls, queue.needed(aims.service_level), 0)
    at = np.maximum(staff, 0)[None]
    in_time, lost = (np.take_along_axis(each, at, axis=0)[0] for each in (queue.in_time, queue.lost))
    is_known = staff != UNKNOWN
    return _Answered(needed, np.where(is_known, in_time, np.nan), np.where(is_known, lost * calls, np.nan))


def _relative(mean: Numbers, low: Numbers, high: Numbers) -> Any:
    """The error of the logarithm that these bounds stand for; 0 where there is nothing."""
    is_some = (mean > 0) & (low > 0)
    ratio = np.divide(high, low, out=np.ones_like(mean), where=is_some)
    return np.where(is_some, np.log(ratio) / 2 / quantile(), 0.0)
