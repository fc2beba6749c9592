"""What contractors' campaigns cost in a month, as the newest run measured it, beside what their acts come to."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pandas as pd

from api.bootstrap import Services
from attribution.answer import Answer
from attribution.measures import Measure, Unit
from attribution.question import Question
from attribution.reports import romi_report
from attribution.runs import newest_run
from attribution.visibility import Visibility
from infra.errors import NotPermitted, NotReady
from planning.money import told_amount
from planning.work.documents import days_of
from planning.work.ordered import Settlement

_NAMES = ("contractor", "month", "currency")
_FIGURES = (
    Measure("ordered", "Ordered", Unit.MONEY),
    Measure("waiting", "Handed in, not accepted", Unit.MONEY),
    Measure("accepted", "Accepted", Unit.MONEY),
    Measure("paid", "Paid", Unit.MONEY),
    Measure("spent", "Measured spend", Unit.MONEY),
)

Spent = Mapping[tuple[str, str], Decimal]
"""By contractor and month, in the account's currency."""


def measured_spend(services: Services, seen: Visibility, months: Sequence[str]) -> Spent:
    """Nothing where nothing was attributed yet."""
    found: dict[tuple[str, str], Decimal] = {}
    with suppress(NotReady, NotPermitted):
        for month in dict.fromkeys(months):
            costs = _cost_of(services, seen, month)
            found |= {(contractor, month): cost for contractor, cost in costs.items()}
    return found


def settlement_report(found: Sequence[Settlement], spent: Spent, currency: str) -> Answer:
    """A row for each contractor, month and currency; spend stands beside amounts of its currency."""
    rows = [
        {
            "contractor": each.contractor,
            "month": each.month,
            "currency": each.currency,
            **{name: told_amount(getattr(each, name)) for name in ("ordered", "waiting", "accepted", "paid")},
            "spent": spent_beside(each, spent, currency),
        }
        for each in found
    ]
    slugs = [figure.slug for figure in _FIGURES]
    table = pd.DataFrame(rows, columns=[*_NAMES, *slugs]).astype(dict.fromkeys(slugs, float))
    of_one_currency = len({each.currency for each in found}) == 1
    totals: dict[str, Any] = {slug: round(float(table[slug].sum()), 2) for slug in slugs} if of_one_currency else {}
    return Answer("work-settlements", None, _NAMES, _FIGURES, table, {}, totals=totals)


def spent_beside(settlement: Settlement, spent: Spent, currency: str) -> float | None:
    if settlement.currency != currency:
        return None
    cost = spent.get((settlement.contractor, settlement.month))
    return None if cost is None else float(cost)


def _cost_of(services: Services, seen: Visibility, month: str) -> Mapping[str, Decimal]:
    """The same answer for all who ask, until there is a newer run. Raises `NotReady`, `NotPermitted`."""
    warehouse, timezone = services.warehouse, services.settings.timezone
    question = Question(("contractor",), *days_of(month), measures=("cost",))

    def find() -> Mapping[str, Decimal]:
        items = romi_report(warehouse, question, timezone, seen=seen).items()
        return {row["contractor"]: Decimal(str(row["cost"] or 0)).quantize(Decimal("0.01")) for row in items}

    return services.per_run.answer(newest_run(warehouse).number, ("work-spend", month, seen), find)
