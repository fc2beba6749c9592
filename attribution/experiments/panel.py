"""What happened on each day in each unit, whatever the experiment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.credit import credit_by
from attribution.experiments.design import Design, Experiment
from attribution.models import Model
from infra.errors import InvalidInput, NotReady
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "experiments")
_COLUMNS = ("leads", "sales", "revenue", "margin")
COUNTED = ("leads", "sales")
OUTCOMES = _COLUMNS

Numbers: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Panel:
    """`days` has a row for each unit and day (index `name`, `date`) on which anything happened, up to `last_day`."""

    days: pd.DataFrame
    last_day: date
    units: tuple[str, ...]
    is_test: NDArray[np.bool_]

    def of_units(self, column: str, days: Sequence[date]) -> Numbers:
        """The sum over the days, of each unit."""
        chosen = self.days[self.days.index.get_level_values("date").isin(days)]
        sums = chosen.groupby(level="name")[column].sum()
        return sums.reindex(list(self.units), fill_value=0.0).to_numpy(float)

    def of_days(self, column: str, days: Sequence[date]) -> Numbers:
        """The sum over the units that were switched, of each day."""
        tested = [unit for unit, test in zip(self.units, self.is_test, strict=True) if test]
        chosen = self.days[self.days.index.get_level_values("name").isin(tested)]
        sums = chosen.groupby(level="date")[column].sum()
        return sums.reindex(list(days), fill_value=0.0).to_numpy(float)


def read_panel(warehouse: Warehouse, experiment: Experiment, run: int, model: Model) -> Panel:
    """Raises `InvalidInput` where a unit that the experiment names has never been heard of."""
    parameters = {
        "run": run,
        "unit": experiment.unit.value,
        "channels": list(experiment.channels),
        **credit_by(warehouse, run, model),
        "from": experiment.baseline_from,
        "to": experiment.last_day + timedelta(days=experiment.sale_lag_days),
    }
    outcomes = warehouse.frame(_SQL["daily_outcomes"], parameters)
    attributed = [f"{name}_attributed" for name in _COLUMNS]
    outcomes = _by_day(outcomes, [*_COLUMNS, *attributed])
    costs = _by_day(warehouse.frame(_SQL["daily_costs_of_channels"], parameters), ["cost"])
    days = outcomes.join(costs, how="outer").fillna(0.0)
    units, is_test = _arranged(experiment, days)
    return Panel(days, newest_day(warehouse, run), units, is_test)


def newest_day(warehouse: Warehouse, run: int) -> date:
    """Up to which anything happened. Raises `NotReady` where nothing did."""
    found: date | None = warehouse.value(_SQL["newest_day"], {"run": run})
    if found is None:
        raise NotReady("No lead or deal has come yet.", help="Send events, then run `closedloop attribute`.")
    return found


def _by_day(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    told = frame.reindex(columns=["name", "date", *columns])
    told["date"] = pd.to_datetime(told["date"]).dt.date
    return told.astype(dict.fromkeys(columns, float)).set_index(["name", "date"])


def _arranged(experiment: Experiment, days: pd.DataFrame) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """The units, in order, and which of them were switched."""
    known = set(days.index.get_level_values("name"))
    for where, names in (("test", experiment.test), ("control", experiment.control)):
        if unheard := [name for name in names if name not in known]:
            raise InvalidInput(
                f"Nothing has happened in the {experiment.unit} {unheard[0]!r} of experiment {experiment.id}.",
                where=where,
                help=f"Known are {', '.join(sorted(known - {''})[:20]) or 'none on these days'}.",
            )
    if experiment.design is Design.TIME:
        switched = sorted(experiment.test or known)
        return tuple(switched), np.ones(len(switched), dtype=bool)
    control = sorted(experiment.control or known - set(experiment.test) - {""})
    units = (*sorted(experiment.test), *control)
    return units, np.array([unit in experiment.test for unit in units], dtype=bool)
