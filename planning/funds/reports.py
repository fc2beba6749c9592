"""Balances and ageing of funds as tables, in the one shape that the API and the exports write."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from attribution.answer import Answer
from attribution.measures import Measure, Unit
from planning.funds.balances import Balance, Bands
from planning.money import told_amount

_NAMES = ("programme", "dealer", "dealer_name", "brand", "currency")
_BALANCES = (
    Measure("earned", "Earned", Unit.MONEY),
    Measure("reserved", "Reserved", Unit.MONEY),
    Measure("settled", "Settled", Unit.MONEY),
    Measure("expired", "Expired", Unit.MONEY),
    Measure("available", "Available", Unit.MONEY),
)
_AGES = ("0_30", "31_60", "61_90", "over_90")
_AGEING = (
    Measure("unspent_0_30", "Unspent, 0–30 days", Unit.MONEY),
    Measure("unspent_31_60", "Unspent, 31–60 days", Unit.MONEY),
    Measure("unspent_61_90", "Unspent, 61–90 days", Unit.MONEY),
    Measure("unspent_over_90", "Unspent, over 90 days", Unit.MONEY),
    Measure("claimed_0_30", "Claims waiting, 0–30 days", Unit.MONEY),
    Measure("claimed_31_60", "Claims waiting, 31–60 days", Unit.MONEY),
    Measure("claimed_61_90", "Claims waiting, 61–90 days", Unit.MONEY),
    Measure("claimed_over_90", "Claims waiting, over 90 days", Unit.MONEY),
    Measure("expires", "Expires next", Unit.MONEY),
)


def balance_report(found: Sequence[Balance]) -> Answer:
    """A row for each dealer and programme."""
    rows = [
        {**_named(each), **{figure.slug: told_amount(getattr(each.total, figure.slug)) for figure in _BALANCES}}
        for each in found
    ]
    return _answer("fund-balances", _NAMES, _BALANCES, rows)


def ageing_report(found: Sequence[Balance]) -> Answer:
    """How old what is unspent is, how long claims wait, and what expires next."""
    rows = [
        {
            **_named(each),
            "expires_on": each.expiring[0].day.isoformat() if each.expiring else "",
            **_aged("unspent", each.unspent),
            **_aged("claimed", each.claimed),
            "expires": told_amount(each.expiring[0].amount) if each.expiring else 0.0,
        }
        for each in found
    ]
    return _answer("fund-ageing", (*_NAMES, "expires_on"), _AGEING, rows)


def _named(balance: Balance) -> dict[str, Any]:
    return {
        "programme": balance.programme.told.name,
        "dealer": balance.dealer.id,
        "dealer_name": balance.dealer.title,
        "brand": balance.dealer.brand,
        "currency": balance.programme.currency,
    }


def _aged(name: str, bands: Bands) -> dict[str, float]:
    return {f"{name}_{age}": told_amount(amount) for age, amount in zip(_AGES, bands, strict=True)}


def _answer(subject: str, names: tuple[str, ...], figures: tuple[Measure, ...], rows: list[dict[str, Any]]) -> Answer:
    """Sums are of one currency; where there are several, there are none."""
    slugs = [figure.slug for figure in figures]
    table = pd.DataFrame(rows, columns=[*names, *slugs]).astype(dict.fromkeys(slugs, float))
    of_one_currency = len({row["currency"] for row in rows}) == 1
    totals = {slug: round(float(table[slug].sum()), 2) for slug in slugs} if of_one_currency else {}
    return Answer(subject, None, names, figures, table, {}, totals=totals)
