"""The offline report: what TV, radio, outdoor and print cost, and how much more there was where and when they ran."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from attribution.answer import Answer, Period
from attribution.measures import Measure, Unit
from attribution.reference import current_offline_media
from attribution.reference_document import OfflineMedium
from attribution.runs import Run, newest_run
from attribution.uplift import Array, Effect, adstock, estimate_uplift
from attribution.visibility import EVERYTHING, Visibility
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "offline")

OUTCOMES = ("sessions", "calls", "leads", "visits", "sales")
NAMES = ("medium", "outcome", "finding")
FIGURES = (
    Measure("cost", "Cost", Unit.MONEY),
    Measure("observed", "Observed", Unit.COUNT),
    Measure("additional", "Additional", Unit.COUNT),
    Measure("low", "From", Unit.COUNT),
    Measure("high", "To", Unit.COUNT),
    Measure("cost_per_additional", "Cost per additional one", Unit.MONEY),
)
MORE, FEWER, UNCLEAR = "more with it", "fewer with it", "cannot be told from chance"
_WARM_UP = 7  # half-lives before the period whose spend is still felt in it


def offline_report(
    warehouse: Warehouse, engine: Engine, period: Period, timezone: str, *, seen: Visibility = EVERYTHING
) -> Answer:
    """For each medium that ran and each outcome: what there was in addition, with its 95 % interval, or why not.

    An estimate from places and days with and without the medium; nothing of it goes into other reports.
    Raises `NotReady` where nothing was attributed yet, and `NotPermitted`.
    """
    seen.check_sees_everything("The estimate of offline media", "The ROMI report has their cost, by source or medium.")
    run = newest_run(warehouse)
    with engine.connect() as connection:
        media = current_offline_media(connection)
    panel = _Panel.ask(warehouse, run, period, media, timezone)
    rows = [row for outcome in OUTCOMES for row in panel.rows(outcome)]
    order = {each.medium: number for number, each in enumerate(media)}
    rows.sort(key=lambda row: order[row["medium"]])
    return Answer(
        "offline",
        run,
        NAMES,
        FIGURES,
        pd.DataFrame(rows, columns=[*NAMES, *(figure.slug for figure in FIGURES)]),
        {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()},
        {"cost": panel.whole_cost},
        {"half_life_days": {each.medium: each.half_life_days for each in media}, "places": panel.places},
    )


@dataclass(frozen=True, slots=True)
class _Panel:
    """`spend` has day, place, medium and cost, the warm-up's days included; `times` has day, outcome, place, times."""

    period: Period
    media: Sequence[OfflineMedium]
    spend: pd.DataFrame
    times: pd.DataFrame

    @classmethod
    def ask(
        cls, warehouse: Warehouse, run: Run, period: Period, media: Sequence[OfflineMedium], timezone: str
    ) -> "_Panel":
        marks = [(mark, each.medium) for each in media for mark in each.all_marks]
        warm_up = timedelta(days=round(_WARM_UP * max(each.half_life_days for each in media)))
        asked: dict[str, Any] = {
            "run": run.number,
            "from": period.first_day,
            "warm_from": max(period.first_day - warm_up, date(2000, 1, 1)),
            "to": period.last_day,
            "timezone": timezone,
            "marks": [mark for mark, _ in marks],
            "media": [medium for _, medium in marks],
        }
        spend = warehouse.frame(_SQL["offline_spend"], asked).reindex(columns=["day", "place", "medium", "cost"])
        times = warehouse.frame(_SQL["outcomes_by_place"], asked).reindex(columns=["day", "outcome", "place", "times"])
        for frame in (spend, times):
            frame["day"] = pd.to_datetime(frame["day"])
        return cls(period, media, spend, times)

    @property
    def whole_cost(self) -> float:
        return float(self._cost_in_period().sum())

    @property
    def places(self) -> list[str]:
        return sorted(set(self.times["place"]) | set(self.spend["place"]) - {""})

    def rows(self, outcome: str) -> list[dict[str, Any]]:
        """One for each medium that cost anything in the period or the days whose spend is still felt in it."""
        table = self._outcome(outcome)
        ran = [each for each in self.media if each.medium in set(self.spend["medium"])]
        felt = [self._felt(each, table) for each in ran]
        effects = estimate_uplift(table.to_numpy(dtype=float), np.stack(felt)) if ran else []
        cost = self._cost_in_period()
        return [
            _row(each.medium, outcome, float(cost.get(each.medium, 0.0)), float(table.to_numpy().sum()), stock, effect)
            for each, stock, effect in zip(ran, felt, effects, strict=True)
        ]

    def _outcome(self, outcome: str) -> pd.DataFrame:
        """Days of the period × places, from the first day on which anything is known to the last."""
        days = (
            pd.date_range(self.times["day"].min(), self.times["day"].max()) if len(self.times) else pd.DatetimeIndex([])
        )
        told = self.times[self.times["outcome"] == outcome]
        table = told.pivot_table(index="day", columns="place", values="times", aggfunc="sum", fill_value=0)
        return table.reindex(days, fill_value=0)

    def _felt(self, medium: OfflineMedium, outcome: pd.DataFrame) -> Array:
        """Adstock on the outcome's days × places. Spend of no place is felt everywhere, by the places' size."""
        told = self.spend[self.spend["medium"] == medium.medium]
        table = told.pivot_table(index="day", columns="place", values="cost", aggfunc="sum", fill_value=0.0)
        first = min([*outcome.index[:1], *table.index[:1]])
        days = pd.date_range(first, outcome.index[-1]) if len(outcome) else outcome.index
        placed = table.reindex(index=days, columns=outcome.columns, fill_value=0.0).to_numpy(dtype=float)
        if "" in table:
            sizes = outcome.sum().to_numpy(dtype=float)
            everywhere = table[""].reindex(days, fill_value=0.0).to_numpy(dtype=float)
            placed = placed + np.outer(everywhere, sizes / max(sizes.sum(), 1.0))
        return adstock(placed, medium.half_life_days)[len(days) - len(outcome) :]

    def _cost_in_period(self) -> pd.Series:
        within = self.spend["day"] >= pd.Timestamp(self.period.first_day)
        return self.spend[within].groupby("medium")["cost"].sum()


def _row(medium: str, outcome: str, cost: float, observed: float, felt: Array, effect: Effect) -> dict[str, Any]:
    whole = float(felt.sum())
    additional, low, high = effect.value * whole, effect.low * whole, effect.high * whole
    return {
        "medium": medium,
        "outcome": outcome,
        "finding": _finding(effect),
        "cost": cost,
        "observed": observed,
        "additional": additional,
        "low": low,
        "high": high,
        "cost_per_additional": cost / additional if effect.low > 0 else float("nan"),
    }


def _finding(effect: Effect) -> str:
    if effect.problem:
        return f"too little data: {effect.problem}"
    if effect.low > 0:
        return MORE
    return FEWER if effect.high < 0 else UNCLEAR
