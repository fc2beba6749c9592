"""Until when a stage has to be done, in days of the account's time zone.

Law: nobody is late on the day on which they were asked, nor on the next one, however late the plan was submitted.
"""

from datetime import date, timedelta

from planning.approval.process import Stage
from planning.plans import Plan

_AT_LEAST = timedelta(days=1)


def planned_deadline(stage: Stage, plan: Plan) -> date | None:
    """Before the stage opens; None where it is not known by then, or the stage has none."""
    if stage.days_before is None:
        return None
    return date(plan.year, plan.month or 1, 1) - timedelta(days=stage.days_before)


def deadline(stage: Stage, plan: Plan, opened_on: date) -> date | None:
    """The last day of a stage that opened on that day."""
    if stage.days_after_opening is not None:
        return opened_on + max(timedelta(days=stage.days_after_opening), _AT_LEAST)
    planned = planned_deadline(stage, plan)
    return max(planned, opened_on + _AT_LEAST) if planned else None
