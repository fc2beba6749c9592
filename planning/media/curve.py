"""A media plan day by day: what was to be spent up to each day, and what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from infra.errors import NotFound
from planning.media.matching import added
from planning.media.money import shown
from planning.media.pacing import daily_plan
from planning.media.progress import PlanProgress
from planning.media.spending import Figures


@dataclass(frozen=True, slots=True)
class PlanDay:
    """In minor units; `planned_so_far` and `spent_so_far` are running sums."""

    day: date
    planned: int
    planned_so_far: int
    figures: Figures
    spent_so_far: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "planned": shown(self.planned),
            "planned_so_far": shown(self.planned_so_far),
            "cost": shown(self.figures.cost),
            "cost_so_far": shown(self.spent_so_far),
            "impressions": self.figures.impressions,
            "clicks": self.figures.clicks,
            "leads": round(self.figures.leads, 2),
        }


def curve_of(progress: PlanProgress, item: int | None = None) -> Sequence[PlanDay]:
    """Of the whole month, or of one item; what is unplanned is in the whole, as far as it is seen.

    Raises `NotFound`.
    """
    items = [each for each in progress.items if item in (None, each.item.id)]
    if item is not None and not items:
        raise NotFound(f"This media plan has no item {item}.", where="item", help="The plan lists them.")
    planned: dict[date, int] = {}
    for each in items:
        told = each.item
        for day, part in daily_plan(told.budget, told.first, told.last, told.pacing).items():
            planned[day] = planned.get(day, 0) + part
    unplanned = [progress.matched.unplanned_days] if item is None else []
    actual = added([*(each.days for each in items), *unplanned])
    found, so_far, spent = [], 0, 0.0
    for day in progress.plan.month.days:
        figures = actual.get(day, Figures())
        so_far += planned.get(day, 0)
        spent += figures.cost
        found.append(PlanDay(day, planned.get(day, 0), so_far, figures, spent))
    return found
