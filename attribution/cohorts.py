"""Cohorts: what persons who began in a period bought in the months since, and what a customer is worth.

A month since is over for a person once the data reach its end. Money per person is summed month by month over those
for whom the month is over, so that persons who began lately do not make the older months look poor (the estimator of
Lin 1997 for costs that are not fully observed); `observed` says of how many that are. LTV is margin, cumulative.

Laws: purchases over all groups and months are all that these persons bought; with no negative margin LTV never falls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer, Period, records
from attribution.customers import PREDICTED, PREDICTED_MONTHS, predict_value
from attribution.measures import Measure, Unit
from attribution.models import Model
from attribution.opportunities import (
    NAMES,
    NONE,
    check_groupings,
    groups_in_order,
    in_words,
    known_until,
    largest_first,
    local_day,
    milliseconds,
)  # fmt: skip
from attribution.reports import Question, romi_report
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "cohorts")

COST_OF = {
    "month": "month", "first_channel": "channel", "first_source": "source", "first_campaign": "campaign",
    "contractor": "contractor", "dealer": "dealer", "brand": "brand",
}  # fmt: skip
"""The grouping of cost that stands beside each grouping of persons."""
COHORT_GROUPINGS = (*COST_OF, "kind", "product")
AGE = "age"
HORIZONS = (3, 6, 12, 24, 36)
_MOST_MONTHS = 120
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2149, 1, 1)  # of dates in the warehouse

CELLS = (
    Measure("persons", "Persons", Unit.COUNT),
    Measure("observed", "Observed", Unit.SHARE),
    Measure("active", "Active", Unit.COUNT),
    Measure("retention", "Retention", Unit.SHARE),
    Measure("sales", "Sales", Unit.COUNT),
    Measure("service_visits", "Service visits", Unit.COUNT),
    Measure("revenue", "Revenue", Unit.MONEY),
    Measure("margin", "Margin", Unit.MONEY),
    Measure("revenue_per_person", "Revenue per person so far", Unit.MONEY),
    Measure("margin_per_person", "Margin per person so far", Unit.MONEY),
)
_LTV = tuple(
    measure
    for months in HORIZONS
    for measure in (
        Measure(f"ltv_{months}", f"LTV {months} months", Unit.MONEY),
        Measure(f"observed_{months}", "observed", Unit.SHARE),
    )
)
WORTH = (
    Measure("persons", "Persons", Unit.COUNT),
    Measure("sales", "Sales", Unit.COUNT),
    Measure("repeat_sales", "Repeat sales", Unit.COUNT),
    Measure("service_visits", "Service visits", Unit.COUNT),
    Measure("revenue", "Revenue", Unit.MONEY),
    Measure("service_revenue", "Service revenue", Unit.MONEY),
    Measure("margin", "Margin", Unit.MONEY),
    *_LTV,
    Measure("cost", "Cost", Unit.MONEY),
    Measure("cac", "CAC", Unit.MONEY, "cost / persons"),
    Measure("payback", "Payback, months", Unit.COUNT),
)
_COUNTS = ("active", "active_over", "sales", "repeat_sales", "service_visits")
_MONEY = ("revenue", "margin", "service_revenue", "revenue_over", "margin_over")
_TEXTS = dict.fromkeys(NAMES, object)


class Start(StrEnum):
    """What a person begins with: the first touch, the first lead, or the first sale."""

    TOUCH = "touch"
    LEAD = "lead"
    SALE = "sale"


@dataclass(frozen=True, slots=True)
class CohortQuestion:
    """Persons whose first touch, lead or sale lies in the period. With `age` among `by`, each month since is a row.

    `predict` asks for what they will be worth, which needs the first sale as the beginning. Raises `InvalidInput`.
    """

    by: tuple[str, ...]
    period: Period
    start: Start = Start.SALE
    predict: bool = False

    def __post_init__(self) -> None:
        check_groupings(self.by, (*COHORT_GROUPINGS, AGE))
        if self.predict and self.start is not Start.SALE:
            raise InvalidInput("Only customers' worth is predicted.", where="predict", help="Ask with start sale.")
        if self.predict and AGE in self.by:
            raise InvalidInput("Months have no prediction of their own.", where="predict", help="Leave age out.")

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(name for name in self.by if name != AGE)

    def as_dict(self) -> dict[str, Any]:
        return {
            "by": list(self.by),
            "start": self.start,
            "predict": self.predict,
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
        }


def cohort_report(
    warehouse: Warehouse, question: CohortQuestion, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a group, or a group and month since.

    A person belongs to the dealer and the contractor of the beginning, with all that was bought since, and whoever sees
    some only is told predictions by the data of these. Raises `NotReady` where nothing was attributed yet.
    """
    run = newest_run(warehouse)
    until = known_until(warehouse, run)
    groups = question.groups
    asked = {
        "run": run.number,
        "timezone": settings.timezone,
        "until": milliseconds(until),
        "from": question.period.first_day,
        "to": question.period.last_day,
        "start": question.start.value,
        "beginnings": "of_touches" if question.start is Start.TOUCH else "of_conversions",
        "by": groups[0] if groups else "everything",
        "then_by": groups[1] if len(groups) > 1 else "everything",
        **seen.parameters,
    }
    cells = _cells(*(warehouse.frame(_SQL[name], asked) for name in ("sizes_by", "purchases_by")))
    about: dict[str, Any] = {"until": local_day(until, settings)}
    figures = CELLS if AGE in question.by else WORTH
    if AGE in question.by:
        rows = cells
    else:
        rows = _worth(cells).merge(_cost(warehouse, question, settings, seen), on=NAMES, how="left")
        rows = _with_payback(rows.fillna({"cost": 0.0} if _has_cost(groups) else {}), cells)
        if question.predict:
            predicted, said = predict_value(
                lambda upto: _customers(warehouse, asked, upto), cells, _everybody(warehouse, asked), until
            )
            rows, figures = rows.merge(predicted, on=NAMES, how="left"), (*figures, *PREDICTED)
            about["prediction"] = said
    totals = _totals(cells)
    rows = in_words(rows, groups)
    if AGE in question.by:
        rows = groups_in_order(rows.assign(age=rows["months"]), groups, "persons", "age")
    else:
        rows = largest_first(rows, groups, "persons")
    return Answer(
        "cohorts",
        run,
        question.by,
        figures,
        rows[[*question.by, *(figure.slug for figure in figures)]].reset_index(drop=True),
        question.as_dict(),
        totals,
        about,
    )


