"""Which model tells best, from journeys that ended first, which of those that ended later converted.

A model is read as a rule that shares journeys among their touches. It shares the journeys of the first part, whether or
not they converted; of what it allocates to a channel, the share that converted is the channel's rate. A journey of the
later part is predicted to convert by the mean rate of its channels, weighed as the model shares the journey. A channel
that the first part does not know has the rate of all.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from attribution.journeys.accuracy import area_under_curve, log_loss
from attribution.journeys.arrays import Floats
from attribution.journeys.models import JourneyModel
from attribution.journeys.table import Journeys, Span


@dataclass(frozen=True, slots=True)
class HoldOut:
    """`auc` is a half for mere chance, more is better; of `log_loss`, in nats a journey, less is better. Both are None
    where the later part has no journey that converts, or none that does not."""

    model: str
    auc: float | None
    log_loss: float | None


def try_models(journeys: Journeys, models: Iterable[JourneyModel]) -> list[HoldOut]:
    """Each model, fitted to the first part of the journeys and tried on the later one; it stays fitted so."""
    first, later = journeys.parts()
    found = []
    for model in models:
        rule = model.fit(journeys, first).rule_
        score, conversions, nulls = journeys.scores(rule, _rates(journeys, model, first), later)
        auc = area_under_curve(score, conversions, nulls)
        found.append(HoldOut(model.name, auc, None if auc is None else log_loss(score, conversions, nulls)))
    return found


def _rates(journeys: Journeys, model: JourneyModel, span: Span) -> Floats:
    given = journeys.allocate(model.rule_, span, with_nulls=True)
    both = given.conversions + given.nulls
    known = both.sum()
    of_all = given.conversions.sum() / known if known else 0.0
    rates: Floats = np.divide(given.conversions, both, out=np.full(len(both), of_all), where=both > 0)
    return rates


def best_of(tried: Iterable[HoldOut]) -> str | None:
    """The model of the least log-loss; None where none could be tried, or all fare alike."""
    known = [(each.log_loss, each.model) for each in tried if each.log_loss is not None]
    return min(known)[1] if known and min(known)[0] < max(known)[0] else None
