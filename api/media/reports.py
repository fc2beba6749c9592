"""Media plans as reports that are exported: a row a dealer, or a row an item."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from attribution.answer import Answer, records
from attribution.measures import Measure, Unit
from planning.media.months import Month
from planning.media.overview import DealerMonth
from planning.media.progress import ItemProgress

_MONEY = (
    Measure("budget", "Approved budget", Unit.MONEY),
    Measure("laid_out", "Laid out", Unit.MONEY),
    Measure("not_laid_out", "Not laid out", Unit.MONEY),
    Measure("committed", "Ordered", Unit.MONEY),
    Measure("spent", "Spent", Unit.MONEY),
    Measure("unplanned", "Spent unplanned", Unit.MONEY),
)
_FORECAST = (
    Measure("forecast", "Forecast of month end", Unit.MONEY),
    Measure("forecast_low", "Forecast from", Unit.MONEY),
    Measure("forecast_high", "Forecast to", Unit.MONEY),
)
_RESULTS = (Measure("leads", "Leads", Unit.COUNT), Measure("cpl", "CPL", Unit.MONEY))
OF_DEALERS = (
    *_MONEY, *_FORECAST, *_RESULTS, Measure("warnings", "Warnings", Unit.COUNT),
    Measure("plan", "Number of the media plan", Unit.COUNT),
)  # fmt: skip
OF_ITEMS = (
    Measure("budget", "Budget", Unit.MONEY),
    Measure("committed", "Ordered", Unit.MONEY),
    Measure("spent", "Spent", Unit.MONEY),
    *_FORECAST,
    Measure("expected_leads", "Expected leads", Unit.COUNT),
    Measure("expected_cpl", "Expected CPL", Unit.MONEY),
    *_RESULTS,
)
_DEALER_NAMES = ("dealer", "name", "brand", "state", "currency")
_ITEM_NAMES = ("dealer", "channel", "campaign", "contractor", "flight_from", "flight_to", "pacing", "currency")


def dealers_report(month: Month, found: Sequence[DealerMonth], asked: dict[str, Any]) -> Answer:
    rows = [_dealer_row(each) for each in found]
    return _answer("media-plans", _DEALER_NAMES, OF_DEALERS, rows, month, asked)


def items_report(month: Month, found: Sequence[DealerMonth], asked: dict[str, Any]) -> Answer:
    rows = [_item_row(item, each) for each in found if each.progress for item in each.progress.items]
    return _answer("media-plan-items", _ITEM_NAMES, OF_ITEMS, rows, month, asked)


def _answer(
    subject: str,
    names: tuple[str, ...],
    figures: tuple[Measure, ...],
    rows: list[dict[str, Any]],
    month: Month,
    asked: dict[str, Any],
) -> Answer:
    slugs = [figure.slug for figure in figures]
    frame = pd.DataFrame(rows, columns=[*names, *slugs]).astype(dict.fromkeys(slugs, float))
    days = {"month": str(month), "from": month.first.isoformat(), "to": month.last.isoformat()}
    return Answer(subject, None, names, figures, frame, asked | days, _totals(frame, slugs, figures))


def _totals(frame: pd.DataFrame, slugs: list[str], figures: tuple[Measure, ...]) -> dict[str, Any]:
    """A ratio, an interval or a number is not the sum of those above; nor is money of several currencies."""
    if frame["currency"].nunique() > 1:
        return {}
    sums = frame[slugs].sum()
    cost, leads = float(sums["spent"]), float(sums["leads"])
    sums["cpl"] = cost / leads if leads else None
    told = pd.DataFrame([sums]).drop(columns=[slug for slug in _NOT_SUMMED if slug in slugs])
    return records(told, frozenset(each.slug for each in figures if each.unit is Unit.COUNT))[0]


_NOT_SUMMED = ("forecast_low", "forecast_high", "plan", "expected_cpl")


def _dealer_row(found: DealerMonth) -> dict[str, Any]:
    progress, budget = found.progress, found.budget
    leads = progress.leads if progress else None
    forecast = progress.forecast if progress else None
    return {
        "dealer": found.dealer.id,
        "name": found.dealer.shown_name,
        "brand": found.dealer.brand,
        "state": progress.plan.state.value if progress else "",
        "currency": progress.plan.currency if progress else budget.currency if budget else "",
        "budget": _money(budget.amount if budget else None),
        "laid_out": _money(progress.laid_out if progress else 0),
        "not_laid_out": _money(progress.rest if progress else budget.amount if budget else None),
        "committed": _money(progress.committed if progress else 0),
        "spent": _money(found.spent),
        "unplanned": _money(progress.unplanned.cost if progress else found.spent),
        "forecast": _money(forecast.expected if forecast else None),
        "forecast_low": _money(forecast.low if forecast else None),
        "forecast_high": _money(forecast.high if forecast else None),
        "leads": leads,
        "cpl": found.spent / leads / 100 if leads else None,
        "warnings": len(progress.warnings) if progress else 0,
        "plan": progress.plan.id if progress else None,
    }


def _item_row(told: ItemProgress, of: DealerMonth) -> dict[str, Any]:
    item, figures, forecast = told.item, told.figures, told.forecast
    return {
        "dealer": of.dealer.id,
        "channel": item.channel,
        "campaign": item.campaign,
        "contractor": item.contractor,
        "flight_from": item.first.isoformat(),
        "flight_to": item.last.isoformat(),
        "pacing": item.pacing.value,
        "currency": of.progress.plan.currency if of.progress else "",
        "budget": _money(item.budget),
        "committed": _money(told.committed),
        "spent": _money(figures.cost),
        "forecast": _money(forecast.expected if forecast else None),
        "forecast_low": _money(forecast.low if forecast else None),
        "forecast_high": _money(forecast.high if forecast else None),
        "expected_leads": item.leads,
        "expected_cpl": _money(item.cpl),
        "leads": figures.leads,
        "cpl": figures.cost / figures.leads / 100 if figures.leads > 0 else None,
    }


def _money(minor: float | None) -> float | None:
    return None if minor is None else round(minor / 100, 2)
