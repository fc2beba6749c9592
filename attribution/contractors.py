"""Contractors: what each cost in media and fees, what it was allocated, and what of that is more than chance.

Beside each raw figure stands the pooled one (`attribution.pooling`): leads, sales and margin for the money are
gamma-Poisson, the share of leads that became sales is beta-binomial. Contractors are pooled with each other, months
with those of the same month. Two contractors in one journey share its credit as the model says; rows `(none)` and
`(no touch)` hold the rest, so that all rows add up to the CRM's totals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from attribution.answer import Answer, Period
from attribution.credit import credit_by
from attribution.intervals import rate_interval, share_interval, sum_interval
from attribution.measures import MEASURES, Measure, Unit
from attribution.models import Model
from attribution.pooling import Pooled, pool_rates, pool_shares
from attribution.reference import reference_document
from attribution.reference_document import Contractor
from attribution.reports import NONE, Question, romi_report
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "comparisons")

GROUPINGS = (("contractor",), ("contractor", "month"))
NOBODYS = (NONE, "(no touch)")
_BY_SLUG = {measure.slug: measure for measure in MEASURES}
_RAW = ("leads", "qualified", "visits", "sales", "revenue", "margin")
POOLED = ("cpl", "cps", "cr_lead_sale", "romi")
_COSTS_PER = {"cpl": "leads", "cps": "sales"}
_CLAIMS = (
    Measure("claimed_budget", "Budget claimed", Unit.MONEY),
    Measure("measured_budget", "Cost on the days claimed", Unit.MONEY),
    Measure("claimed_romi", "ROMI claimed", Unit.SHARE),
    Measure("measured_romi", "ROMI on the days claimed", Unit.SHARE),
)


def _figures(measure: Measure) -> tuple[Measure, ...]:
    slug, title, unit = measure.slug, measure.title, measure.unit
    return (
        measure,
        Measure(f"{slug}_low", f"{title}, from", unit),
        Measure(f"{slug}_high", f"{title}, to", unit),
        Measure(f"{slug}_pooled", f"{title}, pooled", unit),
        Measure(f"{slug}_pooled_low", f"{title}, pooled, from", unit),
        Measure(f"{slug}_pooled_high", f"{title}, pooled, to", unit),
    )


FIGURES = (
    _BY_SLUG["cost"],
    Measure("media", "Media", Unit.MONEY),
    Measure("fees", "Fees", Unit.MONEY),
    *(_BY_SLUG[slug] for slug in _RAW),
    Measure("cohort_leads", "Leads of the period", Unit.COUNT),
    Measure("cohort_sales", "of these bought", Unit.COUNT),
    *(figure for slug in POOLED for figure in _figures(_BY_SLUG[slug])),
)


@dataclass(frozen=True, slots=True)
class ContractorQuestion:
    """By contractor, or by contractor and month. Raises `InvalidInput` for another grouping."""

    period: Period
    by: tuple[str, ...] = ("contractor",)
    model: Model = Model.LAST_NON_DIRECT

    def __post_init__(self) -> None:
        if self.by not in GROUPINGS:
            raise InvalidInput(
                f"Contractors are not grouped by {','.join(self.by)!r}.",
                where="by",
                help="Choose contractor, or contractor,month.",
            )

    def as_dict(self) -> dict[str, Any]:
        return {
            "by": list(self.by),
            "model": self.model,
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
        }


def contractor_report(
    warehouse: Warehouse,
    engine: Engine,
    question: ContractorQuestion,
    timezone: str,
    *,
    seen: Visibility = EVERYTHING,
) -> Answer:
    """A row a contractor, the largest cost first, or a row a month of each.

    Contractors that are not seen have a part in pooled figures alone. Whoever sees some dealers only is told what these
    cost and were brought, and no claims, which are of all dealers. Raises `NotReady` where nothing was attributed yet.
    """
    first, last = question.period.first_day, question.period.last_day
    asked = Question(question.by, first, last, question.model)
    of_all = replace(seen, contractors=None)
    report = romi_report(warehouse, asked, timezone, seen=of_all)
    parameters = {
        "run": report.run_read.number, "timezone": timezone, "from": first, "to": last, "by": "contractor",
        "then_by": question.by[1] if len(question.by) > 1 else "everything",
        **credit_by(warehouse, report.run_read.number, question.model), **of_all.parameters,
    }  # fmt: skip
    keys = list(question.by)
    rows = report.rows[[*keys, "cost", *_RAW]]
    costs = (
        warehouse.frame(_SQL["contractor_costs"], parameters)
        if of_all.is_everything
        else _shared_costs(warehouse, asked, timezone, of_all)
    )
    leads = warehouse.frame(_SQL["contractor_leads"], parameters)
    for found, columns in ((costs, ["media", "fees"]), (leads, _COHORT)):
        part = found.reindex(columns=["contractor", "month", *columns])
        part = part.astype(dict.fromkeys(keys, object) | dict.fromkeys(columns, float))
        rows = rows.merge(part.groupby(keys, as_index=False)[columns].sum(), on=keys, how="left")
    squares = warehouse.frame(_SQL["margin_squares"], parameters).reindex(columns=["by", "then_by", "squares"])
    squares = squares.rename(columns=dict(zip(("by", "then_by"), keys, strict=False)))[[*keys, "squares"]]
    rows = rows.merge(squares.astype(dict.fromkeys(keys, object) | {"squares": float}), on=keys, how="left")
    rows = _measured(rows.fillna(dict.fromkeys(("media", "fees", *_COHORT, "squares"), 0.0)))
    rows = rows[rows["contractor"].map(seen.sees_contractor).astype(bool)]
    if "month" in keys:
        rows = rows.sort_values(keys)
    owners = [owner for owner in reference_document(engine).contractors if seen.sees_contractor(owner.id)]
    names = {owner.id: owner.name for owner in owners}
    rows.insert(1, "name", rows["contractor"].map(lambda contractor: names.get(contractor, "")))
    figures = FIGURES
    if question.by == ("contractor",):
        rows = _with_claims(warehouse, rows, owners if seen.dealers is None else (), question.model, timezone)
        figures = (*FIGURES, *_CLAIMS)
    shown = ("contractor", "name", *question.by[1:])
    rows = rows[[*shown, *(figure.slug for figure in figures)]].reset_index(drop=True)
    whole = report if seen == of_all else romi_report(warehouse, asked, timezone, seen=seen)
    totals = {slug: whole.totals[slug] for slug in ("cost", *_RAW, "cpl", "cps", "romi")}
    totals |= {slug: float(rows[slug].sum()) for slug in ("media", "fees", *_COHORT)}
    about = {"contractors": _together(rows)}
    return Answer("contractors", report.run, shown, figures, rows, question.as_dict(), totals, about)


def _together(rows: pd.DataFrame) -> dict[str, float | None]:
    """The measures of all contractors as if they were one, without what is nobody's."""
    sums = rows[~rows["contractor"].isin(NOBODYS)][["cost", *_RAW, *_COHORT]].astype(float).sum().to_frame().T
    found = {slug: _BY_SLUG[slug].of_rows(sums).iloc[0] for slug in (*_COSTS_PER, "romi")}
    found["cr_lead_sale"] = _over(sums["cohort_sales"], sums["cohort_leads"]).iloc[0]
    return {slug: None if pd.isna(value) else round(float(value), 9) for slug, value in found.items()}


