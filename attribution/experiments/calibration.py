"""The ROMI report by channel, scaled by what experiments found.

What a channel was allocated is multiplied by its factor; what is left stands in the row `(not incremental)`, so that
all rows still add up to the CRM's totals. The newest experiment with a channel holds, unless its interval tells the
channel neither from one that brings nothing nor from one that brings all it is allocated. A factor below 0 counts as 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer
from attribution.experiments.design import Experiment
from attribution.experiments.evaluation import Evaluation
from attribution.experiments.reporting import evaluations
from attribution.measures import RATIOS
from attribution.reports import Question, romi_report
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.warehouse import Warehouse

NOT_INCREMENTAL = "(not incremental)"
_BROUGHT = ("leads", "qualified", "visits", "sales", "service_visits", "revenue", "margin")
_DECIMALS = dict.fromkeys(_BROUGHT, 9) | dict.fromkeys(("revenue", "margin"), 4)


@dataclass(frozen=True, slots=True)
class Factor:
    """What a channel brought over what it was allocated, by an experiment."""

    experiment: str
    factor: float
    low: float
    high: float

    def as_dict(self) -> dict[str, Any]:
        return {"experiment": self.experiment, "factor": self.factor, "low": self.low, "high": self.high}


def calibrated_report(
    warehouse: Warehouse,
    told: Sequence[Experiment],
    question: Question,
    timezone: str,
    *,
    seen: Visibility = EVERYTHING,
) -> Answer:
    """The ROMI report by channel, calibrated.

    Raises `InvalidInput` for another grouping, `NotReady`, and `NotPermitted`: experiments are of the whole holding.
    """
    seen.check_sees_everything("The calibrated report", "The ROMI report has the figures of each channel.")
    if question.by != ("channel",):
        raise InvalidInput("Experiments calibrate channels.", where="by", help="Ask by channel.")
    report = romi_report(warehouse, question, timezone)
    return calibrated(report, factors(evaluations(warehouse, told, report.run_read, question.model)))


def factors(found: Sequence[Evaluation]) -> dict[str, Factor]:
    """By channel, of the newest experiment that tells something."""
    by_channel: dict[str, Factor] = {}
    for each in sorted(found, key=lambda each: (each.experiment.last_day, each.experiment.id)):
        outcome = each.outcomes[each.experiment.factor_by]
        factor = outcome.factor() if outcome else None
        if factor and not factor[1] <= 0 < 1 <= factor[2]:
            by_channel |= dict.fromkeys(each.experiment.channels, Factor(each.experiment.id, *factor))
    return by_channel


def calibrated(report: Answer, known: dict[str, Factor]) -> Answer:
    """A ROMI report by channel with these factors; without any it stays as it is."""
    rows = report.rows.copy()
    times = (
        rows["channel"]
        .map({channel: max(each.factor, 0.0) for channel, each in known.items()})
        .astype(float)
        .fillna(1.0)
    )
    rest = dict.fromkeys(rows.columns, 0.0) | {"channel": NOT_INCREMENTAL}
    for name in _BROUGHT:
        whole = rows[name].astype(float)
        rows[name] = np.where(times == 1, whole, (whole * times).round(_DECIMALS[name]))
        rest[name] = round(float((whole - rows[name]).sum()), _DECIMALS[name])
    if known:
        rows = pd.concat([rows, pd.DataFrame([rest])], ignore_index=True)
    rows = rows.assign(**{measure.slug: measure.of_rows(rows) for measure in RATIOS})
    about = {"calibrated_by": {channel: each.as_dict() for channel, each in sorted(known.items())}}
    return Answer("calibrated", report.run, report.names, report.figures, rows, report.asked, report.totals, about)
