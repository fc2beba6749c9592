"""Where leads are lost: no response, late ones, missed calls, junk; and what margin went with those nobody dealt with.

Expected margin lost = unprocessed leads × conversion to sale of those that were dealt with × mean margin of a sale.
Both factors are the group's own as far as its data bear them, and the whole's for the rest (see `credibility`);
conversion is sales over leads that had the time to become one: each counts by the share of sales that comes within
its age.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from attribution.answer import Answer, records
from attribution.credibility import Credible, Numbers, credible, variance_within
from attribution.funnel import stage_curves
from attribution.lags import LagCurve
from attribution.measures import Measure, Unit
from attribution.opportunities import (
    GROUPINGS,
    NAMES,
    ONE,
    STAGES,
    OpportunityQuestion,
    check_groupings,
    in_words,
    known_until,
    largest_first,
    local_day,
    parameters,
)  # fmt: skip
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.account import AccountSettings
from infra.errors import InvalidInput
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse
from infra.warehouse.client import Parameters

_SQL = Statements("attribution", "lost_leads")

LOST_GROUPINGS = (*GROUPINGS, "reason", "response")
RESPONSES = (
    "within 5 min", "within 15 min", "within 1 h", "within 4 h", "within 1 day", "later", "never",
)  # fmt: skip
LOST_LEADS = (
    Measure("leads", "Leads", Unit.COUNT),
    Measure("sales", "Sales", Unit.COUNT),
    Measure("cr_lead_sale", "CR lead → sale", Unit.SHARE, "sales / leads"),
    Measure("lost", "Lost", Unit.COUNT),
    Measure("unprocessed", "Unprocessed", Unit.COUNT),
    Measure("late", "Late responses", Unit.COUNT),
    Measure("response_median", "Response, median", Unit.SECONDS),
    Measure("response_p90", "Response, 90 %", Unit.SECONDS),
    Measure("missed_calls", "Missed calls", Unit.COUNT),
    Measure("not_called_back", "Not called back", Unit.COUNT),
    Measure("expected_conversion", "Expected conversion", Unit.SHARE),
    Measure("conversion_own", "of it own data", Unit.SHARE),
    Measure("expected_margin", "Margin of a sale", Unit.MONEY),
    Measure("margin_own", "of it own data", Unit.SHARE),
    Measure("margin_lost", "Expected margin lost", Unit.MONEY),
    Measure("margin_lost_low", "at least", Unit.MONEY),
    Measure("margin_lost_high", "at most", Unit.MONEY),
    Measure("requests", "Requests", Unit.COUNT),
    Measure("junk", "Junk", Unit.COUNT),
    Measure("duplicates", "Duplicates", Unit.COUNT),
    Measure("junk_share", "Junk share", Unit.SHARE, "junk / requests"),
    Measure("duplicate_share", "Duplicate share", Unit.SHARE, "duplicates / requests"),
)
_UNITS = (
    "leads", "sales", "lost", "unprocessed", "late", "missed_calls", "not_called_back", "responded", "won", "valued",
)  # fmt: skip
_TIMES = ["response_median", "response_p90"]
_NOISE = ("requests", "junk", "duplicates")
_FOUND = [
    *NAMES, "is_whole", "observed", *(f"{name}_units" for name in _UNITS), "margin_sum", "margin_squares", *_TIMES,
]  # fmt: skip
_TOTALS = ("leads", "sales", "lost", "unprocessed", "late", "missed_calls", "not_called_back", *_NOISE, "margin_lost")
_IN_INTERVAL = 1.645  # standard errors to either side hold 90 %


@dataclass(frozen=True, slots=True)
class LostLeadsQuestion:
    """Unprocessed is what had no response for so many hours; late, what had one after more than so many minutes."""

    opportunities: OpportunityQuestion
    unprocessed_hours: int
    late_minutes: int

    def __post_init__(self) -> None:
        check_groupings(self.opportunities.by, LOST_GROUPINGS)
        for name in ("unprocessed_hours", "late_minutes"):
            if not 1 <= getattr(self, name) <= 1_000_000:
                raise InvalidInput(f"{name} is at least 1.", where=name)

    @classmethod
    def by_deadlines(cls, opportunities: OpportunityQuestion, settings: AccountSettings) -> Self:
        """By the deadlines of the account."""
        return cls(opportunities, settings.unprocessed_hours, settings.late_minutes)

    def as_dict(self) -> dict[str, Any]:
        limits = {"unprocessed_hours": self.unprocessed_hours, "late_minutes": self.late_minutes}
        return {**self.opportunities.as_dict(), **limits}


def lost_leads_report(
    warehouse: Warehouse, question: LostLeadsQuestion, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a group. Whoever sees some dealers only is told what is expected by the data of these.

    Raises `NotReady` where nothing was attributed yet, and `NotPermitted`.
    """
    seen.check_sees_all_contractors("The report of lost leads", "The ROMI report has the figures of your campaigns.")
    run = newest_run(warehouse)
    until = known_until(warehouse, run)
    by = question.opportunities.by
    asked = {
        **parameters(warehouse, run, settings, until, question.opportunities),
        "unprocessed_hours": question.unprocessed_hours,
        "late_minutes": question.late_minutes,
        **seen.parameters,
    }
    handled = warehouse.frame(_SQL["handling_by"], asked).reindex(columns=_FOUND)
    sums = _sums(handled, stage_curves(warehouse, asked).get(len(STAGES)))
    rows = _with_noise(sums, warehouse, asked, by)
    rows = _with_ratios(_with_losses(rows, by_outcome="reason" in by))
    totals = _with_ratios(rows[list(_TOTALS)].sum(min_count=1).to_frame().T)
    rows = _in_order(in_words(rows, by), by)
    return Answer(
        "lost-leads",
        run,
        by,
        LOST_LEADS,
        rows[[*by, *(figure.slug for figure in LOST_LEADS)]].reset_index(drop=True),
        question.as_dict(),
        records(totals, frozenset(_TOTALS) - {"margin_lost"})[0],
        {"until": local_day(until, settings), "interval": 0.9},
    )


