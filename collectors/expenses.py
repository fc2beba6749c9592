"""What was spent, as it is handed on to systems that compare costs: net of VAT."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from infra.sql import Statements
from infra.warehouse import Warehouse

_SPEND = Statements("collectors", "spend")


@dataclass(frozen=True, slots=True)
class Expense:
    """The cost of a period, both days inclusive, net of VAT. `collected_from` is the id of the source that told it."""

    first: date
    last: date
    source: str
    cost: Decimal
    currency: str
    medium: str = ""
    campaign: str = ""
    content: str = ""
    clicks: int = 0
    impressions: int = 0
    collected_from: str = ""


def find_expenses(
    warehouse: Warehouse, first: date, last: date, *, vat_percent: Decimal, currency: str
) -> Iterator[Expense]:
    """Those whose period touches the days; ones that name no source are left out. Raises `WarehouseUnavailable`.

    `currency` is that of rows that name none.
    """
    vat = 1 + vat_percent / 100
    for row in warehouse.rows(_SPEND["expenses_of_days"], {"first": first, "last": last}):
        yield Expense(
            first=row["from"],
            last=row["to"],
            source=row["source"],
            cost=row["cost"] / vat if row["vat_included"] else row["cost"],
            currency=row["currency"] or currency,
            medium=row["medium"],
            campaign=row["campaign"],
            content=row["content"],
            clicks=row["clicks"],
            impressions=row["impressions"],
            collected_from=row["collected_from"],
        )
