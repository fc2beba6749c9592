"""Forecasts as a report: a row a series and month, with how well the methods did beside them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.answer import Answer
from attribution.measures import Measure
from attribution.runs import Run
from attribution.units import Unit
from attribution.visibility import Visibility
from infra.errors import InvalidInput
from planning.forecast.against_plan import chance_of, planned_of
from planning.forecast.forecasting import Forecasts, check_months
from planning.forecast.outlook import Outlook, Series
from planning.forecast.past import MEASURES
from planning.forecast.scores import Score
from planning.forecast.tree import Level
from planning.response.curves import Numbers

_FIGURES = (
    Measure("forecast", "Forecast", Unit.COUNT),
    Measure("low", "At least", Unit.COUNT),
    Measure("high", "At most", Unit.COUNT),
    Measure("plan", "Plan", Unit.COUNT),
    Measure("chance", "Chance to meet the plan", Unit.SHARE),
    Measure("beside_naive", "Errors beside seasonal naive's", Unit.TIMES),
)
_NAMES = ("level", "measure", "dealer", "direction", "month", "method")


@dataclass(frozen=True, slots=True)
class ForecastQuestion:
    """Empty is all. Raises `InvalidInput`."""

    measure: str = ""
    dealer: str = ""
    direction: str = ""
    level: str = ""
    months: int = 12

    def __post_init__(self) -> None:
        check_months(self.months)
        if self.measure and self.measure not in MEASURES:
            raise InvalidInput(
                f"{self.measure!r} is not forecast.", where="measure", help=f"Choose one of {', '.join(MEASURES)}."
            )
        if self.level and self.level not in set(Level):
            raise InvalidInput(
                f"There is no level {self.level!r}.", where="level", help=f"Choose one of {', '.join(Level)}."
            )

    def asks_for(self, series: Series) -> bool:
        told = ((self.measure, series.measure), (self.dealer, series.dealer), (self.direction, series.direction))
        return all(not wanted or wanted == is_there for wanted, is_there in told) and (
            not self.level or self.level == level_of(series)
        )


def level_of(series: Series) -> Level:
    if series.dealer:
        return Level.LINE if series.direction else Level.DEALER
    return Level.DIRECTION if series.direction else Level.HOLDING


def forecast_report(
    run: Run,
    found: Forecasts,
    outlook: Outlook,
    plans: dict[Series, Numbers],
    question: ForecastQuestion,
    *,
    seen: Visibility,
) -> Answer:
    """`outlook` is what is seen of `found`."""
    chosen = [(place, each) for place, each in enumerate(outlook.series) if question.asks_for(each)]
    rows = [row for place, each in chosen for row in _rows(found, outlook, plans, place, each, seen)]
    columns = [*_NAMES, *(figure.slug for figure in _FIGURES)]
    frame = pd.DataFrame(rows, columns=columns).astype({figure.slug: float for figure in _FIGURES})
    asked = {name: getattr(question, name) for name in ("measure", "dealer", "direction", "level", "months")}
    about: dict[str, Any] = {
        "interval": outlook.level,
        "backtest": [score_as_dict(score) for score in found.scores if question.measure in ("", score.measure)],
        "adds_up_by": {measure: str(way) for measure, way in found.ways.items()},
    }
    return Answer("forecasts", run, _NAMES, _FIGURES, frame, asked, {}, about)


def _rows(
    found: Forecasts, outlook: Outlook, plans: dict[Series, Numbers], place: int, series: Series, seen: Visibility
) -> list[tuple[Any, ...]]:
    planned = planned_of(plans, series, len(outlook.months))
    basis = found.bases.get(series) if series.dealer or seen.dealers is None else None
    method, ratio = (str(basis.method), basis.ratio) if basis else ("sum", np.nan)
    bounds = (outlook.mean[place], outlook.low[place], outlook.high[place])
    return [
        (
            str(level_of(series)), series.measure, series.dealer, series.direction, str(month), method,
            *(round(float(value), 2) for value in (mean, low, high)), plan, chance_of(plan, mean, low, high), ratio,
        )
        for month, mean, low, high, plan in zip(outlook.months, *bounds, planned, strict=True)
    ]  # fmt: skip


def score_as_dict(score: Score) -> dict[str, Any]:
    return {
        "measure": score.measure,
        "level": str(score.level),
        "months_ahead": [score.first, score.last],
        "errors": score.errors,
        "mase": round(score.mase, 4),
        "mase_seasonal_naive": round(score.mase_naive, 4),
        "smape": round(score.smape, 4),
        "smape_seasonal_naive": round(score.smape_naive, 4),
        "coverage": round(score.covered, 4),
        "coverage_uncalibrated": round(score.nominal, 4),
    }


def known_of(found: Forecasts, series: Series, seen: Visibility) -> tuple[tuple[Any, ...], NDArray[np.float64]]:
    """The months that are known, and what happened in them; NaN where nothing is known of the series."""
    for past in found.pasts:
        if past.measure == series.measure:
            own = [
                at
                for at, line in enumerate(past.lines)
                if series.dealer in ("", line.dealer)
                and series.direction in ("", line.direction)
                and (seen.dealers is None or seen.sees_dealer(line.dealer))
            ]
            counts = past.counts[own]
            summed = np.where(np.isnan(counts).all(axis=0), np.nan, np.nansum(counts, axis=0))
            return past.months, summed
    return (), np.zeros(0)
