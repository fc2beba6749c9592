"""The attribution models, each fitted to journeys: what it allocates to channels, and how it would share one journey.

Laws: what a model allocates adds up to the conversions, and the value, of the journeys that have a touch; so do the
shares of each journey to one.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np

from attribution.journeys.arrays import Floats, in_proportion
from attribution.journeys.shapley import shapley_rate
from attribution.journeys.table import Journeys, Rule, Span


class JourneyModel(ABC):
    """`fit` sets `conversions_` and `value_`, by channel, and `rule_`, which shares a single journey."""

    name: str
    title: str
    conversions_: Floats
    value_: Floats
    rule_: Rule

    @abstractmethod
    def fit(self, journeys: Journeys, span: Span) -> Self: ...

    def _share_out(self, journeys: Journeys, span: Span, on_conversions: Floats, on_value: Floats) -> None:
        counts = journeys.counts(span)
        self.conversions_ = in_proportion(counts.conversions - counts.of_no_touch, on_conversions)
        self.value_ = in_proportion(counts.value - counts.value_of_no_touch, on_value)


class RuleModel(JourneyModel):
    """A model that shares each journey by a rule, whatever the others are."""

    def __init__(self, name: str, title: str, rule: str) -> None:
        self.name = name
        self.title = title
        self.rule = rule

    def fit(self, journeys: Journeys, span: Span) -> Self:
        weights = np.array([float(channel != journeys.direct) for channel in journeys.channels])
        self.rule_ = Rule(self.rule, weights)
        given = journeys.allocate(self.rule_, span, with_nulls=False)
        self.conversions_, self.value_ = given.conversions, given.value
        return self


class MarkovModel(JourneyModel):
    """Shares all conversions in proportion to removal effects; one journey, to those of its touches.

    `effects_` are the removal effects on conversions, by channel. What it is fitted to is not solved anew.
    """

    name = "markov"
    effects_: Floats

    def __init__(self, order: int) -> None:
        self.order = order
        self.title = f"Markov {order}"
        self._fitted_to: tuple[Journeys, Span] | None = None

    def fit(self, journeys: Journeys, span: Span) -> Self:
        if self._fitted_to == (journeys, span):
            return self
        self._fitted_to = (journeys, span)
        steps, channels = journeys.transitions(self.order, span), len(journeys.channels)
        self.effects_, on_value = steps.effects_on_both(channels)
        self.rule_ = Rule("weighted", self.effects_)
        self._share_out(journeys, span, self.effects_, on_value)
        return self


class MarkovInJourneyModel(JourneyModel):
    """The other read-out: each journey is shared in proportion to the removal effects of its own touches."""

    name = "markov_in_journey"

    def __init__(self, markov: MarkovModel) -> None:
        self.markov = markov
        self.title = f"{markov.title}, within journeys"

    def fit(self, journeys: Journeys, span: Span) -> Self:
        self.rule_ = self.markov.fit(journeys, span).rule_
        given = journeys.allocate(self.rule_, span, with_nulls=False)
        self.conversions_, self.value_ = given.conversions, given.value
        return self


class ShapleyModel(JourneyModel):
    """Shapley values of the worth `conversions`, which are linear credit over the different channels of a journey."""

    name = "shapley"
    title = "Shapley"

    def fit(self, journeys: Journeys, span: Span) -> Self:
        shared = RuleModel(self.name, self.title, "each_once").fit(journeys, span)
        self.conversions_, self.value_, self.rule_ = shared.conversions_, shared.value_, shared.rule_
        return self


class ShapleyRateModel(JourneyModel):
    """Shapley values of the worth `rate`, as conversions: times the number of journeys. Negative ones are kept.

    One journey is shared in proportion to the positive values of its channels. `rates_` are the values themselves and
    `errors_` their standard errors: 0 up to 15 channels.
    """

    name = "shapley_rate"
    title = "Shapley, rate"
    rates_: Floats
    errors_: Floats

    def fit(self, journeys: Journeys, span: Span) -> Self:
        self.rates_, self.errors_ = shapley_rate(journeys.channel_sets(span), len(journeys.channels))
        self.rule_ = Rule("weighted_once", np.maximum(self.rates_, 0))
        self._share_out(journeys, span, self.rates_, self.rates_)
        return self


def models_for(journeys: Journeys, order: int) -> Sequence[JourneyModel]:
    """Every model that these journeys allow, in the order in which they are shown; Markov's is of this order."""
    found: list[JourneyModel] = [
        RuleModel("first", "First", "first"),
        RuleModel("last", "Last", "last"),
        RuleModel("last_non_direct", "Last non-direct", "last_but"),
        RuleModel("linear", "Linear", "each"),
        RuleModel("linear_unique", "Linear, unique", "each_once"),
        RuleModel("position", "Position", "position"),
    ]
    if journeys.timed:
        found.append(RuleModel("time_decay", "Time decay", "decay"))
    markov = MarkovModel(order)
    return [*found, markov, MarkovInJourneyModel(markov), ShapleyModel(), ShapleyRateModel()]
