"""Leads that nobody dealt with and missed calls that nobody called back, each once, with the margin expected lost."""

from dataclasses import dataclass

import pandas as pd

from attribution.answer import Period
from attribution.lost_leads import LostLeadsQuestion, lost_leads_report
from attribution.opportunities import NONE, OpportunityQuestion
from attribution.visibility import EVERYTHING, Visibility
from infra.settings import Settings
from infra.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Unanswered:
    """`margin` is what is expected to be lost with them, None where too little was sold to say.

    `dealer` has the most of them, `at_dealer`; it is empty where no dealer is named.
    """

    number: int
    margin: float | None
    dealer: str
    at_dealer: int


def unanswered(
    warehouse: Warehouse,
    period: Period,
    settings: Settings,
    *,
    seen: Visibility = EVERYTHING,
) -> tuple[Unanswered, Unanswered]:
    """Leads that came otherwise than by a missed call, then missed calls, of those opened in the period.

    How long they have waited is the account's `unprocessed_hours` at least.

    Raises `NotReady` where nothing was attributed yet, and `NotPermitted`.
    """
    question = LostLeadsQuestion.by_deadlines(OpportunityQuestion(("dealer",), period), settings)
    rows = lost_leads_report(warehouse, question, settings, seen=seen).rows
    calls = rows["not_called_back"].astype(float)
    of_one = rows["expected_conversion"].astype(float) * rows["expected_margin"].astype(float)
    return (
        _unanswered(rows["dealer"], rows["unprocessed"].astype(float) - calls, of_one),
        _unanswered(rows["dealer"], calls, of_one),
    )


def _unanswered(dealers: pd.Series, numbers: pd.Series, margin_of_one: pd.Series) -> Unanswered:
    named = [
        (round(number), str(dealer))
        for dealer, number in zip(dealers, numbers, strict=True)
        if dealer != NONE and number > 0
    ]
    at_dealer, dealer = max(named, default=(0, ""))
    margin = (numbers * margin_of_one)[numbers > 0].sum(min_count=1)
    return Unanswered(round(numbers.sum()), float(margin) if margin > 0 else None, dealer, at_dealer)
