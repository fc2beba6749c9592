"""All models side by side on the journeys of the newest run.

Rules such as `first` and `linear` are read from the credit that the run stored, so they are the ROMI report's figures.
Markov and Shapley are computed from the journeys that end in the period: of each conversion of a kind, and of each
person who did not convert. Every model's column adds up to the CRM's conversions and revenue exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer, Period
from attribution.journeys.arrays import in_whole_parts
from attribution.journeys.comparing import NO_TOUCH, Comparison, compare
from attribution.journeys.on_file import check_by, check_order
from attribution.journeys.table import Journeys, new_journeys
from attribution.measures import Measure, Unit
from attribution.models import Model
from attribution.runs import KINDS, Run, newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "model_report")
_OF_CREDIT = (
    Model.FIRST, Model.LAST, Model.LAST_NON_DIRECT, Model.LINEAR, Model.POSITION, Model.TIME_DECAY, Model.CUSTOM,
)  # fmt: skip
_OF_JOURNEYS = {
    "markov": "Markov",
    "markov_in_journey": "Markov, within journeys",
    "shapley": "Shapley",
    "shapley_rate": "Shapley of the conversion rate",
}
_ONE = 10**9
_TITLES = {model.value: model.label for model in _OF_CREDIT} | _OF_JOURNEYS
FIGURES = (
    *(Measure(name, title, Unit.COUNT) for name, title in _TITLES.items()),
    *(Measure(f"{name}_revenue", f"{title}, revenue", Unit.MONEY) for name, title in _TITLES.items()),
    Measure("removal_effect", "Removal effect", Unit.SHARE),
)


@dataclass(frozen=True, slots=True)
class ModelQuestion:
    """`kind` is of conversions that ended in the period; `by` is `channel`, or `campaign` for channel and campaign."""

    period: Period
    kind: str = "sale"
    by: str = "channel"
    order: int = 1

    def __post_init__(self) -> None:
        check_order(self.order)
        check_by(self.by)
        if self.kind not in KINDS:
            raise InvalidInput(
                f"There is no kind of conversion {self.kind!r}.",
                where="kind",
                help=f"Choose one of {', '.join(KINDS)}.",
            )

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "by": self.by,
            "order": self.order,
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
        }


def model_report(
    warehouse: Warehouse, question: ModelQuestion, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a channel, most of `linear` first.

    Raises `NotReady` where nothing was attributed yet, and `NotPermitted`: journeys are of the whole holding.
    """
    seen.check_sees_everything("The comparison of models", "The ROMI report answers by one model at a time.")
    run = newest_run(warehouse)
    asked = _parameters(question, run, settings)
    found = _comparison(warehouse, question, asked, settings)
    columns = _of_credit(warehouse, asked)
    totals = {part: int(columns[part][Model.LINEAR].sum()) for part in ("conversions", "revenue")}
    _add_of_journeys(columns, found.rows.set_index("channel"), totals)
    rows = _side_by_side(columns, found.rows.set_index("channel")["removal_effect"])
    counted = dict.fromkeys(_TITLES, totals["conversions"] / _ONE)
    earned = {f"{name}_revenue": totals["revenue"] / 10_000 for name in _TITLES}
    return Answer(
        "models", run, ("channel",), FIGURES, rows, question.as_dict(),
        counted | earned | {"removal_effect": None}, found.about(),
    )  # fmt: skip


def _parameters(question: ModelQuestion, run: Run, settings: Settings) -> dict[str, Any]:
    return {
        "run": run.number,
        "kind": question.kind,
        "by": question.by,
        "from": question.period.first_day,
        "to": question.period.last_day,
        "timezone": settings.timezone,
        "lookback_days": settings.lookback_days_by_kind.get(question.kind, settings.lookback_days),
    }


def _comparison(
    warehouse: Warehouse, question: ModelQuestion, asked: Mapping[str, Any], settings: Settings
) -> Comparison:
    channels = [row["label"] for row in warehouse.rows(_SQL["channels_of_run"], asked)]
    with new_journeys(warehouse) as table:
        warehouse.command(_SQL["add_journeys_of_run"], {**asked, "journeys": table, "channels": channels})
        journeys = Journeys(warehouse, table, channels, True, settings.half_life_days, "direct")
        return compare(journeys, question.order)


def _of_credit(warehouse: Warehouse, asked: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """A column a model and a row a channel: `conversions` in billionths, `revenue` in ten-thousandths."""
    found = {
        model.value: warehouse.frame(
            _SQL["credit_by_channel"], {**asked, "share": model.value, "share_before": f"{model.value}_before"}
        )
        for model in _OF_CREDIT
    }
    return {
        part: pd.DataFrame({name: _by_channel(frame, part) for name, frame in found.items()}).fillna(0).astype("int64")
        for part in ("conversions", "revenue")
    }


def _by_channel(frame: pd.DataFrame, part: str) -> "pd.Series[int]":
    return frame.set_index("channel")[part] if len(frame) else pd.Series(dtype="int64")


def _add_of_journeys(columns: dict[str, pd.DataFrame], computed: pd.DataFrame, totals: Mapping[str, int]) -> None:
    """Markov and Shapley beside the others, in the same whole units: what has no touch stays with `(no touch)`."""
    for part, suffix in (("conversions", ""), ("revenue", "_value")):
        stored = columns[part]
        names = stored.index.union(computed.index)
        stored = stored.reindex(names, fill_value=0)
        untouched = int(stored[Model.LINEAR].get(NO_TOUCH, 0))
        for name in _OF_JOURNEYS:
            touched = computed[f"{name}{suffix}"].reindex(names.drop(NO_TOUCH, errors="ignore"), fill_value=0.0)
            shared = pd.Series(in_whole_parts(totals[part] - untouched, touched.to_numpy(float)), touched.index)
            stored[name] = shared.reindex(names, fill_value=untouched)
        columns[part] = stored


def _side_by_side(columns: Mapping[str, pd.DataFrame], effects: "pd.Series[float]") -> pd.DataFrame:
    names: Sequence[str] = list(_TITLES)
    conversions, revenue = columns["conversions"][names] / _ONE, columns["revenue"][names] / 10_000
    rows = conversions.join(revenue.add_suffix("_revenue"))
    rows = rows[(rows != 0).any(axis=1)]
    rows["removal_effect"] = effects.reindex(rows.index).astype(float).where(rows.index != NO_TOUCH, np.nan)
    rows = rows.rename_axis("channel").reset_index()
    return rows.sort_values(["linear", "channel"], ascending=[False, True]).reset_index(drop=True)