def _with_noise(rows: pd.DataFrame, warehouse: Warehouse, asked: Parameters, by: tuple[str, ...]) -> pd.DataFrame:
    """With requests, junk and duplicates; missing by what only opportunities have."""
    if {"reason", "response", "kind"} & set(by):
        return rows.assign(**dict.fromkeys(_NOISE, np.nan))
    noise = warehouse.frame(_SQL["noise_by"], asked).reindex(columns=[*NAMES, *_NOISE])
    whole = rows.merge(noise, on=NAMES, how="outer")
    counted = [*_UNITS, "exposed", "margin_sum", "margin_squares", *_NOISE]
    whole[counted] = whole[counted].astype(float).fillna(0.0)
    return whole


def _sums(handled: pd.DataFrame, curve: LagCurve | None) -> pd.DataFrame:
    """A row a group; `exposed` are leads that were dealt with, each by the share of sales that comes within its age."""
    is_whole = handled["is_whole"].astype(bool)
    times = handled.loc[is_whole & (handled["responded_units"] > 0), [*NAMES, *_TIMES]]
    each = handled[~is_whole].drop(columns=["is_whole", *_TIMES])
    counts = {name: each.pop(f"{name}_units").astype(float) / ONE for name in _UNITS}
    each = each.assign(**counts)
    seen = curve.seen_after(each["observed"]) if curve else np.ones(len(each))
    each = each.assign(exposed=each["responded"] * seen).fillna({"margin_sum": 0.0, "margin_squares": 0.0})
    sums = each.drop(columns="observed").groupby(NAMES, as_index=False).sum()
    return sums.merge(times, on=NAMES, how="left")


def _with_losses(rows: pd.DataFrame, *, by_outcome: bool) -> pd.DataFrame:
    """Where groups are told apart by what became of them, only the whole's conversion means anything."""
    sold = rows if not by_outcome else rows.select_dtypes("number").sum().to_frame().T
    conversion, margin = _conversion(sold), _margin(sold)
    lost = rows["unprocessed"].to_numpy() * conversion.estimate * margin.estimate
    error = np.hypot(
        _relative(conversion.error, conversion.estimate),
        _relative(margin.error, margin.estimate),
    )
    factor = np.exp(_IN_INTERVAL * error)
    return rows.assign(
        expected_conversion=_each(conversion.estimate, rows),
        conversion_own=_each(conversion.own, rows),
        expected_margin=_each(margin.estimate, rows),
        margin_own=_each(margin.own, rows),
        margin_lost=lost,
        margin_lost_low=lost / factor,
        margin_lost_high=lost * factor,
    )


def _conversion(sums: pd.DataFrame) -> Credible:
    exposed = sums["exposed"]
    overall = min(float(sums["won"].sum() / exposed.sum()), 1.0) if exposed.sum() > 0 else 0.0
    return credible(exposed, sums["won"] / exposed.where(exposed > 0, 1), overall * (1 - overall))


def _margin(sums: pd.DataFrame) -> Credible:
    valued = sums["valued"]
    within = variance_within(valued, sums["margin_sum"], sums["margin_squares"])
    return credible(valued, sums["margin_sum"] / valued.where(valued > 0, 1), within)


def _each(figures: Numbers, rows: pd.DataFrame) -> Numbers:
    return np.broadcast_to(figures, len(rows))


def _relative(error: Numbers, estimate: Numbers) -> Numbers:
    """Missing where the estimate is not above 0: then there is no interval."""
    return np.divide(error, estimate, out=np.full_like(estimate, np.nan), where=estimate > 0)


def _with_ratios(sums: pd.DataFrame) -> pd.DataFrame:
    return sums.assign(**{each.slug: each.of_rows(sums) for each in LOST_LEADS if not each.is_sum})


def _in_order(rows: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    if "response" not in by:
        return largest_first(rows, by, "leads")
    places = {name: place for place, name in enumerate(RESPONSES)}
    others = [name for name in by if name != "response"]
    return rows.assign(place=rows["response"].map(places)).sort_values([*others, "place"])
