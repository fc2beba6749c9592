"""The load of calls as reports tell it: by hour of the week, by dealer, and the rota that is advised."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer
from attribution.dimensions import NONE
from attribution.measures import Measure, Unit
from attribution.runs import Run
from planning.call_load.centres import DAYS, HOURS
from planning.call_load.expected import LEVEL
from planning.call_load.load import UNKNOWN, Load
from planning.call_load.queues import Numbers
from planning.call_load.study import Advice, MonthOfCalls

WEEKDAYS = ("1 Monday", "2 Tuesday", "3 Wednesday", "4 Thursday", "5 Friday", "6 Saturday", "7 Sunday")
_MISSED = (
    Measure("missed", "Missed calls", Unit.COUNT),
    Measure("missed_low", "at least", Unit.COUNT),
    Measure("missed_high", "at most", Unit.COUNT),
    Measure("margin_lost", "Margin lost", Unit.MONEY),
    Measure("margin_lost_low", "at least", Unit.MONEY),
    Measure("margin_lost_high", "at most", Unit.MONEY),
)
BY_HOUR = (
    Measure("calls", "Calls an hour", Unit.TIMES),
    Measure("calls_low", "at least", Unit.TIMES),
    Measure("calls_high", "at most", Unit.TIMES),
    Measure("leads", "Leads an hour", Unit.TIMES),
    Measure("staff", "People at work", Unit.COUNT),
    Measure("needed", "People needed", Unit.COUNT),
    Measure("needed_low", "at least", Unit.COUNT),
    Measure("needed_high", "at most", Unit.COUNT),
    Measure("needed_patient", "Needed if nobody hung up", Unit.COUNT),
    Measure("in_time", "Answered in time", Unit.SHARE),
    *_MISSED,
)
BY_DEALER = (
    Measure("calls", "Calls of the month", Unit.COUNT),
    Measure("staff_hours", "Hours of work a week", Unit.COUNT),
    Measure("needed_hours", "Hours needed a week", Unit.COUNT),
    Measure("in_time", "Answered in time", Unit.SHARE),
    *_MISSED,
    Measure("unanswered_share", "Unanswered so far", Unit.SHARE),
    Measure("worth_of_call", "Worth of a missed call", Unit.MONEY),
    Measure("coverage", "Interval held, of hours", Unit.SHARE),
)
ROTA = (
    Measure("staff", "People at work", Unit.COUNT),
    Measure("advised", "People advised", Unit.COUNT),
    Measure("change", "Change", Unit.COUNT),
    Measure("kept", "Kept in a month", Unit.MONEY),
)


def by_hour(study: MonthOfCalls, load: Load, run: Run, asked: Mapping[str, Any], about: Mapping[str, Any]) -> Answer:
    """A row an hour of the week: means of one; what is missed and lost is of all such hours of the month."""
    dealer = str(asked["dealer"])
    of_month = load.expected.weekdays[:, None]
    figures = {
        "calls": load.expected.calls[0],
        "calls_low": load.calls_low[0],
        "calls_high": load.calls_high[0],
        "leads": study.leads_by_hour(dealer),
        "staff": known(load.staff[0]),
        "needed": load.needed[0],
        "needed_low": load.needed_low[0],
        "needed_high": load.needed_high[0],
        "needed_patient": known(load.needed_patient[0]),
        "in_time": load.in_time[0],
        **{name: each[0] * of_month for name, each in _lost(load).items()},
    }
    rows = pd.DataFrame({**_hours(), **{name: np.asarray(each, float).ravel() for name, each in figures.items()}})
    return Answer("call-load", run, ("weekday", "hour"), BY_HOUR, rows, asked, _totals(load), about)


def by_dealer(study: MonthOfCalls, load: Load, run: Run, asked: Mapping[str, Any], about: Mapping[str, Any]) -> Answer:
    """A row a dealer of whom there is a call, the most lost first. Each takes its own calls by its own people."""
    heard = study.ground.heard
    outcomes = heard.by_hour["unanswered"].sum(axis=(1, 2)), heard.by_hour["answered"].sum(axis=(1, 2))
    calls = load.expected.month_calls
    rows = pd.DataFrame({
        "dealer": [name or NONE for name in heard.dealers],
        "calls": calls,
        "staff_hours": known(load.staff).sum(axis=(1, 2)),
        "needed_hours": load.needed.sum(axis=(1, 2)).astype(float),
        "in_time": _in_time(load),
        **{name: load.of_month(each) for name, each in _lost(load).items()},
        "unanswered_share": _ratio(outcomes[0], outcomes[0] + outcomes[1]),
        "worth_of_call": study.ground.worth.of_call,
        "coverage": study.ground.coverage,
    })  # fmt: skip
    rows = rows[calls > 0].sort_values(["margin_lost", "missed", "calls"], ascending=False, ignore_index=True)
    return Answer("call-load", run, ("dealer",), BY_DEALER, rows, asked, _totals(load), about)


def rota(load: Load, advice: Advice, run: Run, asked: Mapping[str, Any], about: Mapping[str, Any]) -> Answer:
    """A row an hour of the week: who is at work, and who should be."""
    staff, advised = load.staff[0], advice.rota.staff
    figures = {"staff": staff, "advised": advised, "change": advised - staff, "kept": advice.change}
    rows = pd.DataFrame({**_hours(), **{name: np.asarray(each, float).ravel() for name, each in figures.items()}})
    unit = Unit.MONEY if advice.in_money else Unit.TIMES
    columns = (*ROTA[:-1], Measure("kept", ROTA[-1].title, unit))
    totals = {
        "staff": int(staff.sum()),
        "advised": int(advised.sum()),
        "kept": advice.kept,
        "kept_low": advice.kept_low,
        "kept_high": advice.kept_high,
        "missed_now": advice.missed[0],
        "missed_then": advice.missed[1],
    }
    told = {"in_money": advice.in_money, "is_worth_it": advice.is_worth_it, "shifts": shifts_told(advice), **about}
    return Answer("call-load-shifts", run, ("weekday", "hour"), columns, rows, asked, totals, told)


def shifts_told(advice: Advice) -> list[dict[str, Any]]:
    """Who begins which shift on which day, Monday first; shifts that nobody begins are left out."""
    return [
        {"name": shift.name, "start": shift.start, "hours": shift.hours, "people": people.tolist()}
        for shift, people in zip(advice.rota.shifts, advice.rota.people, strict=True)
        if people.any()
    ]


def known(people: Any) -> Numbers:
    return np.where(people == UNKNOWN, np.nan, people).astype(float)


def _hours() -> dict[str, list[str]]:
    return {
        "weekday": [day for day in WEEKDAYS for _ in range(HOURS)],
        "hour": [f"{hour:02}" for hour in range(HOURS)] * DAYS,
    }


def _lost(load: Load) -> dict[str, Numbers]:
    return {
        "missed": load.missed, "missed_low": load.missed_low, "missed_high": load.missed_high,
        "margin_lost": load.margin, "margin_lost_low": load.margin_low, "margin_lost_high": load.margin_high,
    }  # fmt: skip


def _in_time(load: Load) -> Numbers:
    """Of the month's calls."""
    return _ratio(load.of_month(load.expected.calls * load.in_time), load.of_month(load.expected.calls))


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def _totals(load: Load) -> dict[str, Any]:
    """Of the month, of all rows; missing where any row is, but for money, of which what is known is told."""
    sums = {name: _sum(load.of_month(each), whole="margin" not in name) for name, each in _lost(load).items()}
    calls = float(load.expected.month_calls.sum())
    staff = known(load.staff)
    in_time = load.of_month(load.expected.calls * load.in_time).sum()
    return {
        "calls": calls,
        "staff_hours": _plain(staff.sum()),
        "needed_hours": int(np.maximum(load.needed, 0).sum()),
        "in_time": _plain(in_time / calls) if calls > 0 else None,
        **sums,
        "level": LEVEL,
    }


def _sum(values: Numbers, *, whole: bool) -> float | None:
    if whole or not np.isfinite(values).any():
        return _plain(values.sum())
    return _plain(np.nansum(values))


def _plain(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
