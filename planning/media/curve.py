"""A media plan day by day: what was to be spent up to each day, and what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

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


def curve_of(progress: PlanProgress) -> Sequence[PlanDay]:
    """Of the whole month; what is unplanned is in it, as far as it is seen."""
    planned: dict[date, int] = {}
    for each in progress.items:
        item = each.item
        for day, part in daily_plan(item.budget, item.first, item.last, item.pacing).items():
            planned[day] = planned.get(day, 0) + part
    actual = added([*(each.days for each in progress.items), progress.matched.unplanned_days])
    found, so_far, spent = [], 0, 0.0
    for day in progress.plan.month.days:
        figures = actual.get(day, Figures())
        so_far += planned.get(day, 0)
        spent += figures.cost
        found.append(PlanDay(day, planned.get(day, 0), so_far, figures, spent))
    return found
