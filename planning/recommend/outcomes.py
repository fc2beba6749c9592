"""Promised against happened: what applied recommendations said of a month that is over, and what came.

Leads and margin are those credited to the spend of the month (calendar of touches); sales of it go on coming, so a
month is measured again until it is settled. `at_spend` is what the same curves say of the spend that really was: the
difference to the fact is the model's error, that to the promise comes of spend that did not follow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, select

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.database import insert_or_meet
from planning.media.months import Month
from planning.recommend.register import Recommendation, recommendation_with
from planning.recommend.tables import recommendation_outcomes, recommendation_uses, recommendations
from planning.response.curves import Curves

SETTLED_AFTER_DAYS = 92
FIGURES = ("leads", "margin")
_CELL = ["dealer", "channel", "contractor"]

Happened = Callable[[Month], pd.DataFrame]
"""Of a month, rows of cells with `cost`, `leads` and `margin`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one figure of a month. `followed` is how much of the spend went where it was to go, 0 to 1."""

    recommendation: int
    month: Month
    figure: str
    promised: float
    low: float
    high: float
    at_spend: float
    fact: float
    spend_planned: float
    spend_fact: float
    followed: float
    measured_at: datetime
    is_settled: bool

    @property
    def is_inside(self) -> bool:
        return self.low <= self.fact <= self.high

    def as_dict(self) -> dict[str, Any]:
        told = asdict(self) | {"month": str(self.month), "measured_at": self.measured_at.isoformat()}
        return told | {"is_inside": self.is_inside, "error": round(self.fact - self.at_spend, 2)}


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Over all months that were measured: how many facts lay inside their intervals, and the bias of promises."""

    figure: str
    count: int
    inside: int
    bias: float | None
    error: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"coverage": self.inside / self.count if self.count else None}


class Outcomes:
    """Safe to use from several threads and processes, and to repeat."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def keep_up(self, today: date, happened: Happened) -> int:
        """Measure months that are over and not settled; how many that were."""
        with self._engine.connect() as connection:
            due = _due(connection, today)
            told = {key: recommendation_with(connection, key) for key, _ in due}
        known = {month: happened(month) for month in {month for _, month in due}}
        for key, month in due:
            rows = self._measured(told[key], month, known[month], today)
            with self._engine.begin() as connection:
                statement = insert_or_meet(connection, recommendation_outcomes)
                names = [name for name in rows[0] if name not in ("recommendation", "year", "month", "figure")]
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=["recommendation", "year", "month", "figure"],
                        set_={name: statement.excluded[name] for name in names},
                    ),
                    rows,
                )
        return len(due)

    def all(self, *, seen: Visibility = EVERYTHING) -> Sequence[Outcome]:
        """The newest months first; those of recommendations that are seen whole."""
        its = recommendation_outcomes.c
        rows = (
            select(recommendation_outcomes, recommendations.c.dealers)
            .join(recommendations, recommendations.c.id == its.recommendation)
            .order_by(its.year.desc(), its.month.desc(), its.recommendation.desc(), its.figure)
        )
        with self._engine.connect() as connection:
            found = connection.execute(rows).all()
        return [
            _outcome(row._asdict())
            for row in found
            if seen.contractors is None and all(seen.sees_dealer(dealer) for dealer in row.dealers)
        ]

    def _measured(
        self, told: Recommendation, month: Month, happened: pd.DataFrame, today: date
    ) -> list[dict[str, Any]]:
        cells = pd.DataFrame([cell for cell in told.cells if cell["month"] == str(month)])
        facts = happened.groupby(_CELL)[["cost", "leads", "margin"]].sum()
        rows = cells.merge(facts.reset_index(), how="left", on=_CELL, suffixes=("_promised", ""))
        cost = rows["cost"].fillna(0.0).to_numpy(float)
        wanted = rows["recommended"].to_numpy(float)
        curve = np.array(rows["curve"].tolist(), float).T
        leads = Curves(curve[3], curve[0], curve[1], curve[2]).at(np.maximum(cost, 0.0))
        at_spend = {"leads": float(leads.sum()), "margin": float((leads * curve[4]).sum())}
        largest = float(np.maximum(cost, wanted).sum())
        promised = told.answer["promised_by_month"][str(month)]
        return [
            {
                "recommendation": told.id,
                "year": month.year,
                "month": month.month,
                "figure": figure,
                "promised": promised[figure]["mean"],
                "low": promised[figure]["low"],
                "high": promised[figure]["high"],
                "at_spend": round(at_spend[figure], 2),
                "fact": round(float(rows[figure].fillna(0.0).sum()), 2),
                "spend_planned": round(float(wanted.sum()), 2),
                "spend_fact": round(float(cost.sum()), 2),
                "followed": round(float(np.minimum(cost, wanted).sum() / largest), 4) if largest > 0 else 1.0,
                "measured_at": self._clock.now(),
                "is_settled": today > month.last + timedelta(days=SETTLED_AFTER_DAYS),
            }
            for figure in FIGURES
        ]


def accuracy_of(outcomes: Sequence[Outcome]) -> list[Accuracy]:
    """Bias and error are parts of what was promised."""
    found = []
    for figure in FIGURES:
        told = [each for each in outcomes if each.figure == figure]
        promised = sum(each.promised for each in told)
        wrong = [each.fact - each.at_spend for each in told]
        found.append(
            Accuracy(
                figure,
                len(told),
                sum(each.is_inside for each in told),
                round(sum(each.fact - each.promised for each in told) / promised, 4) if promised else None,
                round(sum(map(abs, wrong)) / promised, 4) if promised else None,
            )
        )
    return found


def _due(connection: Connection, today: date) -> list[tuple[int, Month]]:
    its, done = recommendation_uses.c, recommendation_outcomes.c
    settled = select(done.recommendation, done.year, done.month).where(done.is_settled.is_(True)).distinct()
    known = {tuple(row) for row in connection.execute(settled)}
    rows = connection.execute(select(its.recommendation, its.year, its.month))
    return [
        (row.recommendation, month)
        for row in rows
        if tuple(row) not in known and (month := Month(row.year, row.month)).last < today
    ]


def _outcome(row: Mapping[str, Any]) -> Outcome:
    told = {name: value for name, value in row.items() if name not in ("year", "dealers")}
    return Outcome(**told | {"month": Month(row["year"], row["month"])})
