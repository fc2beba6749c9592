"""The attribution models that a run computes for every journey.

Law: the shares of one conversion add up to one under every model, so that credit over all rows, with the row
`(no touch)`, is the CRM's total.

Shapley's value function is `conversions`: v(S) is the number of conversions whose journey's channels all lie within S.
Then each distinct channel of a journey gets the same, as each is needed; and so does each of a channel's touches.
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

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Model.FIRST: "First touch",
    Model.LAST: "Last touch",
    Model.LAST_NON_DIRECT: "Last touch that is not direct",
    Model.LINEAR: "Linear",
    Model.POSITION: "Position (40/20/40)",
    Model.TIME_DECAY: "Time decay",
    Model.CUSTOM: "Own weights",
    Model.SHAPLEY: "Shapley",
}
