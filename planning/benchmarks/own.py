"""The holding's own funnels and figures, with intervals, in the form of benchmarks.

Leads that became no deal do not say whether a new or a used car was wanted: so both stand beside one funnel of the
internet and one of the phone. «Contacted» is our stage `qualified`, the nearest that there is. Only leads that had
three months to buy count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from attribution.intervals import share_interval
from attribution.question import Question
from attribution.reports import romi_report
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.sql import Statements
from infra.warehouse import Warehouse
from planning.after_sales import SERVICE_KINDS
from planning.benchmarks.figures import BusinessModel
from planning.history import Span, months_before
from planning.media.months import month_of

_SQL = Statements("planning", "benchmarks")
_COUNTS = ["leads", "contacted", "appointed", "shown", "visited", "sold"]
_STAGES = {
    "contact": ("contacted", "leads"),
    "appointment": ("appointed", "contacted"),
    "show": ("shown", "appointed"),
    "close": ("sold", "visited"),
    "lead_sale": ("sold", "leads"),
}
_WAYS = {
    "internet": (BusinessModel.NEW_INTERNET, BusinessModel.USED_INTERNET),
    "phone": (BusinessModel.NEW_PHONE, BusinessModel.USED_PHONE),
}
MATURING_MONTHS = 3
Place = tuple[BusinessModel, str]
"""A business model, and one of its figures."""


@dataclass(frozen=True, slots=True)
class Own:
    """`count` is of how many; `low` and `high` bound 95 %, None where no interval is known."""

    value: float | None
    low: float | None
    high: float | None
    count: int


def own_span(today: date) -> Span:
    """A year that ended three months ago."""
    month = month_of(today)
    for _ in range(MATURING_MONTHS):
        month = month.before
    return months_before(month, 12)


def own_figures(
    warehouse: Warehouse, today: date, timezone: str, *, seen: Visibility = EVERYTHING
) -> Mapping[Place, Own]:
    """Of the dealers that are seen. Raises `NotReady`, and `NotPermitted` where contractors are hidden."""
    seen.check_sees_all_contractors("The funnel", "The ROMI report has the figures of your campaigns.")
    span = own_span(today)
    asked = {
        "run": newest_run(warehouse).number, "service_kinds": list(SERVICE_KINDS),
        "from": span.first.first, "to": span.last.last,
        **{name: value for name, value in seen.parameters.items() if name.endswith("dealers")},
    }  # fmt: skip
    counts = warehouse.frame(_SQL["funnels_by_way"], asked).reindex(columns=["way", *_COUNTS])
    return funnels_of(counts) | _amounts(warehouse, span, timezone, seen)


def funnels_of(counts: pd.DataFrame) -> dict[Place, Own]:
    """`counts` has a row a way of asking."""
    found: dict[Place, Own] = {}
    for figure, (part, whole) in _STAGES.items():
        some, of = counts[part].to_numpy(float), counts[whole].to_numpy(float)
        low, high = share_interval(some, of)
        for place, way in enumerate(counts["way"]):
            value = Own(None, None, None, 0)
            if of[place] > 0:
                bounds = float(low[place]), float(high[place])
                value = Own(float(some[place] / of[place]), *bounds, int(of[place]))
            found |= {(model, figure): value for model in _WAYS[str(way)]}
    return found


def _amounts(warehouse: Warehouse, span: Span, timezone: str, seen: Visibility) -> dict[Place, Own]:
    """Of the year: cost of marketing for each new car sold, and margin of a car."""
    question = Question(("kind",), span.first.first, span.last.last, measures=("cost", "sales", "margin"))
    rows = romi_report(warehouse, question, timezone, seen=seen).rows.set_index("kind")
    cost = float(rows["cost"].sum())
    found = {}
    for figure, kind, total in (
        ("advertising_per_new", "new_car", cost),
        ("gross_per_new", "new_car", None),
        ("gross_per_used", "used_car", None),
    ):
        sales = float(rows["sales"].get(kind, 0.0))
        if sales > 0:
            amount = float(rows["margin"][kind]) if total is None else total
            found[BusinessModel.ALL, figure] = Own(amount / sales, None, None, round(sales))
    return found
