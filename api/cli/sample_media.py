"""Media plans of the sample holding: what dealers spend in a month, laid out and approved, and an event."""

from dataclasses import replace
from datetime import timedelta

from api.bootstrap import Services
from planning.calendar.events import EventKind, ToldEvent
from planning.media.budget import approved_budgets, budget_of
from planning.media.items import ToldItem
from planning.media.layout import expected, proposed
from planning.media.measured import measured_channels
from planning.media.money import MINOR
from planning.media.months import Month, month_of
from planning.media.parts import in_parts
from planning.media.plans import Step
from planning.media.spending import HISTORY_DAYS as _DAYS

_SAMPLE = "sample"


def lay_out_the_sample(services: Services) -> None:
    """Dealers without a budget have no plan."""
    month = month_of(services.today)
    with services.database.connect() as connection:
        budgets = approved_budgets(connection, month)
    for dealer, budget in budgets.items():
        if budget.amount:
            lay_out_dealer(services, dealer)
    if budgets:
        sale = ToldEvent("Season sale", EventKind.PROMOTION, month.last - timedelta(days=6), month.last)
        services.calendar_events.add(sale, author=_SAMPLE)


def lay_out_dealer(services: Services, dealer: str) -> None:
    """The dealer's media plan of this month, approved: items have the pace of the three months before.

    The rest of the budget is for campaigns of the whole holding. It stays as it is where somebody has gone on with it.
    """
    month, currency = month_of(services.today), services.settings.currency
    plan = services.media_plans.open(dealer, month, author=_SAMPLE, currency=currency)
    if not plan.is_open:
        return
    told = _items(services, dealer, month)
    if not told:
        return
    plan = services.media_plans.put(plan.id, told, based_on=plan.revision, author=_SAMPLE)
    for step in (Step.SUBMIT, Step.APPROVE):
        plan = services.media_plans.step(plan.id, step, based_on=plan.revision, author=_SAMPLE)


def _items(services: Services, dealer: str, month: Month) -> list[ToldItem]:
    spending = services.spending(month)
    measured = measured_channels(spending, dealer)
    told = proposed(spending, dealer, month)
    with services.database.connect() as connection:
        budget = budget_of(connection, dealer, month)
    costs: dict[tuple[str, str], float] = {}
    for line in spending.before.get(dealer, ()):
        key = line.channel, line.contractor
        costs[key] = costs.get(key, 0.0) + line.total.cost
    paces = [round(costs[item.channel, item.contractor] * len(month.days) / _DAYS) for item in told]
    most = budget.amount if budget else 0
    whole = in_parts(min(sum(paces), most), paces, MINOR) if any(paces) else paces
    return [expected(replace(item, budget=part), measured) for item, part in zip(told, whole, strict=True)]
