"""What contractors were measured to bring for the money, month by month, and how much they differ.

Return is margin for each unit of cost, which is ROMI + 1. A contractor's months scatter about its own return with the
variance `within` / cost; contractors' own returns have the mean `centre` and the variance `between` (Bühlmann and
Straub, by moments; `attribution.credibility`). `Claims` say by how much contractors' own claims lay above what was
measured on the same days; None where fewer than three claim anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attribution.credibility import credible
from planning.response.curves import Numbers

NOBODYS = ("(none)", "(no touch)", "")
FEWEST_OF_CHANNEL = 3
FEWEST_CLAIMS = 3


@dataclass(frozen=True)
class Measured:
    """A place a contractor in every array. `costs` are of the whole span, `monthly` its mean cost of a month."""

    contractors: tuple[str, ...]
    channel: str
    costs: Numbers
    returns: Numbers
    estimates: Numbers
    errors: Numbers
    within: float
    between: float
    centre: float
    doubt: float

    @property
    def is_known(self) -> bool:
        """Whether there is anything to measure a claim by."""
        return len(self.contractors) > 0 and bool(np.isfinite(self.centre))

    @cached_property
    def spread(self) -> float:
        """Standard deviation of what a further contractor may truly bring."""
        return float(np.sqrt(self.between + self.doubt))

    def percentile(self, value: float) -> float | None:
        """The share of contractors that were measured below it."""
        if not len(self.returns):
            return None
        return float((np.sum(self.returns < value) + 0.5 * np.sum(self.returns == value)) / len(self.returns))


@dataclass(frozen=True, slots=True)
class Claims:
    """By how much claims lay above what was measured, in return; None where too few are known."""

    count: int = 0
    bias: float | None = None
    variance: float | None = None


def claims_of(claimed: Sequence[float], measured: Sequence[float]) -> Claims:
    gaps = np.array(claimed, float) - np.array(measured, float)
    gaps = gaps[np.isfinite(gaps)]
    if len(gaps) < FEWEST_CLAIMS:
        return Claims(len(gaps))
    return Claims(len(gaps), float(gaps.mean()), float(gaps.var(ddof=1)))


def measured_of(history: pd.DataFrame, channel: str) -> Measured:
    """`history` has rows by month, contractor and channel. Where the channel has few contractors, all are looked at.

    `channel` of the answer is empty then.
    """
    told = history[~history["contractor"].isin(NOBODYS) & (history["cost"] > 0)]
    of_channel = told[told["channel"] == channel]
    if of_channel["contractor"].nunique() >= FEWEST_OF_CHANNEL:
        return _measured(of_channel, channel)
    return _measured(told, "")


def _measured(rows: pd.DataFrame, channel: str) -> Measured:
    months = rows.groupby(["contractor", "month"], as_index=False)[["cost", "margin"]].sum()
    months["return"] = months["margin"] / months["cost"]
    sums = months.groupby("contractor")[["cost", "margin"]].sum().sort_index()
    cost = sums["cost"].to_numpy(float)
    returns = (sums["margin"] / sums["cost"]).to_numpy(float)
    own = months["contractor"].map(dict(zip(sums.index, returns, strict=True))).to_numpy(float)
    off = months["return"].to_numpy(float) - own
    free = len(months) - len(sums)
    within = float((months["cost"].to_numpy(float) * off**2).sum() / free) if free > 0 else 0.0
    found = credible([*cost, 0.0], [*returns, 0.0], within)
    centre, variance = float(found.estimate[-1]), float(found.error[-1] ** 2)
    between = _between(cost, found.own, within)
    return Measured(
        tuple(str(each) for each in sums.index),
        channel,
        cost,
        returns,
        found.estimate[:-1],
        found.error[:-1],
        within,
        between,
        centre,
        max(0.0, variance - between),
    )


def _between(cost: Numbers, own: Numbers, within: float) -> float:
    """The variance between contractors, as their weights have it: own = cost / (cost + within / between)."""
    told = (own > 0) & (own < 1)
    if not told.any():
        return 0.0
    place = int(np.flatnonzero(told)[0])
    return float(within * own[place] / (cost[place] * (1 - own[place])))
