"""Before an experiment: the smallest effect that it would find, from what the same units did on the newest days."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer
from attribution.experiments.design import MOST_LETTERS, Design, Experiment, Span, Switched, Unit
from attribution.experiments.evaluation import lift_of
from attribution.experiments.panel import COUNTED, newest_day, read_panel
from attribution.measures import Measure
from attribution.measures import Unit as Written
from attribution.models import Model
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.warehouse import Warehouse

POWER = 0.8
FIGURES = tuple(
    figure
    for name, title in (("leads", "Leads"), ("sales", "Sales"))
    for figure in (
        Measure(f"{name}_counted", f"{title} as things are", Written.COUNT),
        Measure(f"{name}_smallest_lift", f"{title}: smallest lift found", Written.SHARE),
        Measure(f"{name}_smallest", f"{title}: smallest number found", Written.COUNT),
    )
)


@dataclass(frozen=True, slots=True)
class Planned:
    """An experiment that is thought of: `weeks` of a switch after `baseline_weeks`. Raises `InvalidInput`."""

    design: Design
    unit: Unit = Unit.DEALER
    test: tuple[str, ...] = ()
    control: tuple[str, ...] = ()
    weeks: int = 4
    baseline_weeks: int = 8

    def __post_init__(self) -> None:
        for where, weeks in (("weeks", self.weeks), ("baseline_weeks", self.baseline_weeks)):
            if not 1 <= weeks <= 104:
                raise InvalidInput("An experiment has 1 to 104 weeks.", where=where)
        for where, names in (("test", self.test), ("control", self.control)):
            if any(len(name) > MOST_LETTERS for name in names):
                raise InvalidInput(f"A unit's name has at most {MOST_LETTERS} letters.", where=where)
        if self.design is Design.GEO and not self.test:
            raise InvalidInput(
                "A geo experiment names the units that are to be switched.",
                where="test",
                help="Name them with commas between: test=north,south.",
            )

    def before(self, last_day: date) -> Experiment:
        """The same on the days up to the last one, when nothing was switched."""
        first = last_day - timedelta(days=7 * self.weeks - 1)
        return Experiment(
            id="power",
            channels=("any",),
            design=self.design,
            switched=Switched.ON,
            unit=self.unit,
            test=self.test,
            control=self.control,
            baseline_from=first - timedelta(days=7 * self.baseline_weeks),
            periods=(Span(first=first, last=last_day),),
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "design": self.design, "unit": self.unit, "test": list(self.test), "control": list(self.control),
            "weeks": self.weeks, "baseline_weeks": self.baseline_weeks, "power": POWER,
        }  # fmt: skip


def power_report(warehouse: Warehouse, planned: Planned, *, seen: Visibility = EVERYTHING) -> Answer:
    """One row. A lift is found with this power, two-sided at 5 %.

    Raises `NotReady`, `InvalidInput` and `NotPermitted`.
    """
    seen.check_sees_everything("The plan of an experiment", "The ROMI report has the figures of each channel.")
    run = newest_run(warehouse)
    last_day = newest_day(warehouse, run.number)
    experiment = planned.before(last_day)
    panel = read_panel(warehouse, experiment, run.number, Model.LAST_NON_DIRECT)
    on, off = experiment.days()
    row: dict[str, Any] = {"from": on[0].isoformat(), "to": on[-1].isoformat()}
    for name in COUNTED:
        lift = lift_of(experiment, panel, name, on, off)
        counted = float(panel.of_days(name, on).sum())
        smallest = float(np.expm1(lift.smallest(power=POWER))) if lift else np.nan
        row |= {
            f"{name}_counted": counted,
            f"{name}_smallest_lift": smallest,
            f"{name}_smallest": counted * smallest,
        }
    rows = pd.DataFrame([row], columns=["from", "to", *(figure.slug for figure in FIGURES)])
    return Answer("power", run, ("from", "to"), FIGURES, rows, planned.as_dict())
