"""The attribution models that a run computes for every journey.

Law: the shares of one conversion add up to one under every model, so that credit over all rows, with the row
`(no touch)`, is the CRM's total.
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
}
