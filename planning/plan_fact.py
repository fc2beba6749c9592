"""Plan against fact, at every level: what was planned up to a month, what happened, and how much of the plan that is.

Fulfilment = fact / plan; where nothing was planned it has no value. A year's plan has, beside its months that are over,
the whole year and the pace: fact + what is planned for the months to come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attribution.answer import Answer
from attribution.measures import Measure
from attribution.units import Unit
from planning.dimensions import Network
from planning.facts import Facts
from planning.grid import Grid
from planning.measures import PLANNED, PlannedMeasure
from planning.plans import Plan, PlanVersion
from planning.rolled import rolled
from planning.tables import MONTHS

FIGURES = {
    "plan": "plan",
    "fact": "fact",
    "fulfilment": "fulfilment",
    "difference": "difference",
    "year_plan": "plan of the year",
    "pace": "pace of the year",
}
"""What is told of a measure, and how it is called behind the measure's name."""


@dataclass(frozen=True, slots=True)
class PlanFact:
    """What is asked: levels, measures, and the last month that counts, 1 to 12; 0 counts none."""

    by: tuple[str, ...]
    measures: tuple[str, ...]
    upto: int


def plan_fact(
    plan: Plan, version: PlanVersion, lines: Grid, facts: Facts, network: Network, question: PlanFact
) -> Answer:
    """A row for each group and measure; figures are named by measure, such as `sales_plan`.

    `by` may name `month`. Raises `InvalidInput`.
    """
    planned, happened = _tall(lines, network, question.by), _tall(facts.lines, network, question.by)
    groups = _groups(planned, happened, question.by)
    columns: dict[str, pd.Series[Any]] = {}
    totals: dict[str, Any] = {}
    for slug in question.measures:
        measure = PLANNED[slug]
        for name, values in _figures(planned, happened, measure, question, plan, groups).items():
            columns[f"{slug}_{name}"] = values
        totals |= _totals(planned, happened, measure, question, plan)
    rows = pd.concat([groups.to_frame(index=False), pd.DataFrame(columns).reset_index(drop=True)], axis=1)
    figures = tuple(figure for slug in question.measures for figure in figures_of(PLANNED[slug]))
    return Answer(
        "plan-fact",
        None,
        question.by,
        figures,
        rows[[*question.by, *(figure.slug for figure in figures)]],
        {
            "plan": plan.id,
            "version": version.number,
            "by": list(question.by),
            "measures": list(question.measures),
            "upto": question.upto,
        },
        totals,
        {"currency": plan.currency},
    )


def figures_of(measure: PlannedMeasure) -> tuple[Measure, ...]:
    """The columns that a measure has."""
    return tuple(
        Measure(
            f"{measure.slug}_{name}",
            f"{measure.title}, {FIGURES[name]}",
            Unit.SHARE if name == "fulfilment" else measure.unit,
        )
        for name in FIGURES
    )


def _tall(grid: Grid, network: Network, by: Sequence[str]) -> pd.DataFrame:
    """A row for each measure, group and month that is not 0."""
    sums = rolled(grid, network, [name for name in by if name != "month"])
    names = [name for name in sums.columns if name not in MONTHS]
    tall = sums.melt(names, list(MONTHS), "month_number", "value")
    tall["month_number"] = tall["month_number"].str[1:].astype(int)
    return tall[tall["value"] != 0]


def _groups(planned: pd.DataFrame, happened: pd.DataFrame, by: Sequence[str]) -> pd.MultiIndex:
    """Those that a plan or a fact names, in the order of their names."""
    both = pd.concat([_with_month(planned, by), _with_month(happened, by)])
    return pd.MultiIndex.from_frame(both[list(by)].drop_duplicates().sort_values(list(by)))


def _with_month(tall: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    return tall.assign(month=tall["month_number"]) if "month" in by else tall


def _figures(
    planned: pd.DataFrame,
    happened: pd.DataFrame,
    measure: PlannedMeasure,
    question: PlanFact,
    plan: Plan,
    groups: pd.MultiIndex,
) -> "dict[str, pd.Series[Any]]":
    """Of each group, in the order of `groups`."""

    def summed(tall: pd.DataFrame, upto: int) -> "pd.Series[Any]":
        chosen = tall[(tall["measure"] == measure.slug) & (tall["month_number"] <= upto)]
        chosen = _with_month(chosen[chosen["month_number"].isin(plan.months)], question.by)
        found = chosen.groupby(list(question.by))["value"].sum() / measure.scale
        values: pd.Series[Any] = found.reindex(groups if len(question.by) > 1 else groups.get_level_values(0))
        return values.fillna(0.0).reset_index(drop=True)

    done, fact = summed(planned, question.upto), summed(happened, question.upto)
    year = summed(planned, len(MONTHS))
    return _compared(done, fact, year)


def _compared(done: Any, fact: Any, year: Any) -> dict[str, Any]:
    return {
        "plan": done,
        "fact": fact,
        "fulfilment": (fact / done).where(done != 0),
        "difference": fact - done,
        "year_plan": year,
        "pace": fact + (year - done),
    }


def _totals(
    planned: pd.DataFrame, happened: pd.DataFrame, measure: PlannedMeasure, question: PlanFact, plan: Plan
) -> dict[str, Any]:
    def summed(tall: pd.DataFrame, upto: int) -> float:
        chosen = (tall["measure"] == measure.slug) & (tall["month_number"] <= upto)
        return float(tall[chosen & tall["month_number"].isin(plan.months)]["value"].sum()) / measure.scale

    one = [pd.Series([summed(*each)]) for each in ((planned, question.upto), (happened, question.upto), (planned, 12))]
    found = {name: values.iloc[0] for name, values in _compared(*one).items()}
    return {f"{measure.slug}_{name}": None if pd.isna(value) else float(value) for name, value in found.items()}