def _shared_costs(warehouse: Warehouse, asked: Question, timezone: str, seen: Visibility) -> pd.DataFrame:
    """Media and fees of the dealers that are seen, with their shares of what names no dealer."""
    by_part = replace(asked, by=("contractor", "month", "part"), measures=("cost",))
    rows = romi_report(warehouse, by_part, timezone, seen=seen).rows
    is_fee = rows["part"] == "fees"
    return rows.assign(fees=rows["cost"].where(is_fee, 0.0), media=rows["cost"].where(~is_fee, 0.0))


_COHORT = ["cohort_leads", "cohort_sales"]


def _measured(rows: pd.DataFrame) -> pd.DataFrame:
    """With raw and pooled figures and their intervals; pooled are contractors of the same month with each other."""
    cost, margin = rows["cost"].astype(float), rows["margin"].astype(float)
    columns: dict[str, Any] = {}
    for slug, count in _COSTS_PER.items():
        low, high = rate_interval(rows[count], cost)
        columns |= _named(slug, (_over(cost, rows[count]), _over(1.0, high), _over(1.0, low)))
    leads, sales = rows["cohort_leads"], rows["cohort_sales"]
    columns |= _named("cr_lead_sale", (_over(sales, leads), *share_interval(sales, leads)))
    low, high = sum_interval(margin, rows["squares"])
    columns |= _named("romi", tuple(_over(part, cost) - 1 for part in (margin, low, high)))
    measured = rows.assign(**columns)
    told = measured[~measured["contractor"].isin(NOBODYS)]
    months = [part for _, part in told.groupby("month")] if "month" in told else [told]
    pooled = pd.concat([_pooled(month) for month in months]) if months else _pooled(told)
    return measured.join(pooled)


