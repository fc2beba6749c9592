"""Cost that names no dealer, shared out to dealers or brands by weight.

Law: the parts add up to the whole, in whole units.
"""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import pandas as pd

UNNAMED = "unnamed"  # the column of a group's cost that names no dealer


class DealerShare(StrEnum):
    """By what cost that names no dealer is shared out to dealers."""

    LEADS = "leads"
    EVEN = "even"
    WEIGHTS = "weights"
    NONE = "none"

    @property
    def statement(self) -> str:
        """The statement that answers what each dealer weighs."""
        return _STATEMENTS[self]

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    DealerShare.LEADS: "by leads",
    DealerShare.EVEN: "evenly",
    DealerShare.WEIGHTS: "by set weights",
    DealerShare.NONE: "not at all",
}
_STATEMENTS = {
    DealerShare.LEADS: "weights_by_leads",
    DealerShare.EVEN: "weights_even",
    DealerShare.WEIGHTS: "weights_by_hand",
}


def share_out(wholes: pd.Series, weights: pd.Series) -> np.ndarray:
    """Part each whole by the weights: a row a whole, a column a weight. Rounded as running sums."""
    upto = np.rint(np.outer(wholes, weights.cumsum() / weights.sum())).astype(np.int64)
    upto[:, -1] = wholes
    return np.diff(upto, axis=1, prepend=0)


def share_cost(sums: pd.DataFrame, places: Mapping[str, str], weights: pd.DataFrame) -> pd.DataFrame:
    """Move the cost that names no dealer to the groups of `weights`; `places` names the column of each grouping."""
    whole = sums.loc[sums[UNNAMED] != 0, ["by", "then_by", UNNAMED]]
    if weights.empty or whole.empty:
        return sums
    parts = whole.merge(weights, how="cross")
    parts["cost"] = share_out(whole[UNNAMED], weights["weight"]).ravel()
    for name, place in places.items():
        if name in weights:
            parts[place] = parts[name]
    left = sums.assign(cost=sums["cost"] - sums[UNNAMED])
    moved = parts[["by", "then_by", "cost"]].reindex(columns=sums.columns, fill_value=0)
    return pd.concat([left, moved], ignore_index=True)
