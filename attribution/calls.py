"""The report of calls: how they were taken, who was called back and when, and what they were worth.

Times are in seconds; a median or 90th percentile lies between two values where none stands at its place. A call counts
on its day in the account's time zone, whatever became of it later.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from attribution.answer import Answer, Period, records
from attribution.measures import Measure, Unit
from attribution.reports import NONE
from attribution.runs import newest_run
from attribution.target_calls import TargetRules
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "calls")

CALL_DIMENSIONS = (
    "day", "week", "month", "weekday", "hour", "channel", "source", "dealer", "brand", "operator", "number",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_IN_ORDER = frozenset({"day", "week", "month", "weekday", "hour"})

CALL_MEASURES: tuple[Measure, ...] = (
    Measure("calls", "Calls", Unit.COUNT),
    Measure("first_calls", "First calls", Unit.COUNT),
    Measure("repeat_calls", "Repeat calls", Unit.COUNT),
    Measure("callers", "Callers", Unit.COUNT),
    Measure("target_calls", "Target calls", Unit.COUNT),
    Measure("first_target_calls", "First target calls", Unit.COUNT),
    Measure("answered", "Answered", Unit.COUNT),
    Measure("missed", "Missed", Unit.COUNT),
    Measure("busy", "Busy", Unit.COUNT),
    Measure("failed", "Failed", Unit.COUNT),
    Measure("unanswered", "Unanswered", Unit.COUNT),
    Measure("share_unanswered", "Unanswered, share", Unit.SHARE, "unanswered / calls"),
    Measure("waiting_mean", "Waiting, mean", Unit.SECONDS),
    Measure("waiting_median", "Waiting, median", Unit.SECONDS),
    Measure("waiting_p90", "Waiting, 90 %", Unit.SECONDS),
    Measure("talk_mean", "Talk, mean", Unit.SECONDS),
    Measure("called_back", "Called back", Unit.COUNT),
    Measure("never_called_back", "Never called back", Unit.COUNT),
    Measure("share_called_back", "Called back, share", Unit.SHARE, "called_back / unanswered"),
    Measure("back_median", "Call-back, median", Unit.SECONDS),
    Measure("back_p90", "Call-back, 90 %", Unit.SECONDS),
    Measure("requests", "Callback requests", Unit.COUNT),
    Measure("requests_called", "Requests called", Unit.COUNT),
    Measure("request_median", "Request to call, median", Unit.SECONDS),
    Measure("request_p90", "Request to call, 90 %", Unit.SECONDS),
    Measure("leads", "Leads", Unit.COUNT),
)
_SUMS = [measure.slug for measure in CALL_MEASURES if measure.is_sum]
_RATIOS = [measure for measure in CALL_MEASURES if not measure.is_sum]
_COUNTS = frozenset(measure.slug for measure in CALL_MEASURES if measure.unit is Unit.COUNT)


class Whose(StrEnum):
    """To whom a person's first call is the first: to the holding, or to each of its dealers."""

    HOLDING = "holding"
    DEALER = "dealer"


@dataclass(frozen=True, slots=True)
class CallsQuestion:
    """A call is first where its person has not called within `window_days` before, and one that was missed was called
    back where that happened within as many days after. Raises `InvalidInput`."""

    by: tuple[str, ...]
    period: Period
    window_days: int = 30
    whose: Whose = Whose.HOLDING

    def __post_init__(self) -> None:
        for name in self.by:
            if name not in CALL_DIMENSIONS:
                help_sentence = f"The groupings of calls are {', '.join(CALL_DIMENSIONS)}."
                raise InvalidInput(f"There is no grouping {name!r} of calls.", where="by", help=help_sentence)
        if not 1 <= len(self.by) <= 2 or len(set(self.by)) != len(self.by):
            raise InvalidInput("A report has one grouping or two different ones.", where="by")
        if not 1 <= self.window_days <= 3650:
            raise InvalidInput("The window is 1 to 3650 days.", where="window")

    def as_dict(self) -> dict[str, Any]:
        return {
            "by": list(self.by),
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
            "window": self.window_days,
            "whose": self.whose,
        }


def calls_report(
    warehouse: Warehouse,
    question: CallsQuestion,
    rules: TargetRules,
    settings: Settings,
    *,
    seen: Visibility = EVERYTHING,
) -> Answer:
    """A row a group, in order of time, or most calls first. First calls are told apart among all dealers, whoever asks.

    Raises `NotReady` where nothing was attributed yet, and `NotPermitted`.
    """
    seen.check_sees_all_contractors("The report of calls", "The ROMI report has the figures of your campaigns.")
    run = newest_run(warehouse)
    parameters = {
        "run": run.number,
        "timezone": settings.timezone,
        "by": question.by[0],
        "then_by": question.by[1] if len(question.by) > 1 else "everything",
        "from": question.period.first_day,
        "to": question.period.last_day,
        "window_days": question.window_days,
        "whose": question.whose.value,
        "lookback_days": settings.lookback_days_by_kind.get("lead", settings.lookback_days),
        **rules.parameters(),
        **seen.parameters,
    }
    found = warehouse.frame(_SQL["calls_by"], parameters)
    sums = found.astype(dict.fromkeys(_SUMS, "float64"))
    figures = sums.assign(**{measure.slug: measure.of_rows(sums[_SUMS]) for measure in _RATIOS})
    figures = figures.astype(dict.fromkeys(_COUNTS, "int64"))
    slugs = [measure.slug for measure in CALL_MEASURES]
    totals = records(figures.loc[found["is_total"] == 1, slugs], _COUNTS)
    groups = figures[found["is_total"] == 0].rename(columns=dict(zip(("one", "other"), question.by, strict=False)))
    groups = groups[[*question.by, *slugs]].replace({name: {"": NONE} for name in question.by})
    return Answer(
        "calls",
        run,
        question.by,
        CALL_MEASURES,
        _in_order(groups, question.by).reset_index(drop=True),
        question.as_dict(),
        totals[0],
        {"target_rules": rules.as_told(seen)},
    )


def _in_order(rows: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """By time where the first grouping is one, else most calls first."""
    if by[0] in _IN_ORDER:
        return rows.sort_values(list(by), key=_place)
    return rows.sort_values(["calls", *by], ascending=[False, *(True for _ in by)], key=_place)


def _place(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return column.map(_WEEKDAYS.index) if column.name == "weekday" else column
