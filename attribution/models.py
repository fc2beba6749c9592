"""The attribution models of reports.

Law: the shares of one conversion add up to one under every model, so that credit over all rows, with the row
`(no touch)`, is the CRM's total.

Shapley's value function is `conversions`: v(S) is the number of conversions whose journey's channels all lie within S.
Then each distinct channel of a journey gets the same, as each is needed; and so does each of a channel's touches.

Markov divides each conversion among the touches of its journey in proportion to the removal effects of their channels,
of a chain of order 1 over all journeys of the run; where all of these are 0, evenly. The effects are those of the kind
of conversion. Every other model looks at one journey alone, and a run computes it for every journey.
"""

from enum import StrEnum


class Model(StrEnum):
    FIRST = "first"
    LAST = "last"
    LAST_NON_DIRECT = "last_non_direct"
    LINEAR = "linear"
    POSITION = "position"
    TIME_DECAY = "time_decay"
    CUSTOM = "custom"
    SHAPLEY = "shapley"
    MARKOV = "markov"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def in_sentence(self) -> str:
        """The label within a sentence: names of people stay as they are."""
        return self.label if self in (Model.SHAPLEY, Model.MARKOV) else self.label[0].lower() + self.label[1:]


_LABELS = {
    Model.FIRST: "First touch",
    Model.LAST: "Last touch",
    Model.LAST_NON_DIRECT: "Last touch that is not direct",
    Model.LINEAR: "Linear",
    Model.POSITION: "Position (40/20/40)",
    Model.TIME_DECAY: "Time decay",
    Model.CUSTOM: "Own weights",
    Model.SHAPLEY: "Shapley",
    Model.MARKOV: "Markov",
}