def _pooled(rows: pd.DataFrame) -> pd.DataFrame:
    """Of contractors that cost something; margins are counted in units of the scatter of a compound Poisson sum."""
    cost, margin = rows["cost"].to_numpy(float), np.maximum(rows["margin"].to_numpy(float), 0)
    unit = float(rows["squares"].sum() / margin.sum()) if margin.sum() else 1.0
    columns: dict[str, Any] = {}
    for slug, count in _COSTS_PER.items():
        rates = _where_it_costs(pool_rates(rows[count], cost), cost)
        columns |= _named(f"{slug}_pooled", (1 / rates.mean, _over(1.0, rates.high), _over(1.0, rates.low)))
    shares = pool_shares(rows["cohort_sales"], rows["cohort_leads"])
    columns |= _named("cr_lead_sale_pooled", (shares.mean, shares.low, shares.high))
    returns = _where_it_costs(pool_rates(margin / unit, cost / unit), cost)
    columns |= _named("romi_pooled", (returns.mean - 1, returns.low - 1, returns.high - 1))
    return pd.DataFrame(columns, index=rows.index)


def _where_it_costs(pooled: Pooled, cost: Any) -> Pooled:
    mean, low, high = (np.where(cost > 0, part, np.nan) for part in (pooled.mean, pooled.low, pooled.high))
    return Pooled(mean, low, high, pooled.centre, pooled.spread)


def _named(slug: str, parts: Sequence[Any]) -> Mapping[str, Any]:
    return dict(zip((slug, f"{slug}_low", f"{slug}_high"), parts, strict=True))


def _over(above: Any, below: Any) -> Any:
    """Missing where there is nothing below."""
    return above / np.where(np.asarray(below) != 0, below, np.nan)


def _with_claims(
    warehouse: Warehouse, rows: pd.DataFrame, owners: Sequence[Contractor], model: Model, timezone: str
) -> pd.DataFrame:
    """What contractors claim, beside what was measured on the days that each claims."""
    claims: list[dict[str, Any]] = []
    for first, last in sorted({days for owner in owners if (days := _claimed_days(owner))}):
        report = romi_report(warehouse, Question(("contractor",), first, last, model), timezone)
        measured = report.rows.set_index("contractor")[["cost", "romi"]]
        for owner in owners:
            if _claimed_days(owner) == (first, last):
                cost, romi = measured.loc[owner.id] if owner.id in measured.index else (0.0, np.nan)
                budget = None if owner.claimed_budget is None else float(owner.claimed_budget)
                values = (owner.id, budget, cost, owner.claimed_romi, romi)
                claims.append(dict(zip(("contractor", *(figure.slug for figure in _CLAIMS)), values, strict=True)))
    told = pd.DataFrame(claims, columns=["contractor", *(figure.slug for figure in _CLAIMS)])
    slugs = [figure.slug for figure in _CLAIMS]
    return rows.merge(told.astype(dict.fromkeys(slugs, float)), on="contractor", how="left")


def _claimed_days(owner: Contractor) -> tuple[date, date] | None:
    return (owner.claimed_from, owner.claimed_to) if owner.claimed_from and owner.claimed_to else None
