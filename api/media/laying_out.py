"""Laying a media plan out: its approved budget over its items, or over those that spend before proposes."""

from collections.abc import Mapping

from api.bootstrap import Services
from api.viewer import Viewer
from infra.errors import InvalidInput
from planning.media.budget import budget_of
from planning.media.item_rows import committed_by_item, read_items
from planning.media.layout import LayOut, lay_out
from planning.media.plans import MediaPlan, media_plan


def laid_out(
    services: Services, viewer: Viewer, key: int, by: LayOut, weights: Mapping[int, float], based_on: int
) -> MediaPlan:
    """Kept as a change of its own. Raises `InvalidInput`, `NotFound`, and `Conflict`."""
    with services.database.connect() as connection:
        plan = media_plan(connection, key, viewer.seen)
        budget = budget_of(connection, plan.dealer, plan.month)
        items, committed = read_items(connection, [key]), committed_by_item(connection, [key])
    if budget is None:
        raise InvalidInput(
            f"No budget of {plan.dealer} for {plan.month} is approved.",
            where="items",
            help="Have the plan of the month or of the year approved first: then it can be laid out.",
        )
    told = lay_out(
        budget.amount,
        items,
        services.spending(plan.month),
        plan.dealer,
        plan.month,
        by=by,
        currency=plan.currency,
        weights=weights,
        committed=committed,
    )
    return services.media_plans.put(
        key, told, based_on=based_on, author=viewer.name, why=by.value, kind="layout", seen=viewer.seen
    )
