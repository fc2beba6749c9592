"""Expenses for Yandex Metrica: what other ads cost, as the CSV that it takes, and its upload.

Metrica wants costs without VAT, and knows those of Direct itself: sent again they would count twice. What is uploaded
of a day or period replaces what was uploaded of it before.
Source: shared format notes on the official documentation.
"""

import csv
import io
from collections.abc import Collection, Iterable
from decimal import ROUND_HALF_UP, Decimal

from collectors.expenses import Expense
from collectors.vendors.asking import Api

_PROVIDER = "closedloop"
_COLUMNS = (
    "Date", "UTMSource", "UTMMedium", "UTMCampaign", "UTMContent", "Expenses", "Currency", "Clicks", "Shows"
)  # fmt: skip
_KOPECK = Decimal("0.01")


def expenses_csv(expenses: Iterable[Expense], known: Collection[str]) -> bytes:
    """One line for each period and marks, in their order. `known` are the sources of whose costs Metrica knows."""
    sums: dict[tuple[str, ...], tuple[Decimal, int, int]] = {}
    for each in expenses:
        if each.collected_from in known:
            continue
        period = f"{each.first}" if each.first == each.last else f"{each.first}/{each.last}"
        key = (period, each.source, each.medium, each.campaign, each.content, each.currency)
        cost, clicks, shows = sums.get(key, (Decimal(0), 0, 0))
        sums[key] = (cost + each.cost, clicks + each.clicks, shows + each.impressions)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for (*marks, currency), (cost, clicks, shows) in sorted(sums.items()):
        writer.writerow([*marks, f"{cost.quantize(_KOPECK, ROUND_HALF_UP):f}", currency, clicks, shows])
    return out.getvalue().encode() if sums else b""


def upload_expenses(api: Api, counter: str, table: bytes) -> None:
    """Hand a table over. Raises `VendorUnavailable`, `VendorRefused`."""
    path = f"/management/v1/counter/{counter}/expense/upload"
    file = {"file": ("expenses.csv", table, "text/csv")}
    api.ask("POST", path, params={"provider": _PROVIDER}, files=file)
