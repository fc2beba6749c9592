"""One measure of the ROMI/CPL report by several models, side by side, with what each differs from the first."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from attribution.answer import Answer, records
from attribution.formulas import names_in
from attribution.measures import Measure, Unit
from attribution.models import Model
from attribution.question import MODELLED, Order, Question
from attribution.reports import romi_report
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.warehouse import Warehouse

FEWEST_MODELS, MOST_MODELS = 2, 5
DIFFERENCE = "_difference"


def models_beside(
    warehouse: Warehouse,
    question: Question,
    models: Sequence[Model],
    measure: str,
    timezone: str,
    *,
    order: Order | None = None,
    seen: Visibility = EVERYTHING,
) -> Answer:
    """A row a group with a column a model, and `<model>_difference` from the first of them; by the first, most first.

    `models`, `measures` and the order of the question mean nothing; `order` is by a grouping or a column. `limit` and
    `offset` hold. A group that a model gives nothing has 0 where the measure is a sum, else nothing. Raises
    `InvalidInput`, `NotReady` and `NotPermitted`.
    """
    found = _check(question, models, measure)
    reports = [romi_report(warehouse, _by(question, model, measure), timezone, seen=seen) for model in models]
    by = list(question.by)
    columns = [
        report.rows.set_index(by)[measure].rename(model.value) for model, report in zip(models, reports, strict=True)
    ]
    rows = pd.concat(columns, axis=1)
    rows = rows.fillna(0) if found.is_sum else rows
    figures = _figures(found, models)
    totals = pd.DataFrame([{m.value: each.totals[measure] for m, each in zip(models, reports, strict=True)}]).astype(
        float
    )
    rows, totals = (_with_differences(each, models)[[f.slug for f in figures]] for each in (rows, totals))
    rows = _ordered(rows.rename_axis(by).reset_index(), _known(order, question, figures), models)
    last = question.offset + question.limit if question.limit else len(rows)
    counts = frozenset(each.slug for each in figures if each.unit is Unit.COUNT)
    return Answer(
        "models beside",
        reports[0].run,
        question.by,
        figures,
        rows.iloc[question.offset : last].reset_index(drop=True),
        question.as_dict()
        | {"model": models[0].value, "measure": measure, "compare": [model.value for model in models]},
        records(totals, counts)[0],
        {name: value for name, value in reports[0].about.items() if name not in ("models", "definitions")},
        groups=len(rows),
        next=str(last) if last < len(rows) else None,
    )


def _check(question: Question, models: Sequence[Model], measure: str) -> Measure:
    if not FEWEST_MODELS <= len(models) <= MOST_MODELS or len(set(models)) != len(models):
        raise InvalidInput("From two to five models stand side by side, each once.", where="compare")
    found = question.catalog.measure(measure, "measure")
    if not set(MODELLED) & set(names_in(found.over_sums)):
        raise InvalidInput(
            f"No model divides {measure}.", where="measure", help="Choose leads, sales, revenue, ROMI or another."
        )
    return found


def _known(order: Order | None, question: Question, figures: Sequence[Measure]) -> Order | None:
    known = [*question.by, *(figure.slug for figure in figures)]
    if order and order.name not in known:
        raise InvalidInput(
            f"There is no column {order.name!r}.", where="rank", help=f"Choose one of {', '.join(known)}."
        )
    return order


def _by(question: Question, model: Model, measure: str) -> Question:
    return replace(
        question, model=model, models=(), measures=(measure,), order=Order(measure, True), limit=None, offset=0
    )


def _figures(measure: Measure, models: Sequence[Model]) -> tuple[Measure, ...]:
    values = [Measure(model.value, model.label, measure.unit) for model in models]
    gaps = [Measure(f"{model.value}{DIFFERENCE}", f"{model.label}, difference", measure.unit) for model in models[1:]]
    return (values[0], *(each for pair in zip(values[1:], gaps, strict=True) for each in pair))


def _with_differences(rows: pd.DataFrame, models: Sequence[Model]) -> pd.DataFrame:
    first = models[0].value
    return rows.assign(**{f"{model.value}{DIFFERENCE}": rows[model.value] - rows[first] for model in models[1:]})


def _ordered(rows: pd.DataFrame, order: Order | None, models: Sequence[Model]) -> pd.DataFrame:
    """Missing values last; what is alike by name."""
    told = order or Order(models[0].value, descending=True)
    names = [name for name in rows.columns if name != told.name]
    return rows.sort_values([told.name, *names], ascending=[not told.descending, *([True] * len(names))])
