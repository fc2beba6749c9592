"""What past months cost and brought, month by month: the ground on which budgets are reckoned.

The figures are those of the ROMI report, so that a calculator never says otherwise than the report beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from attribution.models import Model
from attribution.question import Calendar, Question
from attribution.reports import romi_report
from attribution.sharing import DealerShare
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.warehouse import Warehouse
from planning.media.months import Month

FIGURES = (
    "cost", "impressions", "clicks", "leads", "qualified", "visits", "sales", "service_visits", "revenue", "margin",
)  # fmt: skip
MONTH = "month"
_GROUPINGS = ("dealer", "channel", "contractor", "kind")


@dataclass(frozen=True, slots=True)
class Span:
    """Whole months, both inclusive. Raises `InvalidInput` where the last comes before the first."""

    first: Month
    last: Month

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidInput(
                f"{self.last} comes before {self.first}.", where="to", help="Begin with the earlier one."
            )

    @property
    def months(self) -> tuple[Month, ...]:
        found = [self.first]
        while found[-1] < self.last:
            found.append(found[-1].after)
        return tuple(found)


def months_before(month: Month, count: int) -> Span:
    """So many whole months, up to the one before this."""
    first = last = month.before
    for _ in range(count - 1):
        first = first.before
    return Span(first, last)


def history(
    warehouse: Warehouse,
    span: Span,
    timezone: str,
    by: Sequence[str],
    *,
    calendar: Calendar = Calendar.CONVERSION,
    model: Model = Model.LAST_NON_DIRECT,
    share: DealerShare = DealerShare.LEADS,
    seen: Visibility = EVERYTHING,
) -> pd.DataFrame:
    """A row a `month` ("2026-03") and group in which anything happened, with `FIGURES`; money in whole units.

    `by` are up to three of dealer, channel, contractor and kind. By kind of deal, cost stands in rows of the kind
    "(none)": nobody buys leads of one kind. `share` is how cost that names no dealer is shared out, by leads of the
    whole span; unshared, it stands at the dealer "(none)".
    Raises `InvalidInput`, and `NotReady` where nothing was attributed yet.
    """
    if unknown := [name for name in by if name not in _GROUPINGS]:
        raise InvalidInput(
            f"History is not kept by {unknown[0]!r}.", where="by", help=f"Choose of {', '.join(_GROUPINGS)}."
        )
    question = Question(
        (MONTH, *by), span.first.first, span.last.last, model=model, calendar=calendar, share=share, measures=FIGURES
    )
    rows = romi_report(warehouse, question, timezone, seen=seen).rows
    rows = rows[(rows[list(FIGURES)] != 0).any(axis=1)]
    return rows.assign(month=rows[MONTH].str[:7]).sort_values([MONTH, *by], ignore_index=True)
