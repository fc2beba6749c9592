"""Taking forecasts over as the numbers of a draft."""

import numpy as np
from sqlalchemy import Engine

from attribution.dimensions import NONE
from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.errors import InvalidInput
from planning.dimensions import Network, known_network
from planning.editing import Cell, Edited, put_cells
from planning.forecast.outlook import Outlook, Series
from planning.grid import Grid, LineKey
from planning.lines import read_lines
from planning.measures import planned_measure
from planning.plans import Plan, hold_draft, plan_with


def take_over(
    engine: Engine,
    clock: Clock,
    version: int,
    outlook: Outlook,
    measure: str,
    *,
    author: str,
    seen: Visibility = EVERYTHING,
) -> Edited:
    """Write what is expected into the months of the draft that are forecast; locked cells keep their numbers.

    Raises `NotFound`, `Conflict`, and `InvalidInput` where no month of the plan is forecast, or where the draft has the
    measure in lines of its own that would count twice.
    """
    planned_measure(measure)
    with engine.begin() as connection:
        plan = plan_with(connection, hold_draft(connection, version).plan)
        network = known_network(connection, seen)
        before = read_lines(connection, version, measure=measure, seen=seen)
        cells = _cells(plan, network, before, outlook, measure)
        why = f"forecast of {outlook.months[0]}"
        return put_cells(connection, version, cells, clock, author=author, why=why, seen=seen)


def _cells(plan: Plan, network: Network, before: Grid, outlook: Outlook, measure: str) -> list[Cell]:
    months = [at for at, month in enumerate(outlook.months) if month.year == plan.year and month.month in plan.months]
    if not months:
        raise InvalidInput(
            f"No month of this plan lies within {outlook.months[0]} to {outlook.months[-1]}.",
            where="plan",
            help="Choose a plan of a year that is forecast, or ask for more months ahead.",
        )
    lines = [at for at, each in enumerate(outlook.series) if _is_line(outlook, each, measure, network)]
    keys = {at: _key(outlook.series[at]) for at in lines}
    _check_counts_once(before, set(keys.values()))
    return [
        Cell(key, outlook.months[ahead].month, round(float(np.maximum(outlook.mean[at, ahead], 0))))
        for at, key in keys.items()
        for ahead in months
        if not _is_locked(before, key, outlook.months[ahead].month)
        and network.by_id[key.dealer].is_open(plan.year, outlook.months[ahead].month)
    ]


def _is_line(outlook: Outlook, series: Series, measure: str, network: Network) -> bool:
    """Of one direction of a dealer that is known, or of a dealer whose directions are not told apart."""
    if series.measure != measure or series.dealer not in network.by_id:
        return False
    return bool(series.direction) or not any(
        each.direction for each in outlook.series if (each.measure, each.dealer) == (measure, series.dealer)
    )


def _key(series: Series) -> LineKey:
    return LineKey(series.measure, series.dealer, "" if series.direction == NONE else series.direction)


def _check_counts_once(before: Grid, keys: set[LineKey]) -> None:
    dealers = {key.dealer for key in keys}
    for key, values in zip(before.keys, before.values, strict=True):
        if key.dealer in dealers and key not in keys and values.any():
            parts = ", ".join(filter(None, (key.direction, key.channel, key.contractor))) or "no direction"
            raise InvalidInput(
                f"The draft plans {key.measure} of {key.dealer} by {parts}, which the forecast does not tell apart.",
                where="plan",
                help="Empty those lines first, or take a draft in which the measure is not broken down so.",
            )


def _is_locked(before: Grid, key: LineKey, month: int) -> bool:
    return key in before.places and bool(before.locked[before.places[key], month - 1])
