"""A scenario as a media plan: an item a channel, for its dealer and month, within the approved budget."""

from dataclasses import dataclass

from sqlalchemy import Engine

from attribution.visibility import EVERYTHING, Visibility
from infra.errors import Conflict, InvalidInput
from planning.calculator.scenarios import Scenario
from planning.media.budget import budget_of
from planning.media.items import ToldItem
from planning.media.money import MINOR, in_words
from planning.media.parts import in_parts
from planning.media.plans import MediaPlan, MediaPlans


@dataclass(frozen=True, slots=True)
class LaidOut:
    """`replaced` is how many items there were before."""

    plan: MediaPlan
    replaced: int


def lay_out_scenario(
    engine: Engine,
    media_plans: MediaPlans,
    scenario: Scenario,
    *,
    author: str,
    currency: str,
    replaces: bool = False,
    seen: Visibility = EVERYTHING,
) -> LaidOut:
    """The draft of the dealer's month gets these items; those that are there only make way where that is said.

    Raises `InvalidInput` where the scenario has no dealer or no budget, or the approved budget does not cover it,
    `NotFound`, and `Conflict` where the media plan is no draft or has items.
    """
    items = _items(scenario)
    _check_budget(engine, scenario, sum(item.budget for item in items))
    plan = media_plans.open(scenario.dealer, scenario.month, author=author, currency=currency, seen=seen)
    before = media_plans.items(plan.id, seen=seen)
    if before and not replaces:
        raise Conflict(
            f"The media plan of {scenario.dealer} for {scenario.month} has {len(before)} items already,"
            f" of {in_words(sum(item.budget for item in before), plan.currency)}.",
            where="replaces",
            help="Say that they are to be replaced, or keep them and choose another month.",
        )
    why = f"scenario {scenario.id}: {scenario.name}"
    put = media_plans.put(plan.id, items, based_on=plan.revision, author=author, why=why, kind="layout", seen=seen)
    return LaidOut(put, len(before))


def _items(scenario: Scenario) -> list[ToldItem]:
    if not scenario.dealer:
        raise InvalidInput(
            "This scenario is of several dealers, and a media plan is of one.",
            where="dealer",
            help="Choose a dealer in the calculator, and keep a scenario of it.",
        )
    bought = [each for each in scenario.answer["channels"] if (each["budget"] or 0) > 0]
    total = round(sum(each["budget"] for each in bought) * MINOR)
    if total <= 0:
        raise InvalidInput(
            "This scenario spends nothing: there is nothing to lay out.",
            where="budget",
            help="Want more sales, or give a budget.",
        )
    parts = in_parts(total, [each["budget"] for each in bought], MINOR)
    return [
        ToldItem(
            each["channel"],
            part,
            scenario.month.first,
            scenario.month.last,
            leads=round(part / MINOR / each["cpl"]) if each["cpl"] else None,
            cpl_of="dealer" if each["cpl"] and "cpl" not in each["held"] else "",
        )
        for each, part in zip(bought, parts, strict=True)
        if part > 0
    ]


def _check_budget(engine: Engine, scenario: Scenario, total: int) -> None:
    """Before a draft is begun that would stay empty."""
    with engine.connect() as connection:
        budget = budget_of(connection, scenario.dealer, scenario.month)
    if budget is None:
        raise InvalidInput(
            f"No budget of {scenario.dealer} for {scenario.month} is approved.",
            where="budget",
            help="Put the budget of the scenario into the plan of the year or of the month, and have that approved.",
        )
    if budget.currency != scenario.currency:
        raise InvalidInput(
            f"The approved budget is in {budget.currency}, and the scenario in {scenario.currency}.",
            where="currency",
            help="Have the plan amended in the same currency: amounts of two currencies are not mixed.",
        )
    if total > budget.amount:
        raise InvalidInput(
            f"The scenario spends {in_words(total, budget.currency)}, and"
            f" {in_words(budget.amount, budget.currency)} are approved.",
            where="budget",
            help=f"Have {in_words(total - budget.amount, budget.currency)} more approved in {budget.plan_name!r},"
            " or lower the budget of the scenario.",
        )
