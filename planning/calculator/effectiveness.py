"""How effective past months were: what each channel, dealer, direction or month of the year cost and brought.

Sums are the ROMI report's, by the date of the conversion. Conversions and CPL with intervals are those of the leads of
these months, as far as their outcome is known, partially pooled: a group of few leads is drawn towards the others.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer, records
from attribution.dimensions import NONE
from attribution.measures import Measure, Unit
from attribution.pooling import pool_rates, pool_shares
from attribution.visibility import Visibility
from infra.errors import InvalidInput
from infra.warehouse import Warehouse
from planning.history import Span, history
from planning.media.months import Month, month_of, read_month
from planning.rates.counts import Rate
from planning.rates.coverage import LEVEL
from planning.rates.measured import MeasuredRates
from planning.split import Weights

SUMS = ("cost", "leads", "qualified", "visits", "sales", "revenue", "margin")
_SEEN = ("cost", "leads", "visits", "sales")


class By(StrEnum):
    CHANNEL = "channel"
    DEALER = "dealer"
    DIRECTION = "direction"
    SEASON = "season"  # the month of the year, "01" to "12"


_RATES = {"visit_rate": Rate.VISIT, "sale_rate": Rate.SALE_OF_VISIT}
FIGURES = (
    Measure("cost", "Cost", Unit.MONEY),
    Measure("leads", "Leads", Unit.COUNT),
    Measure("qualified", "Qualified leads", Unit.COUNT),
    Measure("visits", "Visits", Unit.COUNT),
    Measure("sales", "Sales", Unit.COUNT),
    Measure("revenue", "Revenue", Unit.MONEY),
    Measure("margin", "Margin", Unit.MONEY),
    Measure("cpl", "CPL", Unit.MONEY, "cost / leads"),
    Measure("cpl_pooled", "CPL, pooled", Unit.MONEY),
    Measure("cpl_low", "CPL from", Unit.MONEY),
    Measure("cpl_high", "CPL to", Unit.MONEY),
    Measure("visit_rate", "Visits of leads", Unit.SHARE),
    Measure("visit_rate_low", "Visits of leads from", Unit.SHARE),
    Measure("visit_rate_high", "Visits of leads to", Unit.SHARE),
    Measure("sale_rate", "Sales of visits", Unit.SHARE),
    Measure("sale_rate_low", "Sales of visits from", Unit.SHARE),
    Measure("sale_rate_high", "Sales of visits to", Unit.SHARE),
)


def chosen_months(measured: MeasuredRates, first: str, last: str) -> Span | None:
    """Of those that are measured, told as "2026-01" or by a day of them; the last twelve unless said.

    None where there are none. Raises `InvalidInput` for months that are not measured.
    """
    asked = {where: _month(text, where) if text else None for where, text in (("from", first), ("to", last))}
    known = measured.places.months
    if not known:
        return None
    for where, month in asked.items():
        if month is not None and month not in known:
            raise InvalidInput(
                f"The month {month} is not among those that are measured.",
                where=where,
                help=f"Choose whole months from {known[0]} to {known[-1]}.",
            )
    ended = asked["to"] or known[-1]
    return Span(asked["from"] or min(ended, known[max(0, len(known) - 12)]), ended)


def _month(text: str, where: str) -> Month:
    try:
        return month_of(date.fromisoformat(text))
    except ValueError:
        return read_month(text, where)


def effectiveness(
    warehouse: Warehouse,
    measured: MeasuredRates,
    span: Span | None,
    by: By,
    timezone: str,
    direction_of: Mapping[str, str],
    seen: Visibility,
    dealer: str = "",
) -> Answer:
    """A row a group, the dearest first; months of the year in their order. Kinds without a direction do not count."""
    if span is None:
        return _answer(measured, span, by, pd.DataFrame(columns=[by.value, *(each.slug for each in FIGURES)]), dealer)
    sums = _sums(warehouse, span, by, timezone, direction_of, seen, dealer)
    groups = sums.index.tolist()
    cpl = sums["cost"].where(sums["cost"] > 0) / sums["leads"].where(sums["leads"] > 0)
    rows = sums.assign(cpl=cpl).reset_index(names=by.value)
    for name, values in _pooled(measured, span, by, groups, sums, seen, dealer).items():
        rows[name] = values
    rows = rows[[by.value, *(each.slug for each in FIGURES)]]
    order, falls = ([by.value], True) if by is By.SEASON else (["cost", "leads", by.value], [False, False, True])
    return _answer(measured, span, by, rows.sort_values(order, ascending=falls, ignore_index=True), dealer)


def _sums(
    warehouse: Warehouse,
    span: Span,
    by: By,
    timezone: str,
    direction_of: Mapping[str, str],
    seen: Visibility,
    dealer: str,
) -> pd.DataFrame:
    grouping = {By.DIRECTION: "kind", By.SEASON: "dealer"}.get(by, by.value)
    told = history(warehouse, span, timezone, tuple(dict.fromkeys((grouping, "dealer"))), seen=seen)
    if dealer:
        told = told[told["dealer"] == dealer]
    if by is By.DIRECTION:
        told = told.assign(direction=told["kind"].map({NONE: NONE, **direction_of})).dropna(subset="direction")
    if by is By.SEASON:
        told = told.assign(season=told["month"].str[5:7])
    sums = told.groupby(by.value)[list(SUMS)].sum()
    return sums[(sums[list(_SEEN)] != 0).any(axis=1)]


def _pooled(
    measured: MeasuredRates,
    span: Span,
    by: By,
    groups: Sequence[str],
    sums: pd.DataFrame,
    seen: Visibility,
    dealer: str,
) -> dict[str, Weights]:
    """Nobody buys leads of one direction: its visits are those of all leads."""
    found: dict[str, Weights] = {}
    if by is By.DIRECTION:
        found |= dict.fromkeys(("cpl", "cpl_pooled", "cpl_low", "cpl_high"), np.full(len(groups), np.nan))
        visits, sales = (sums[name].to_numpy(dtype=float) for name in ("visits", "sales"))
        leads = np.where(visits > 0, max(float(sums["leads"].sum()), float(visits.max(initial=0))), 0.0)
        return found | _shares("visit_rate", visits, leads) | _shares("sale_rate", np.minimum(sales, visits), visits)
    leads, cost = (_grouped(measured, span, by, groups, rate, seen, dealer) for rate in (0, 1))
    pooled = pool_rates(leads, cost, LEVEL)
    with np.errstate(divide="ignore", invalid="ignore"):
        told = {"cpl_pooled": 1 / pooled.mean, "cpl_low": 1 / pooled.high, "cpl_high": 1 / pooled.low}
    has_price = (cost > 0) & (leads > 0)
    found |= {name: np.where(has_price & np.isfinite(value), value, np.nan) for name, value in told.items()}
    for name, rate in _RATES.items():
        came, known = (_grouped(measured, span, by, groups, side, seen, dealer, rate) for side in (0, 1))
        found |= _shares(name, np.minimum(came, known), known)
    return found


def _shares(name: str, came: Weights, trials: Weights) -> dict[str, Weights]:
    """A group of which nothing is known is missing."""
    pooled = pool_shares(came, trials, LEVEL)
    values = {name: pooled.mean, f"{name}_low": pooled.low, f"{name}_high": pooled.high}
    return {slug: np.where(trials > 0, value, np.nan) for slug, value in values.items()}


def _grouped(
    measured: MeasuredRates,
    span: Span,
    by: By,
    groups: Sequence[str],
    side: int,
    seen: Visibility,
    dealer: str,
    rate: Rate = Rate.LEADS,
) -> Weights:
    """Events (0) or exposure (1) of months that tell enough, by group."""
    places, counts = measured.places, measured.counts
    is_asked = np.array([span.first <= each <= span.last for each in places.months]) & counts.is_ripe(rate)
    dealers = [(each == dealer if dealer else seen.is_everything or seen.sees_dealer(each)) for each in places.dealers]
    values = (counts.events(rate), counts.exposure(rate))[side]
    chosen = values * is_asked * np.array(dealers)[:, None, None]
    axes = {By.CHANNEL: (0, 2), By.DEALER: (1, 2), By.SEASON: (0, 1)}[by]
    names: Sequence[str] = {
        By.CHANNEL: places.channels, By.DEALER: places.dealers,
        By.SEASON: [f"{each.month:02}" for each in places.months],
    }[by]  # fmt: skip
    summed = pd.Series(chosen.sum(axis=axes), index=list(names)).groupby(level=0).sum()
    return summed.reindex(pd.Index(groups)).fillna(0.0).to_numpy(dtype=float)


def _answer(measured: MeasuredRates, span: Span | None, by: By, rows: pd.DataFrame, dealer: str) -> Answer:
    asked: dict[str, Any] = {"by": by.value, "dealer": dealer}
    if span:
        asked |= {"from": span.first.first.isoformat(), "to": span.last.last.isoformat()}
    totals = pd.DataFrame([rows[list(SUMS)].sum()])
    totals["cpl"] = totals["cost"] / totals["leads"].where(totals["leads"] > 0)
    counts = frozenset(each.slug for each in FIGURES if each.unit is Unit.COUNT)
    return Answer(
        "effectiveness", measured.run, (by.value,), FIGURES, rows, asked, records(totals, counts)[0], {"level": LEVEL}
    )
