"""Which channels and dealers stand best and worst in a period, with intervals, from one question for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer, Period
from attribution.caveats import romi_report_with_caveats
from attribution.credit import credit_by
from attribution.dimensions import NO_TOUCH, NONE
from attribution.intervals import rate_interval, sum_interval
from attribution.measures import MEASURES, Measure
from attribution.models import Model
from attribution.question import Question
from attribution.visibility import EVERYTHING, Visibility
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "comparisons")

SUBJECTS = ("channel", "dealer")
STANDINGS = ("romi", "cpl")
FEW = 10
_COUNTED = {"romi": "sales", "cpl": "leads"}
_SUMMED = ("cost", "leads", "sales", "margin")
_SQUARES = "squares"


@dataclass(frozen=True, slots=True)
class Standing:
    """A channel or dealer that cost something. None is no value, or no interval: it cost, and brought nothing.

    `counted` are the sales behind a ROMI, the leads behind a CPL; `few` marks less than ten of them, where the 95 %
    interval from `low` to `high` says more than the value.
    """

    name: str
    cost: float
    counted: float
    value: float | None
    low: float | None
    high: float | None

    @property
    def few(self) -> bool:
        return self.counted < FEW


@dataclass(frozen=True, slots=True)
class Standings:
    """All channels, or all dealers, that cost something, the best first."""

    subject: str
    measure: Measure
    rows: Sequence[Standing]

    def best(self, most: int) -> Sequence[Standing]:
        """All, where there are no more than twice so many."""
        return self.rows if len(self.rows) <= 2 * most else self.rows[:most]

    def worst(self, most: int) -> Sequence[Standing]:
        """None of those among the best; the worst last."""
        return [] if len(self.rows) <= 2 * most else self.rows[-most:]


def standings(
    warehouse: Warehouse,
    period: Period,
    settings: Settings,
    model: Model = Model.LAST_NON_DIRECT,
    *,
    seen: Visibility = EVERYTHING,
) -> tuple[Answer, Sequence[Standings]]:
    """The report that they stand on, with its caveats, and a table for each subject and measure.

    Cost that names no dealer is shared out by leads. Raises `NotReady` where nothing was attributed yet.
    """
    question = Question(SUBJECTS, period.first_day, period.last_day, model, measures=_SUMMED)
    report = romi_report_with_caveats(warehouse, question, settings, seen=seen)
    cells = report.rows.merge(_squares(warehouse, report, period, settings, model, seen), on=list(SUBJECTS), how="left")
    cells[_SQUARES] = cells[_SQUARES].fillna(0.0)
    measures = {measure.slug: measure for measure in MEASURES}
    tables = [
        Standings(subject, measures[slug], _ranked(slug, _measured(measures[slug], _sums(cells, subject))))
        for subject in SUBJECTS
        for slug in STANDINGS
    ]
    return report, tables


def _squares(
    warehouse: Warehouse, report: Answer, period: Period, settings: Settings, model: Model, seen: Visibility
) -> pd.DataFrame:
    asked = {
        "run": report.run_read.number,
        "timezone": settings.timezone,
        "from": period.first_day,
        "to": period.last_day,
        "by": SUBJECTS[0],
        "then_by": SUBJECTS[1],
        **credit_by(warehouse, report.run_read.number, model),
        **seen.parameters,
    }
    found = warehouse.frame(_SQL["margin_squares"], asked).reindex(columns=["by", "then_by", _SQUARES])
    found = found.rename(columns=dict(zip(("by", "then_by"), SUBJECTS, strict=True)))
    return found.astype(dict.fromkeys(SUBJECTS, object) | {_SQUARES: float})


def _sums(cells: pd.DataFrame, subject: str) -> pd.DataFrame:
    sums = cells.groupby(subject)[[*_SUMMED, _SQUARES]].sum().astype(float)
    known = ~sums.index.isin([NONE, NO_TOUCH])
    return sums[known & (sums["cost"] > 0)]


def _measured(measure: Measure, sums: pd.DataFrame) -> pd.DataFrame:
    """With `value`, `low`, `high` and `counted`."""
    cost = sums["cost"].to_numpy()
    if measure.slug == "cpl":
        slow, fast = rate_interval(sums["leads"], cost)
        low, high = _over(1.0, fast), _over(1.0, slow)
    else:
        squares = sums[_SQUARES].where(sums[_SQUARES] > 0)
        low, high = (part / cost - 1 for part in sum_interval(sums["margin"], squares))
    return sums.assign(value=measure.of_rows(sums), low=low, high=high, counted=sums[_COUNTED[measure.slug]])


def _over(above: float, below: Any) -> Any:
    return above / np.where(below > 0, below, np.nan)


def _ranked(slug: str, rows: pd.DataFrame) -> list[Standing]:
    """What cost money and has no value stands last."""
    best_first = {"romi": False, "cpl": True}[slug]
    named = rows.rename_axis("name").reset_index()
    ordered = named.sort_values(["value", "cost", "name"], ascending=[best_first, False, True], na_position="last")
    return [_standing(row) for row in ordered.to_dict("records")]


def _standing(row: Mapping[Any, Any]) -> Standing:
    value, low, high = (None if pd.isna(row[name]) else round(float(row[name]), 9) for name in ("value", "low", "high"))
    return Standing(str(row["name"]), float(row["cost"]), float(row["counted"]), value, low, high)
