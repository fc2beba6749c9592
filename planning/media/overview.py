"""The media plans of a month: one, or those of all dealers, with budgets, orders, spend and forecasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from attribution.visibility import EVERYTHING, Visibility
from planning.dimensions import DealerPlace, known_network
from planning.media.budget import ApprovedBudget, approved_budgets, budget_of
from planning.media.item_rows import committed_by_item, read_items
from planning.media.items import MediaItem
from planning.media.months import Month
from planning.media.plans import media_plan, media_plans_of
from planning.media.progress import PlanProgress, of_contractors, progress_of
from planning.media.rules import rules_in_force
from planning.media.spending import Spending, total_of


@dataclass(frozen=True)
class DealerMonth:
    """A dealer in a month; `progress` is None where nobody has begun a media plan. `spent` is in minor units."""

    dealer: DealerPlace
    budget: ApprovedBudget | None
    progress: PlanProgress | None
    spent: float


def month_overview(
    engine: Engine, month: Month, spending: Spending, today: date, *, dealer: str = "", seen: Visibility = EVERYTHING
) -> Sequence[DealerMonth]:
    """The dealers that are open in the month, in the order of the network. Contractors see where items are theirs."""
    with engine.connect() as connection:
        return overview_in(connection, month, spending, today, dealer=dealer, seen=seen)


def overview_in(
    connection: Connection,
    month: Month,
    spending: Spending,
    today: date,
    *,
    dealer: str = "",
    seen: Visibility = EVERYTHING,
) -> Sequence[DealerMonth]:
    """As `month_overview`, within a transaction."""
    network = known_network(connection, seen)
    budgets = approved_budgets(connection, month, dealer)
    progress = _progress(connection, month, budgets, spending, today, seen, dealer)
    places = [network.dealer(dealer)] if dealer else network.dealers
    found = [
        DealerMonth(
            place,
            budgets.get(place.id) if seen.contractors is None else None,
            progress.get(place.id),
            _spent(progress.get(place.id), spending, place.id, today, seen),
        )
        for place in places
        if place.is_open(month.year, month.month) or place.id in progress
    ]
    return found if seen.contractors is None else [each for each in found if each.progress]


def plan_progress(
    engine: Engine, key: int, spending: Spending, today: date, *, seen: Visibility = EVERYTHING
) -> PlanProgress:
    """Raises `NotFound`."""
    with engine.connect() as connection:
        plan = media_plan(connection, key, seen)
        rules, _number = rules_in_force(connection)
        items = read_items(connection, [key])
        committed = committed_by_item(connection, [key])
        budget = budget_of(connection, plan.dealer, plan.month)
    whole = progress_of(plan, items, budget, committed, spending, rules, today)
    return whole if seen.contractors is None else of_contractors(whole, seen.contractors)


def month_of_plan(engine: Engine, key: int, *, seen: Visibility = EVERYTHING) -> Month:
    """Raises `NotFound`."""
    with engine.connect() as connection:
        return media_plan(connection, key, seen).month


def _progress(
    connection: Connection,
    month: Month,
    budgets: Mapping[str, ApprovedBudget],
    spending: Spending,
    today: date,
    seen: Visibility,
    dealer: str,
) -> Mapping[str, PlanProgress]:
    plans = media_plans_of(connection, month, seen, dealer)
    keys = [plan.id for plan in plans]
    rules, _number = rules_in_force(connection)
    committed = committed_by_item(connection, keys)
    items: dict[int, list[MediaItem]] = {key: [] for key in keys}
    for item in read_items(connection, keys):
        items[item.plan].append(item)
    found = {}
    for plan in plans:
        whole = progress_of(plan, items[plan.id], budgets.get(plan.dealer), committed, spending, rules, today)
        told = whole if seen.contractors is None else of_contractors(whole, seen.contractors)
        if told.is_whole or told.items:
            found[plan.dealer] = told
    return found


def _spent(progress: PlanProgress | None, spending: Spending, dealer: str, today: date, seen: Visibility) -> float:
    if progress:
        return progress.spent
    if seen.contractors is not None:
        return 0.0
    lines = spending.lines.get(dealer, ())
    return total_of(figures for line in lines for day, figures in line.days.items() if day <= today).cost
