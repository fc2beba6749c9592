"""What sales people, products, dealers and brands bring: what came in the period, and what became of its leads.

`sales`, `revenue` and `margin` are of the period, by the date of the sale, as the ROMI report has them. The rest is of
the opportunities opened in the period: `leads` of them, of which so many were qualified, came to the showroom and were
sold so far. So a conversion rate is a share, and its 95 % interval (Wilson) says how far chance may have moved it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer, Period, records
from attribution.funnel import funnel_report
from attribution.intervals import share_interval
from attribution.lost_leads import LostLeadsQuestion, lost_leads_report
from attribution.measures import Measure, Unit
from attribution.opportunities import OF_DEAL, OpportunityQuestion, check_groupings
from attribution.question import Question
from attribution.reports import romi_report
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.settings import Settings
from infra.warehouse import Warehouse

PERFORMANCE_GROUPINGS = OF_DEAL
_OF_PERIOD = ("sales", "revenue", "margin")
_RATES = (
    ("cr_lead_qualified", "CR lead → qualified", "qualified", "leads"),
    ("cr_qualified_visit", "CR qualified → showroom", "visits", "qualified"),
    ("cr_visit_sale", "CR showroom → sale", "sold", "visits"),
    ("cr_lead_sale", "CR lead → sale", "sold", "leads"),
)
_HANDLING = ("response_median", "unprocessed", "late", "margin_lost")
_REACHED = {"lead": "leads", "qualified": "qualified", "visit": "visits", "sale": "sold"}

PERFORMANCE = (
    Measure("sales", "Sales", Unit.COUNT),
    Measure("revenue", "Revenue", Unit.MONEY),
    Measure("margin", "Margin", Unit.MONEY),
    Measure("leads", "Leads", Unit.COUNT),
    Measure("qualified", "Qualified leads", Unit.COUNT),
    Measure("visits", "Showroom visits", Unit.COUNT),
    Measure("sold", "Sold so far", Unit.COUNT),
    *(
        measure
        for slug, title, _, _ in _RATES
        for measure in (
            Measure(slug, title, Unit.SHARE),
            Measure(f"{slug}_low", "at least", Unit.SHARE),
            Measure(f"{slug}_high", "at most", Unit.SHARE),
        )
    ),
    Measure("response_median", "First answer, median", Unit.SECONDS),
    Measure("unprocessed", "Unprocessed", Unit.COUNT),
    Measure("late", "Late responses", Unit.COUNT),
    Measure("margin_lost", "Expected margin lost", Unit.MONEY),
)


@dataclass(frozen=True, slots=True)
class PerformanceQuestion:
    """By one or two of the groupings of deals. Raises `InvalidInput`."""

    period: Period
    by: tuple[str, ...] = ("manager",)

    def __post_init__(self) -> None:
        check_groupings(self.by, PERFORMANCE_GROUPINGS)
        if not self.by:
            raise InvalidInput("Nothing is named to tell apart.", where="by", help=f"Choose of {', '.join(OF_DEAL)}.")

    def as_dict(self) -> dict[str, Any]:
        days = {"from": self.period.first_day.isoformat(), "to": self.period.last_day.isoformat()}
        return {"by": list(self.by), **days}


def performance_report(
    warehouse: Warehouse, question: PerformanceQuestion, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a group, most sales first, then most leads. Raises `NotReady`, `NotPermitted`."""
    seen.check_sees_all_contractors("The report of performance", "The ROMI report has the figures of your campaigns.")
    by, period = list(question.by), question.period
    asked = OpportunityQuestion(question.by, period)
    brought = romi_report(
        warehouse,
        Question(question.by, period.first_day, period.last_day, measures=_OF_PERIOD),
        settings.timezone,
        seen=seen,
    )
    stages = funnel_report(warehouse, asked, settings, seen=seen)
    handled = lost_leads_report(warehouse, LostLeadsQuestion.by_deadlines(asked, settings), settings, seen=seen)
    parts = [brought.rows, _reached(stages.rows, by), handled.rows[[*by, *_HANDLING]]]
    rows = parts[0].astype(dict.fromkeys(by, object))
    for part in parts[1:]:
        rows = rows.merge(part.astype(dict.fromkeys(by, object)), on=by, how="outer")
    sums = [*_OF_PERIOD, *_REACHED.values(), "unprocessed", "late"]
    rows[sums] = rows[sums].astype(float).fillna(0.0)
    rows = rows[(rows[["leads", "sales", "revenue", "margin"]] != 0).any(axis=1)]
    rows = _with_rates(rows).sort_values(["sales", "leads", *by], ascending=[False, False, *(True for _ in by)])
    totals = rows[[*sums, "margin_lost"]].sum().to_frame().T.assign(response_median=np.nan)
    slugs = [measure.slug for measure in PERFORMANCE]
    counts = frozenset(measure.slug for measure in PERFORMANCE if measure.unit is Unit.COUNT)
    return Answer(
        "performance",
        brought.run,
        question.by,
        PERFORMANCE,
        rows[[*by, *slugs]].reset_index(drop=True),
        question.as_dict(),
        records(_with_rates(totals)[slugs], counts)[0],
        dict(stages.about) | {"interval": 0.95},
    )


def _reached(stages: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """How many of each group's opportunities reached each stage, a column each."""
    told = stages[stages["stage"].isin(_REACHED)]
    wide = told.pivot_table(index=by, columns="stage", values="reached", aggfunc="sum", fill_value=0.0)
    return wide.reindex(columns=list(_REACHED), fill_value=0.0).rename(columns=_REACHED).reset_index()


def _with_rates(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.copy()
    for slug, _, part, whole in _RATES:
        low, high = share_interval(rows[part], rows[whole])
        some = rows[whole].where(rows[whole] > 0)
        rows[slug], rows[f"{slug}_low"], rows[f"{slug}_high"] = rows[part] / some, low, high
    return rows
