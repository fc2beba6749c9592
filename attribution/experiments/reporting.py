"""Experiments side by side: what channels really brought, what they were allocated, and how the two compare."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from attribution.answer import Answer
from attribution.experiments.design import Experiment
from attribution.experiments.evaluation import Evaluation, Found, evaluate
from attribution.experiments.panel import OUTCOMES, read_panel
from attribution.measures import Measure, Unit
from attribution.models import Model
from attribution.runs import Run, newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.warehouse import Warehouse

NAMES = ("experiment", "channels", "design", "switched", "from", "to")
_TITLES = {"leads": "Leads", "sales": "Sales", "revenue": "Revenue", "margin": "Margin"}


def _figures(name: str) -> tuple[Measure, ...]:
    title, unit = _TITLES[name], Unit.COUNT if name in ("leads", "sales") else Unit.MONEY
    return (
        Measure(f"{name}_lift", f"{title}: lift", Unit.SHARE),
        Measure(f"{name}_incremental", f"{title}, incremental", unit),
        Measure(f"{name}_incremental_low", f"{title}, incremental, from", unit),
        Measure(f"{name}_incremental_high", f"{title}, incremental, to", unit),
        Measure(f"{name}_attributed", f"{title}, attributed", unit),
        Measure(f"{name}_factor", f"{title}: experimental / attributed", Unit.TIMES),
        Measure(f"{name}_factor_low", f"{title}: experimental / attributed, from", Unit.TIMES),
        Measure(f"{name}_factor_high", f"{title}: experimental / attributed, to", Unit.TIMES),
        Measure(f"{name}_p", f"{title}: p", Unit.TIMES),
        Measure(f"{name}_p_arranged", f"{title}: p by permutation", Unit.TIMES),
    )


FIGURES = (
    *(figure for name in OUTCOMES for figure in _figures(name)),
    Measure("cost", "Cost, incremental", Unit.MONEY),
    Measure("cost_per_lead", "Cost per incremental lead", Unit.MONEY),
    Measure("cost_per_sale", "Cost per incremental sale", Unit.MONEY),
    Measure("iroas", "iROAS", Unit.TIMES),
    Measure("iroas_low", "iROAS, from", Unit.TIMES),
    Measure("iroas_high", "iROAS, to", Unit.TIMES),
)


def experiment_report(
    warehouse: Warehouse, told: Sequence[Experiment], model: Model, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row an experiment, the newest first.

    Raises `NotReady` where nothing was attributed yet, `InvalidInput`, and `NotPermitted`.
    """
    seen.check_sees_everything("The report of experiments", "The ROMI report has the figures of each channel.")
    run = newest_run(warehouse)
    newest_first = sorted(told, key=lambda experiment: (experiment.last_day, experiment.id), reverse=True)
    found = evaluations(warehouse, newest_first, run, model)
    columns = [*NAMES, *(figure.slug for figure in FIGURES)]
    rows = pd.DataFrame([_row(each) for each in found], columns=columns)
    rows = rows.astype({figure.slug: float for figure in FIGURES})
    asked = {"experiments": [each.id for each in newest_first], "model": model}
    about = {} if told else {"help": "`closedloop experiments add` enters an experiment."}
    return Answer("experiments", run, NAMES, FIGURES, rows, asked, about=about)


def evaluations(warehouse: Warehouse, told: Sequence[Experiment], run: Run, model: Model) -> list[Evaluation]:
    return [evaluate(experiment, read_panel(warehouse, experiment, run.number, model)) for experiment in told]


def _row(evaluation: Evaluation) -> dict[str, Any]:
    experiment, cost = evaluation.experiment, evaluation.cost
    row: dict[str, Any] = {
        "experiment": experiment.id,
        "channels": ", ".join(experiment.channels),
        "design": experiment.design.value,
        "switched": experiment.switched.value,
        "from": min(span.first for span in experiment.periods).isoformat(),
        "to": experiment.last_day.isoformat(),
        "cost": cost,
    }
    for name, found in evaluation.outcomes.items():
        if found:
            row |= _told(name, found)
    leads, sales, revenue = (evaluation.outcomes[name] for name in ("leads", "sales", "revenue"))
    if cost:
        row["cost_per_lead"] = cost / leads.incremental if leads and leads.incremental > 0 else None
        row["cost_per_sale"] = cost / sales.incremental if sales and sales.incremental > 0 else None
        if revenue:
            bounds = (revenue.incremental, revenue.low, revenue.high)
            row |= dict(zip(("iroas", "iroas_low", "iroas_high"), (part / cost for part in bounds), strict=True))
    return row


def _told(name: str, found: Found) -> dict[str, Any]:
    factor = found.factor() or (None, None, None)
    return {
        f"{name}_lift": found.lift,
        f"{name}_incremental": found.incremental,
        f"{name}_incremental_low": found.low,
        f"{name}_incremental_high": found.high,
        f"{name}_attributed": found.attributed,
        f"{name}_p": found.p,
        f"{name}_p_arranged": found.arranged,
        **dict(zip((f"{name}_factor", f"{name}_factor_low", f"{name}_factor_high"), factor, strict=True)),
    }
