"""What figures of reports were to be: by the plans that are approved."""

from collections.abc import Mapping

import pandas as pd

from api.bootstrap import Services
from attribution.answer import Period
from attribution.formulas import names_in
from attribution.measures import MEASURES, SUMS
from attribution.visibility import Visibility
from planning.in_force import planned_between, planned_by_dealer


def planned_of(
    services: Services, seen: Visibility, period: Period, dealers: frozenset[str] | None = None
) -> Mapping[str, float]:
    """What is planned of each figure in the period; nothing where a month of it has no approved plan."""
    with services.database.connect() as connection:
        planned = planned_between(
            connection,
            period.first_day,
            period.last_day,
            services.settings.currency,
            dealers=dealers,
            seen=seen,
        )
    if not planned.is_there or seen.contractors is not None:
        return {}
    sums = pd.DataFrame([dict.fromkeys(SUMS, 0.0) | dict(planned.figures)])
    known = {*planned.figures}
    ratios = {
        each.slug: float(value)
        for each in MEASURES
        if not each.is_sum and names_in(each.over_sums) <= known and pd.notna(value := each.of_rows(sums).iloc[0])
    }
    return {**planned.figures, **ratios}


def sales_planned_by_dealer(services: Services, seen: Visibility, period: Period) -> Mapping[str, float]:
    """Of dealers that have any; nothing where a month of the period has no approved plan."""
    if seen.contractors is not None:
        return {}
    with services.database.connect() as connection:
        planned, missing = planned_by_dealer(
            connection, period.first_day, period.last_day, services.settings.currency, seen=seen
        )
    return {} if missing else {dealer: told["sales"] for dealer, told in planned.items() if told.get("sales")}
