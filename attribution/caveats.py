"""The ROMI report with what its reader must know beside it: what is still to come, and on how long journeys it stands.

All of it is of the whole period, whatever conditions the question sets, and of the dealers that are seen. To whoever
sees some contractors only, neither is told: both are of whole journeys, in which others had a part.
"""

from dataclasses import replace
from datetime import UTC
from typing import Any

from attribution.answer import Answer, Period
from attribution.maturity import BINS, period_of, seen_by_day
from attribution.question import Question
from attribution.reports import calendar_column, romi_report
from attribution.runs import Run
from attribution.visibility import EVERYTHING, Visibility
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "caveats")
_WORTH_TELLING = 0.005


def romi_report_with_caveats(
    warehouse: Warehouse, question: Question, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """Its `about` has `computed_at`, `journeys` and `maturity`, too.

    `journeys` has the conversions of each kind, and the shares of those with one touch, or none. `maturity` has the
    periods, by the question's grouping by time or by month, of whose touches' sales half a percent or more is
    `to_come`; it is None where too few sales are known to measure how long they take. Raises `NotReady` where nothing
    was attributed yet, and `NotPermitted`.
    """
    report = romi_report(warehouse, question, settings.timezone, seen=seen)
    run = report.run_read
    computed_at = run.finished_at.replace(tzinfo=UTC).astimezone(settings.zone)
    found = {
        "computed_at": computed_at.isoformat(timespec="seconds"),
        "journeys": {} if seen.contractors is not None else _journeys(warehouse, run, question, seen),
        "maturity": None if seen.contractors is not None else _maturity(warehouse, run, question, settings, seen),
    }
    return replace(report, about={**report.about, **found})


def _journeys(warehouse: Warehouse, run: Run, question: Question, seen: Visibility) -> dict[str, dict[str, Any]]:
    asked = {
        "run": run.number,
        "calendar": calendar_column(question.calendar),
        "from": question.first_day,
        "to": question.last_day,
        **seen.parameters,
    }
    return {
        row["kind"]: {
            "conversions": row["conversions"],
            "one_touch_share": row["of_one_touch"] / row["conversions"],
            "no_touch_share": row["of_no_touch"] / row["conversions"],
        }
        for row in warehouse.rows(_SQL["journeys_of_period"], asked)
    }


def _maturity(
    warehouse: Warehouse, run: Run, question: Question, settings: Settings, seen: Visibility
) -> dict[str, Any] | None:
    period = Period(question.first_day, question.last_day)
    days = seen_by_day(warehouse, run, question.models_of_sums["sales"], period, settings, seen)
    if days is None:
        return None
    step = next((name for name in question.by if name in BINS), "month")
    to_come = 1 - days["seen"].groupby(period_of(days["day"], step)).mean()
    return {
        "of": "sale",
        "by": step,
        "periods": [
            {step: str(begin), "to_come": float(share)} for begin, share in to_come.items() if share >= _WORTH_TELLING
        ],
    }
