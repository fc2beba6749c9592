"""All models side by side, and which of them explains journeys best that it has not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from attribution.journeys.hold_out import HoldOut, best_of, try_models
from attribution.journeys.models import JourneyModel, MarkovModel, ShapleyRateModel, models_for
from attribution.journeys.table import Counts, Journeys, Span
from attribution.measures import Measure, Unit
from infra.errors import InvalidInput

NO_TOUCH = "(no touch)"
READ_AS = "Credit is allocated by a rule or a model of the data; it does not say what caused a conversion."


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """`rows` has a row a channel, and `(no touch)`: `channel`, `<model>`, `<model>_value` and `removal_effect`."""

    rows: pd.DataFrame
    models: Sequence[JourneyModel]
    counts: Counts
    hold_out: Sequence[HoldOut]
    rate_error: float

    def figures(self, unit_of_value: Unit) -> tuple[Measure, ...]:
        counted = [Measure(model.name, model.title, Unit.COUNT) for model in self.models]
        worth = [Measure(f"{model.name}_value", f"{model.title}, value", unit_of_value) for model in self.models]
        return (*counted, *worth, Measure("removal_effect", "Removal effect", Unit.SHARE))

    def about(self) -> Mapping[str, Any]:
        """What is always said beside the rows, as JSON takes it."""
        return {
            "journeys": shares_of(self.counts),
            "hold_out": [asdict(each) for each in self.hold_out],
            "best_on_hold_out": best_of(self.hold_out),
            "shapley_rate_standard_error": self.rate_error,
            "note": READ_AS,
        }


def shares_of(counts: Counts) -> dict[str, float | None]:
    """How many journeys there are, and which share of conversions comes of a single touch, or of none."""

    def share(part: float) -> float | None:
        return part / counts.conversions if counts.conversions else None

    return {
        "conversions": counts.conversions,
        "nulls": counts.nulls,
        "value": counts.value,
        "touches": counts.touches,
        "one_touch_share": share(counts.of_one_touch),
        "no_touch_share": share(counts.of_no_touch),
    }


def compare(journeys: Journeys, order: int) -> Comparison:
    """Every model that the journeys allow; the hold-out is tried where some journeys do not convert.

    Raises `InvalidInput` where a value is no number.
    """
    counts = journeys.counts(Span())
    if not isfinite(counts.value):
        raise InvalidInput("A value is infinite or no number.", where="value", help="Correct it, or leave it empty.")
    models = models_for(journeys, order)
    tried = try_models(journeys, models) if counts.nulls else []
    columns: dict[str, Any] = {"channel": [*journeys.channels, NO_TOUCH]}
    for model in models:
        model.fit(journeys, Span())
        columns[model.name] = np.append(model.conversions_, counts.of_no_touch)
        columns[f"{model.name}_value"] = np.append(model.value_, counts.value_of_no_touch)
    (markov,) = (model for model in models if isinstance(model, MarkovModel))
    (rate,) = (model for model in models if isinstance(model, ShapleyRateModel))
    columns["removal_effect"] = np.append(markov.effects_, np.nan)
    rows = pd.DataFrame(columns)
    if not counts.of_no_touch and not counts.value_of_no_touch:
        rows = rows[rows["channel"] != NO_TOUCH]
    order_of_columns = ["channel", *(m.name for m in models), *(f"{m.name}_value" for m in models), "removal_effect"]
    rows = rows[order_of_columns].sort_values(["linear", "channel"], ascending=[False, True])
    journeys_of_all = counts.conversions + counts.nulls
    return Comparison(
        rows.reset_index(drop=True), models, counts, tried, float(rate.errors_.max(initial=0.0) * journeys_of_all)
    )