def _customers(warehouse: Warehouse, asked: dict[str, Any], upto: datetime) -> pd.DataFrame:
    parameters = {**asked, "until": milliseconds(upto), "horizons": list(PREDICTED_MONTHS)}
    return warehouse.frame(_SQL["customers_by"], parameters)


def _everybody(warehouse: Warehouse, asked: dict[str, Any]) -> pd.DataFrame:
    """All customers that are seen, as one group."""
    whole = dict.fromkeys(("by", "then_by"), "everything") | {"from": _FIRST_DAY, "to": _LAST_DAY}
    return _cells(*(warehouse.frame(_SQL[name], asked | whole) for name in ("sizes_by", "purchases_by")))


def _cells(sizes: pd.DataFrame, purchases: pd.DataFrame) -> pd.DataFrame:
    """A row for each group and each month since that has begun for anybody of it."""
    sizes = sizes.reindex(columns=[*NAMES, "observed", "persons"]).astype(_TEXTS)
    columns = [*NAMES, "months", *_COUNTS, *(f"{name}_units" for name in _MONEY)]
    bought = purchases.reindex(columns=columns).astype(_TEXTS)
    bought = bought.assign(**{name: bought.pop(f"{name}_units").astype(float) / 10_000 for name in _MONEY})
    persons = sizes.groupby(NAMES, as_index=False).agg(persons=("persons", "sum"), longest=("observed", "max"))
    grid = persons.loc[persons.index.repeat(np.minimum(persons["longest"], _MOST_MONTHS).astype(int) + 1)]
    grid = grid.assign(months=grid.groupby(NAMES).cumcount()).reset_index(drop=True)
    grid["over"] = _over(grid, sizes)
    cells = grid.merge(bought, on=[*NAMES, "months"], how="left")
    cells[[*_COUNTS, *_MONEY]] = cells[[*_COUNTS, *_MONEY]].astype(float).fillna(0.0)
    some = cells["over"].where(cells["over"] > 0)
    cells = cells.assign(
        observed=cells["over"] / cells["persons"],
        retention=cells["active_over"] / some,
        revenue_per_person=cells["revenue_over"] / some,
        margin_per_person=cells["margin_over"] / some,
    )
    per_person = ["revenue_per_person", "margin_per_person"]
    cells[per_person] = cells.groupby(NAMES)[per_person].cumsum()
    return cells


