"""Forecasts beside the plans that are approved: how likely each is met."""

from collections.abc import Iterable, Mapping
from math import erf, isnan, sqrt

import numpy as np
from sqlalchemy import Connection

from attribution.visibility import EVERYTHING, Visibility
from planning.forecast.outlook import Series
from planning.in_force import planned_cells
from planning.measures import PLANNED
from planning.media.months import Month
from planning.response.curves import Numbers

_NORMAL = 1.2816
"""How many deviations from the middle an interval of 80% ends."""


def plans_beside(
    connection: Connection,
    measures: Iterable[str],
    months: tuple[Month, ...],
    series: tuple[Series, ...],
    *,
    seen: Visibility = EVERYTHING,
) -> dict[Series, Numbers]:
    """What is planned of each series, by month; NaN where no approved plan says anything of it."""
    at = {(month.year, month.month): place for place, month in enumerate(months)}
    found: dict[Series, Numbers] = {}
    for measure in measures:
        if measure not in PLANNED:
            continue
        for (dealer, direction, *when), value in planned_cells(connection, measure, list(at), seen=seen).items():
            place = at[when[0], when[1]]
            for key in {Series(measure, *names) for names in _sums(dealer, direction)}:
                own = found.setdefault(key, np.full(len(months), np.nan))
                own[place] = value + (0 if isnan(own[place]) else own[place])
    return {key: own for key, own in found.items() if key in set(series)}


def _sums(dealer: str, direction: str) -> tuple[tuple[str, str], ...]:
    """What a cell of a plan counts for; one that names no direction counts for none."""
    return (dealer, direction), (dealer, ""), ("", direction), ("", "")


def chance_of(plan: float, mean: float, low: float, high: float) -> float | None:
    """How likely at least `plan` comes, errors being spread as the interval says, below the mean and above it.

    None where nothing is planned. Chances are told from 0.01 to 0.99: intervals know no more.
    """
    if isnan(plan):
        return None
    if plan <= 0:
        return 0.99
    away = plan - 0.5 - mean
    deviation = max((high - mean if away > 0 else mean - low) / _NORMAL, 1e-6)
    return min(max(0.5 * (1 - erf(away / deviation / sqrt(2))), 0.01), 0.99)


def planned_of(plans: Mapping[Series, Numbers], series: Series, months: int) -> Numbers:
    """By month; NaN where nothing is planned."""
    return plans.get(series, np.full(months, np.nan))
