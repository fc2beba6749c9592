"""Media plans of the sample holding: this month's budgets, laid out and approved, and what its calendar has besides."""

from datetime import timedelta

from api.bootstrap import Services
from api.media.laying_out import laid_out
from api.viewer import Viewer
from infra.access.rights import EVERY_RIGHT
from infra.errors import InvalidInput
from planning.calendar.events import EventKind, ToldEvent
from planning.media.budget import approved_budgets
from planning.media.layout import LayOut
from planning.media.months import month_of
from planning.media.plans import Step

_SAMPLE = Viewer("sample", EVERY_RIGHT)


def lay_out_the_sample(services: Services) -> None:
    """By what was spent in the three months before; dealers without a budget, or without spend, have no plan."""
    month = month_of(services.today)
    with services.database.connect() as connection:
        budgets = approved_budgets(connection, month)
    for dealer, budget in budgets.items():
        if budget.amount:
            lay_out_dealer(services, dealer)
    if budgets:
        sale = ToldEvent("Season sale", EventKind.PROMOTION, month.last - timedelta(days=6), month.last)
        services.calendar_events.add(sale, author=_SAMPLE.name)


def lay_out_dealer(services: Services, dealer: str) -> None:
    """The dealer's media plan of this month, approved."""
    month, currency = month_of(services.today), services.settings.currency
    plan = services.media_plans.open(dealer, month, author=_SAMPLE.name, currency=currency)
    try:
        plan = laid_out(services, _SAMPLE, plan.id, LayOut.SPEND, {}, plan.revision)
    except InvalidInput:
        return
    for step in (Step.SUBMIT, Step.APPROVE):
        plan = services.media_plans.step(plan.id, step, based_on=plan.revision, author=_SAMPLE.name)