def _over(grid: pd.DataFrame, sizes: pd.DataFrame) -> pd.Series:
    """For how many persons of the group each month since is over."""
    counted = grid[[*NAMES, "months"]].merge(
        sizes.rename(columns={"observed": "months", "persons": "until_here"}), on=[*NAMES, "months"], how="left"
    )
    counted["until_here"] = counted["until_here"].astype(float).fillna(0.0)
    return grid["persons"].astype(float) - counted.groupby(NAMES)["until_here"].cumsum().to_numpy()


def _worth(cells: pd.DataFrame) -> pd.DataFrame:
    sums = ["sales", "repeat_sales", "service_visits", "revenue", "service_revenue", "margin"]
    whole = cells.groupby(NAMES, as_index=False).agg(persons=("persons", "first"), **{n: (n, "sum") for n in sums})
    for months in HORIZONS:
        last = cells.loc[cells["months"] == months - 1, [*NAMES, "margin_per_person", "observed"]]
        named = {"margin_per_person": f"ltv_{months}", "observed": f"observed_{months}"}
        whole = whole.merge(last.rename(columns=named), on=NAMES, how="left")
        whole[f"observed_{months}"] = whole[f"observed_{months}"].astype(float).fillna(0.0)
    return whole


def _has_cost(groups: tuple[str, ...]) -> bool:
    return all(name in COST_OF for name in groups)


def _cost(warehouse: Warehouse, question: CohortQuestion, settings: Settings, seen: Visibility) -> pd.DataFrame:
    """What each group cost in the period; missing where cost knows no such grouping."""
    groups = question.groups
    if not _has_cost(groups):
        return pd.DataFrame(columns=[*NAMES, "cost"])
    by = tuple(COST_OF[name] for name in groups)
    asked = Question(by or ("month",), question.period.first_day, question.period.last_day, Model.FIRST)
    rows = romi_report(warehouse, asked, settings.timezone, seen=seen).rows
    keys: Mapping[str, Any] = {
        name: rows[by[place]].replace(NONE, "") if place < len(by) else "" for place, name in enumerate(NAMES)
    }
    return rows[["cost"]].assign(**keys).astype(_TEXTS).groupby(NAMES, as_index=False)[["cost"]].sum()


def _with_payback(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """CAC, and the first month since at whose end a person has brought it back; missing where none has yet."""
    rows["cost"] = rows["cost"].astype(float)
    cac = next(figure for figure in WORTH if figure.slug == "cac").of_rows(rows)
    rows = rows.assign(cac=cac)
    back = cells.merge(rows[[*NAMES, "cac"]], on=NAMES)
    back = back[back["margin_per_person"] >= back["cac"]].groupby(NAMES, as_index=False)[["months"]].min()
    back["payback"] = back.pop("months").astype(float) + 1
    return rows.merge(back, on=NAMES, how="left")


def _totals(cells: pd.DataFrame) -> dict[str, Any]:
    sums = ["sales", "repeat_sales", "service_visits", "revenue", "service_revenue", "margin"]
    persons = float(cells.drop_duplicates(NAMES)["persons"].sum())
    whole = pd.DataFrame([{"persons": persons, **{name: float(cells[name].sum()) for name in sums}}])
    return records(whole, frozenset(("persons", "sales", "repeat_sales", "service_visits")))[0]
