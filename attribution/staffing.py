"""Calls an hour against the people who take them: as far as calls name their operators.

An operator is at work in an hour in which he answers a call. So an hour in which somebody waited by a silent telephone
does not count, and `staff` is the least number of people that there were.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer, Period, records
from attribution.measures import Measure, Unit
from attribution.opportunities import check_groupings
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "staffing")

STAFFING_GROUPINGS = ("hour", "weekday")
STAFFING = (
    Measure("calls", "Calls", Unit.COUNT),
    Measure("answered", "Answered", Unit.COUNT),
    Measure("unanswered", "Unanswered", Unit.COUNT),
    Measure("share_unanswered", "Unanswered, share", Unit.SHARE, "unanswered / calls"),
    Measure("calls_per_hour", "Calls an hour", Unit.COUNT),
    Measure("staff", "People answering", Unit.COUNT),
    Measure("answered_per_person", "Answered by each in an hour", Unit.COUNT, "named / staffed_hours"),
)
_SUMS = ["calls", "answered", "unanswered", "named", "staffed_hours"]


@dataclass(frozen=True, slots=True)
class StaffingQuestion:
    """By `hour`, `weekday`, or both. Raises `InvalidInput`."""

    period: Period
    by: tuple[str, ...] = ("hour",)

    def __post_init__(self) -> None:
        check_groupings(self.by, STAFFING_GROUPINGS)
        if not self.by:
            raise InvalidInput("Calls are told by hour, by weekday, or by both.", where="by")

    def as_dict(self) -> dict[str, Any]:
        days = {"from": self.period.first_day.isoformat(), "to": self.period.last_day.isoformat()}
        return {"by": list(self.by), **days}


def staffing_report(
    warehouse: Warehouse, question: StaffingQuestion, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row an hour or weekday, in order. `calls_per_hour` and `staff` are means over the days that calls are known of.

    `staff` and `answered_per_person` are missing where no call names its operator. Raises `NotReady`, `NotPermitted`.
    """
    seen.check_sees_all_contractors("The report of staffing", "The ROMI report has the figures of your campaigns.")
    run = newest_run(warehouse)
    asked = {
        "run": run.number,
        "timezone": settings.timezone,
        "from": question.period.first_day,
        "to": question.period.last_day,
        "by": question.by[0],
        "then_by": question.by[1] if len(question.by) > 1 else "everything",
        **seen.parameters,
    }
    columns = ["one", "other", "is_total", *_SUMS, "first_day", "last_day"]
    found = warehouse.frame(_SQL["staffing"], asked).reindex(columns=columns)
    is_total = found["is_total"] == 1
    named = found.rename(columns=dict(zip(("one", "other"), question.by, strict=False)))
    days = _days(found[is_total])
    rows = _measured(named[~is_total], _hours(named[~is_total], days))
    totals = _measured(found[is_total], np.full(int(is_total.sum()), 24.0 * len(days)))
    slugs = [measure.slug for measure in STAFFING]
    return Answer(
        "staffing",
        run,
        question.by,
        STAFFING,
        rows[[*question.by, *slugs]].reset_index(drop=True),
        question.as_dict(),
        records(totals[slugs], frozenset(("calls", "answered", "unanswered")))[0] if len(totals) else {},
        {"days": len(days)},
    )


def _days(total: pd.DataFrame) -> list[date]:
    """From the first call's to the last's; none where there is no call."""
    if total.empty or not total["calls"].iloc[0]:
        return []
    first, last = (pd.Timestamp(total[name].iloc[0]).date() for name in ("first_day", "last_day"))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _hours(rows: pd.DataFrame, days: list[date]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """How many hours of these days each row stands for."""
    if "weekday" in rows:
        counted = pd.Series([day.isoweekday() for day in days]).value_counts()
        days_of_row = rows["weekday"].str.slice(0, 1).astype(int).map(counted).to_numpy(np.float64)
    else:
        days_of_row = np.full(len(rows), float(len(days)))
    return np.asarray(days_of_row * (1.0 if "hour" in rows else 24.0), np.float64)


def _measured(sums: pd.DataFrame, hours: np.ndarray[Any, np.dtype[np.float64]]) -> pd.DataFrame:
    sums = sums.astype(dict.fromkeys(_SUMS, float))
    ratios = {each.slug: each.of_rows(sums) for each in STAFFING if each.formula}
    staff = (sums["staffed_hours"] / hours).where(sums["named"] > 0)
    return sums.assign(**ratios, calls_per_hour=sums["calls"] / hours, staff=staff)
