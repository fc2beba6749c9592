"""By what cost that names no dealer is shared out to dealers, their brands and their cities.

Law: the parts add up to the whole, in whole units. The sharing itself is a step of the report's statement.
"""

from enum import StrEnum


class DealerShare(StrEnum):
    LEADS = "leads"
    EVEN = "even"
    WEIGHTS = "weights"
    NONE = "none"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    DealerShare.LEADS: "by leads",
    DealerShare.EVEN: "evenly",
    DealerShare.WEIGHTS: "by set weights",
    DealerShare.NONE: "not at all",
}
