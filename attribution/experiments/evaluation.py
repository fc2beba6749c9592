"""What an experiment found: what its channels really brought, beside what attribution allocated them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from attribution.experiments.design import Design, Experiment, Switched
from attribution.experiments.lift import Lift, geo_lift, time_lift, unit_weights
from attribution.experiments.panel import COUNTED, OUTCOMES, Panel

Numbers: TypeAlias = NDArray[np.float64]
Days: TypeAlias = Sequence[date]


@dataclass(frozen=True, slots=True)
class Found:
    """Of one outcome: what its channels brought on the days of the switch, with an interval, and were allocated.

    `lift` is what was counted with the channels, over what was without them, less 1.
    """

    lift: float
    incremental: float
    low: float
    high: float
    attributed: float
    p: float
    arranged: float | None

    def factor(self) -> tuple[float, float, float] | None:
        """What was brought over what was allocated, and its interval; None where nothing was allocated."""
        if not self.attributed > 0:
            return None
        return self.incremental / self.attributed, self.low / self.attributed, self.high / self.attributed


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`outcomes` are None where too little was counted; `cost` is what the channels cost for what they brought."""

    experiment: Experiment
    outcomes: dict[str, Found | None]
    cost: float | None


def evaluate(experiment: Experiment, panel: Panel) -> Evaluation:
    """On the days up to the newest of which anything is known: an experiment may still be under way."""
    outcomes: dict[str, Found | None] = {}
    for name in OUTCOMES:
        on, off = _known_days(experiment, panel, 0 if name == "leads" else experiment.sale_lag_days)
        lift = lift_of(experiment, panel, name, on, off)
        counted = float(panel.of_days(name, on).sum())
        attributed = _change(experiment, panel, f"{name}_attributed", on, off)
        outcomes[name] = _found(lift, counted, attributed, experiment.switched) if lift else None
    return Evaluation(experiment, outcomes, _cost(experiment, panel))


def lift_of(experiment: Experiment, panel: Panel, name: str, on: Days, off: Days) -> Lift | None:
    """By how much the outcome changed with the switch. Money scatters at least as the sales that bring it do."""
    if experiment.design is Design.GEO:
        counted = name if name in COUNTED else "sales"
        weights = unit_weights(panel.of_units(counted, off), panel.of_units(counted, on), panel.is_test)
        before, after = panel.of_units(name, off), panel.of_units(name, on)
        lift = geo_lift(before, after, panel.is_test, weights, counts=name in COUNTED)
    else:
        days = sorted((*on, *off))
        weekday = np.array([day.weekday() for day in days])
        switched = np.array([day in set(on) for day in days])
        lift = time_lift(panel.of_days(name, days), weekday, switched, counts=name in COUNTED)
    if lift is None or name in COUNTED:
        return lift
    sales = lift_of(experiment, panel, "sales", on, off)
    return replace(lift, error=max(lift.error, sales.error)) if sales else None


def _found(lift: Lift, counted: float, attributed: float, switched: Switched) -> Found:
    """Switched on, the channels' part of what was counted is 1 - 1/ratio; off, what is missing is 1/ratio - 1 of it."""
    way = 1 if switched is Switched.ON else -1

    def brought(log: float) -> float:
        return way * counted * -float(np.expm1(-log))

    low, high = sorted(brought(log) for log in lift.interval())
    ratio = float(np.expm1(way * lift.log))
    return Found(ratio, brought(lift.log), low, high, attributed, lift.p, lift.arranged)


def _cost(experiment: Experiment, panel: Panel) -> float | None:
    """As told; else what changed in the cost of the switched units. None where that is nothing."""
    if experiment.cost is not None:
        return float(experiment.cost)
    changed = _change(experiment, panel, "cost", *_known_days(experiment, panel, 0))
    return changed if changed > 0 else None


def _change(experiment: Experiment, panel: Panel, column: str, on: Days, off: Days) -> float:
    """How much more of the channels' own there was where and when they were on, than else would have been.

    What would have been is the baseline, moved as the control units moved; where these have nothing, and over time,
    as there are days, weekday by weekday.
    """
    way = 1 if experiment.switched is Switched.ON else -1
    expected = _by_weekday(panel.of_days(column, off), off, on)
    if experiment.design is Design.GEO:
        before, after = (float(panel.of_units(column, days)[~panel.is_test].sum()) for days in (off, on))
        if before > 0:
            expected = float(panel.of_days(column, off).sum()) * after / before
    return way * (float(panel.of_days(column, on).sum()) - expected)


def _known_days(experiment: Experiment, panel: Panel, lag: int) -> tuple[Days, Days]:
    on, off = experiment.days(lag)
    return [day for day in on if day <= panel.last_day], [day for day in off if day <= panel.last_day]


def _by_weekday(counted: Numbers, counted_days: Days, days: Days) -> float:
    """What the days would have, were each like the mean of its weekday; of one that was not counted, of all."""
    if not len(counted):
        return 0.0
    weekday = np.array([day.weekday() for day in counted_days])
    means = [counted[weekday == day].mean() if (weekday == day).any() else counted.mean() for day in range(7)]
    return float(sum(means[day.weekday()] for day in days))
