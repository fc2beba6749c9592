"""What the warehouse knows of a month, found once for all who ask: everybody is shown their part of it alone."""

from datetime import date

from api.bootstrap import Services
from attribution.visibility import Visibility
from planning.media.months import Month, month_of, read_month
from planning.media.overview import DealerMonth, month_of_plan, month_overview, plan_progress
from planning.media.progress import PlanProgress


def asked_month(text: str, today: date) -> Month:
    """This month unless said. Raises `InvalidInput`."""
    return read_month(text) if text else month_of(today)


def overview_of(services: Services, seen: Visibility, month: Month, dealer: str = "") -> list[DealerMonth]:
    spending = services.spending(month)
    return list(month_overview(services.database, month, spending, services.today, dealer=dealer, seen=seen))


def progress_of_plan(services: Services, seen: Visibility, key: int) -> PlanProgress:
    """Raises `NotFound`."""
    month = month_of_plan(services.database, key, seen=seen)
    return plan_progress(services.database, key, services.spending(month), services.today, seen=seen)
