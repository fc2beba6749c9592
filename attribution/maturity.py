"""Maturity: what share of a recent period's conversions has come by now, from how long conversions have taken before.

A period of touches (the touch calendar of reports), or of opportunities from the day they were opened, is not over
when it ends. Each of its days has been observed for so long, and by then the measured share of conversions has come;
a period's share is the mean of its days', weighted by what began on each.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer, Period, records
from attribution.credit import credit_by
from attribution.lags import LagCurve, lag_curve
from attribution.measures import Measure, Unit
from attribution.models import Model
from attribution.opportunities import ONE, STAGES, known_until, local_day, of_run
from attribution.runs import KINDS, Run, newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "maturity")
BINS = {"day": "D", "week": "W-SUN", "month": "M"}


class Since(StrEnum):
    """From when a lag counts: the touch that a conversion is credited to, or the lead it came of."""

    LEAD = "lead"
    TOUCH = "touch"

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can follow."""
        return KINDS if self is Since.TOUCH else STAGES[1:]


@dataclass(frozen=True, slots=True)
class MaturityQuestion:
    """Raises `InvalidInput`."""

    period: Period
    by: str = "month"
    since: Since = Since.LEAD
    kind: str = "sale"
    model: Model = Model.LAST_NON_DIRECT

    def __post_init__(self) -> None:
        for name, value, known in (("by", self.by, tuple(BINS)), ("kind", self.kind, self.since.kinds)):
            if value not in known:
                raise InvalidInput(
                    f"There is no {name} {value!r} here.", where=name, help=f"Choose one of {', '.join(known)}."
                )

    def as_dict(self) -> dict[str, Any]:
        return {
            "by": self.by,
            "since": self.since,
            "kind": self.kind,
            "model": self.model,
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
        }


MATURITY = (
    Measure("begun", "Begun", Unit.COUNT),
    Measure("come", "Come so far", Unit.COUNT),
    Measure("seen", "Seen so far", Unit.SHARE),
    Measure("to_come", "Still to come", Unit.SHARE),
    Measure("expected", "Expected in the end", Unit.COUNT),
)


def maturity_report(
    warehouse: Warehouse, question: MaturityQuestion, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a day, week or month, in order. Whoever sees some dealers only is shown how long theirs take.

    Raises `NotReady` where nothing was attributed yet, and `NotPermitted`: touches belong to no dealer.
    """
    seen.check_sees_all_contractors("The report of maturity", "The ROMI report has the figures of your campaigns.")
    if question.since is Since.TOUCH:
        seen.check_sees_everything("Maturity since the touch", "Ask since the lead: that is known of your dealers.")
    run = newest_run(warehouse)
    rows, curve = maturity(warehouse, run, question, settings, seen)
    whole = _shares(rows.assign(period="")[["period", "begun", "come", "matured"]])
    return Answer(
        "maturity",
        run,
        (question.by,),
        MATURITY,
        rows.rename(columns={"period": question.by})[[question.by, *(figure.slug for figure in MATURITY)]],
        question.as_dict(),
        records(whole[[figure.slug for figure in MATURITY]], frozenset({"begun", "come"}))[0] if len(whole) else {},
        {
            "until": local_day(known_until(warehouse, run), settings),
            "lag_days": {"median": curve.quantile(0.5), "p90": curve.quantile(0.9), "longest": curve.horizon}
            if curve
            else None,
        },
    )


def maturity(
    warehouse: Warehouse, run: Run, question: MaturityQuestion, settings: Settings, seen: Visibility = EVERYTHING
) -> tuple[pd.DataFrame, LagCurve | None]:
    """A row for each day, week or month (`period`, its first day as text) of the question in which anything began.

    `begun` touches or opportunities, conversions `come` so far, `seen` the share of all that has come, `to_come` the
    rest, `expected` what will have come in the end; the last, unfinished day of the data does not count. Shares are
    missing where too few conversions are known to measure lags, and `expected` where nothing can have come yet.
    """
    asked = {
        **of_run(run, settings, known_until(warehouse, run)),
        "from": question.period.first_day,
        "to": question.period.last_day,
        "kind": question.kind,
        **credit_by(warehouse, run.number, question.model),
        **seen.parameters,
    }
    if question.since is Since.TOUCH:
        lags, begun = (warehouse.frame(_SQL[name], asked) for name in ("touch_lags", "touches_begun"))
    else:
        asked["stage"] = STAGES.index(question.kind) + 1
        lags, begun = (warehouse.frame(_SQL[name], asked) for name in ("stage_lags", "opportunities_begun"))
    lags = lags.reindex(columns=["since", "lag", "observed", "units"])
    begun = begun.reindex(columns=["since", "observed", "units"])
    curve = lag_curve(lags["lag"], lags["observed"], lags["units"] / ONE)
    so_far = curve.seen_after(begun["observed"]) if curve else np.full(len(begun), np.nan)
    days = begun.assign(begun=begun["units"] / ONE, matured=begun["units"] / ONE * so_far)[
        ["since", "begun", "matured"]
    ]
    whole = lags[lags["lag"] < lags["observed"]]
    come = whole.groupby("since", as_index=False)["units"].sum()
    days = days.merge(come.assign(come=come.pop("units") / ONE), on="since", how="left").fillna({"come": 0.0})
    days["period"] = period_of(days.pop("since"), question.by)
    return _shares(days), curve


def seen_by_day(
    warehouse: Warehouse, run: Run, model: Model, period: Period, settings: Settings, seen: Visibility = EVERYTHING
) -> pd.DataFrame | None:
    """Of each `day` of the period that the data reach, `seen`: what share has come of the sales of its touches.

    None where too few sales are known to measure their lags.
    """
    until = known_until(warehouse, run)
    asked = {
        **of_run(run, settings, until), "kind": "sale", **credit_by(warehouse, run.number, model), **seen.parameters,
    }  # fmt: skip
    lags = warehouse.frame(_SQL["touch_lags"], asked).reindex(columns=["lag", "observed", "units"])
    curve = lag_curve(lags["lag"], lags["observed"], lags["units"] / ONE)
    if curve is None:
        return None
    last_known = until.astimezone(settings.zone).date()
    days = pd.Series(pd.date_range(period.first_day, min(period.last_day, last_known)))
    return pd.DataFrame({"day": days, "seen": curve.seen_after((pd.Timestamp(last_known) - days).dt.days)})


def period_of(days: pd.Series, by: str) -> pd.Series:
    """The first day, as reports write it, of the day, week or month in which each lies."""
    return pd.to_datetime(days).dt.to_period(BINS[by]).dt.start_time.dt.strftime("%Y-%m-%d")


def _shares(days: pd.DataFrame) -> pd.DataFrame:
    sums = days.groupby("period", as_index=False).agg(
        begun=("begun", "sum"),
        come=("come", "sum"),
        matured=("matured", lambda each: each.sum(skipna=False)),
    )
    seen = sums["matured"] / sums["begun"]
    return sums.assign(seen=seen, to_come=1 - seen, expected=sums["come"] / seen.where(seen > 0))
