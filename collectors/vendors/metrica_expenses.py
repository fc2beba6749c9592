"""Expenses for Yandex Metrica: what other ads cost, as the CSV that it takes, and its upload.

Metrica wants costs without VAT, and knows those of Direct itself: sent again they would count twice. What is uploaded
of a day replaces what was uploaded of it before.
Source: shared format notes on the official documentation.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from collectors.vendors.asking import Api

_DIRECT = "yandex_direct"
_PROVIDER = "closedloop"
_COLUMNS = (
    "Date", "UTMSource", "UTMMedium", "UTMCampaign", "UTMContent", "Expenses", "Currency", "Clicks", "Shows"
)  # fmt: skip
_KOPECK = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Expense:
    """The cost of a day under its marks; `vendor` is the system that told it."""

    day: date
    source: str
    cost: Decimal
    currency: str
    medium: str = ""
    campaign: str = ""
    content: str = ""
    clicks: int = 0
    impressions: int = 0
    vat_included: bool = False
    vendor: str = ""


def expenses_csv(expenses: Iterable[Expense], vat_percent: Decimal) -> bytes:
    """One line for each day and marks, in their order. Costs that name no source, and those of Direct, are left out."""
    sums: dict[tuple[str, ...], tuple[Decimal, int, int]] = {}
    for each in expenses:
        if each.vendor == _DIRECT or not each.source:
            continue
        key = (f"{each.day}", each.source, each.medium, each.campaign, each.content, each.currency)
        cost, clicks, shows = sums.get(key, (Decimal(0), 0, 0))
        net = each.cost / (1 + vat_percent / 100) if each.vat_included else each.cost
        sums[key] = (cost + net, clicks + each.clicks, shows + each.impressions)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for (*marks, currency), (cost, clicks, shows) in sorted(sums.items()):
        writer.writerow([*marks, f"{cost.quantize(_KOPECK, ROUND_HALF_UP):f}", currency, clicks, shows])
    return out.getvalue().encode()


def upload_expenses(api: Api, counter: str, table: bytes) -> str:
    """Hand a table over; returns the number of the upload. Raises `VendorUnavailable`, `VendorRefused`.

    `api` must carry a token with the right metrika:write.
    """
    path = f"/management/v1/counter/{counter}/expense/upload"
    file = {"file": ("expenses.csv", table, "text/csv")}
    return str(api.ask("POST", path, params={"provider": _PROVIDER}, files=file).json()["uploading"]["id"])
