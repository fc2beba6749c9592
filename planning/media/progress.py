"""How a media plan stands: laid out, ordered, spent, and where it will end, by item and in all.

A warning is of a forecast that lies beyond the threshold, and of which the whole interval is on that side of the
budget: so that a few noisy days raise none. What is not laid out is not missed when it is not spent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import numpy as np

from planning.media.budget import ApprovedBudget
from planning.media.forecast import Forecast, forecast_end, together, weekday_weights
from planning.media.items import MediaItem
from planning.media.matching import Matched, match, total
from planning.media.money import in_words, shown
from planning.media.months import days_of
from planning.media.pacing import day_weights
from planning.media.plans import MediaPlan
from planning.media.rules import MediaRules
from planning.media.spending import Figures, Spending
from planning.split import Weights

_MONDAY = date(2024, 1, 1)
_WEEK = [_MONDAY + timedelta(days=number) for number in range(7)]
_ROUNDING = 0.5


class Trouble(StrEnum):
    OVERSPEND = "overspend"
    UNDERSPEND = "underspend"
    UNPLANNED = "unplanned"
    OVER_BUDGET = "over_budget"


@dataclass(frozen=True, slots=True)
class Warned:
    """Of an item, or of the whole plan where `item` is None. `difference` is in minor units, less than 0 below."""

    kind: Trouble
    item: int | None
    title: str
    difference: float
    percent: float | None

    def as_dict(self) -> dict[str, Any]:
        percent = None if self.percent is None else round(self.percent, 1)
        return {
            "kind": self.kind.value,
            "item": self.item,
            "title": self.title,
            "difference": shown(self.difference),
            "percent": percent,
        }


@dataclass(frozen=True, slots=True)
class ItemProgress:
    """`figures` are those until today; the forecast is None where the warehouse has told nothing yet."""

    item: MediaItem
    committed: int
    days: Mapping[date, Figures]
    figures: Figures
    forecast: Forecast | None

    def as_dict(self) -> dict[str, Any]:
        return self.item.as_dict() | {
            "committed": shown(self.committed),
            "spent": shown(self.figures.cost),
            "actual_impressions": self.figures.impressions,
            "actual_clicks": self.figures.clicks,
            "actual_leads": round(self.figures.leads, 2),
            "actual_cpl": cpl(self.figures),
            "forecast": self.forecast.as_dict() if self.forecast else None,
        }


@dataclass(frozen=True)
class PlanProgress:
    """Of what somebody sees: whoever sees their own items only is shown no budget, and nothing that is unplanned."""

    plan: MediaPlan
    budget: ApprovedBudget | None
    items: Sequence[ItemProgress]
    matched: Matched
    unplanned: Figures
    forecast: Forecast | None
    warnings: Sequence[Warned]
    is_whole: bool
    upto: date | None

    @property
    def laid_out(self) -> int:
        return sum(each.item.budget for each in self.items)

    @property
    def committed(self) -> int:
        return sum(each.committed for each in self.items)

    @property
    def spent(self) -> float:
        return sum(each.figures.cost for each in self.items) + self.unplanned.cost

    @property
    def leads(self) -> float:
        return sum(each.figures.leads for each in self.items) + self.unplanned.leads

    @property
    def rest(self) -> int | None:
        """What is not laid out; less than 0 where the items exceed a budget that was lowered."""
        return self.budget.amount - self.laid_out if self.budget else None

    def as_dict(self) -> dict[str, Any]:
        rest = self.rest
        return self.plan.as_dict() | {
            "budget": self.budget.as_dict() if self.budget else None,
            "laid_out": shown(self.laid_out),
            "not_laid_out": None if rest is None else shown(rest),
            "committed": shown(self.committed),
            "spent": shown(self.spent),
            "unplanned": shown(self.unplanned.cost),
            "leads": round(self.leads, 2),
            "forecast": self.forecast.as_dict() if self.forecast else None,
            "warnings": [each.as_dict() for each in self.warnings],
            "spent_upto": self.upto.isoformat() if self.upto else None,
            "items": [each.as_dict() for each in self.items],
        }


def progress_of(
    plan: MediaPlan,
    items: Sequence[MediaItem],
    budget: ApprovedBudget | None,
    committed: Mapping[int, int],
    spending: Spending,
    rules: MediaRules,
    today: date,
) -> PlanProgress:
    """Of the whole plan."""
    matched = match(items, spending.lines.get(plan.dealer, ()))
    found = [_of_item(item, committed.get(item.id, 0), matched, spending, today) for item in items]
    unplanned = total(matched.unplanned_days, today)
    forecasts = [each.forecast for each in found if each.forecast]
    if spending.upto and matched.unplanned:
        forecasts.append(_of_unplanned(matched, spending, plan, today))
    forecast = together(forecasts) if forecasts else None
    progress = PlanProgress(plan, budget, found, matched, unplanned, forecast, (), True, spending.upto)
    warnings = _warnings(progress, rules)
    return PlanProgress(plan, budget, found, matched, unplanned, forecast, warnings, True, spending.upto)


def cpl(figures: Figures) -> float | None:
    """In units of the currency."""
    return shown(figures.cost / figures.leads) if figures.leads > 0 else None


def _of_item(item: MediaItem, committed: int, matched: Matched, spending: Spending, today: date) -> ItemProgress:
    days = matched.days_of(item.id)
    forecast = _forecast(item, days, spending) if spending.upto else None
    return ItemProgress(item, committed, days, total(days, today), forecast)


def _forecast(item: MediaItem, days: Mapping[date, Figures], spending: Spending) -> Forecast:
    upto = spending.upto or item.first
    flight = days_of(item.first, item.last)
    week = weekday_weights(spending.weekdays.get(item.channel), day_weights(_WEEK, item.pacing))
    weights = np.array([week[day.weekday()] for day in flight])
    gone = sum(day <= upto for day in flight)
    costs = np.array([days[day].cost if day in days else 0.0 for day in flight[:gone]])
    outside = sum(each.cost for day, each in days.items() if day <= upto and not item.first <= day <= item.last)
    booked = sum(each.cost for day, each in days.items() if day > upto)
    planned = item.budget / float(weights.sum()) if weights.sum() else 0.0
    return forecast_end(costs, weights[:gone], weights[gone:], planned_pace=planned, booked=booked, outside=outside)


def _of_unplanned(matched: Matched, spending: Spending, plan: MediaPlan, today: date) -> Forecast:
    """It goes on as it went: nobody planned a pace."""
    days = matched.unplanned_days
    upto = spending.upto or today
    month = plan.month.days
    gone = sum(day <= upto for day in month)
    costs = np.array([days[day].cost if day in days else 0.0 for day in month[:gone]])
    pace = float(costs.mean()) if gone else 0.0
    ones: Weights = np.ones(len(month))
    booked = sum(each.cost for day, each in days.items() if day > upto)
    return forecast_end(costs, ones[:gone], ones[gone:], planned_pace=pace, booked=booked)


def _warnings(progress: PlanProgress, rules: MediaRules) -> list[Warned]:
    found = [
        warned
        for each in progress.items
        if each.forecast and (warned := _beyond(each.forecast, each.item.budget, rules, each.item.title, each.item.id))
    ]
    budget = progress.budget
    if progress.forecast and progress.items and budget:
        over = _beyond(progress.forecast, budget.amount, rules, "", None)
        under = _beyond(progress.forecast, min(budget.amount, progress.laid_out), rules, "", None)
        found += [over] if over and over.kind is Trouble.OVERSPEND else []
        found += [under] if under and under.kind is Trouble.UNDERSPEND else []
    if budget and progress.laid_out > budget.amount:
        found.append(Warned(Trouble.OVER_BUDGET, None, "", progress.laid_out - budget.amount, None))
    if progress.items and progress.unplanned.cost > rules.over_percent / 100 * max(progress.laid_out, 1):
        found.append(Warned(Trouble.UNPLANNED, None, "", progress.unplanned.cost, None))
    return sorted(found, key=lambda each: -abs(each.difference))


def _beyond(forecast: Forecast, budget: int, rules: MediaRules, title: str, item: int | None) -> Warned | None:
    difference = forecast.expected - budget
    percent = 100 * difference / budget if budget else None
    if forecast.low > budget + _ROUNDING and difference > rules.over_percent / 100 * budget:
        return Warned(Trouble.OVERSPEND, item, title, difference, percent)
    if forecast.high < budget - _ROUNDING and -difference > rules.under_percent / 100 * budget:
        return Warned(Trouble.UNDERSPEND, item, title, difference, percent)
    return None


def in_a_sentence(warned: Warned, currency: str) -> str:
    """In English, for lists that stand elsewhere."""
    amount = in_words(round(abs(warned.difference)), currency)
    what = warned.title or "the whole month"
    return {
        Trouble.OVERSPEND: f"{what} will end {amount} above its budget",
        Trouble.UNDERSPEND: f"{what} will end {amount} below its budget",
        Trouble.UNPLANNED: f"{amount} were spent on what is not planned",
        Trouble.OVER_BUDGET: f"the items exceed the approved budget by {amount}",
    }[warned.kind]


def of_contractors(progress: PlanProgress, contractors: frozenset[str]) -> PlanProgress:
    """What these contractors see of it: their items, and nothing of others."""
    items = [each for each in progress.items if each.item.contractor in contractors]
    keys = {each.item.id for each in items}
    forecasts = [each.forecast for each in items if each.forecast]
    warnings = [each for each in progress.warnings if each.item in keys]
    matched = Matched({key: days for key, days in progress.matched.of_items.items() if key in keys})
    forecast = together(forecasts) if forecasts else None
    return PlanProgress(progress.plan, None, items, matched, Figures(), forecast, warnings, False, progress.upto)
