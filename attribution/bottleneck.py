"""Where a dealer loses most on the way from lead to sale, against its peers, like for like.

What a step loses is in sales: the leads that came to it, times how far its conversion lies below its peers', times the
dealer's own conversion of the steps after it. It is what would come if this step alone were as good as the peers'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attribution.dealers import CONVERSION_RATES

STEPS = ("cr_lead_qualified", "cr_qualified_visit", "cr_visit_sale")


@dataclass(frozen=True, slots=True)
class StepLoss:
    """Of the step `slug`: `own` and `peers` conversion, like for like, and the `sales` it loses, below 0 a gain.

    `is_notable` where it is worse than its peers beyond noise.
    """

    slug: str
    came: float
    own: float
    peers: float
    sales: float
    is_notable: bool


def step_losses(row: Mapping[str, Any]) -> Sequence[StepLoss]:
    """Of a row of the comparison that has the measures of `STEPS`; steps that cannot be compared are left out."""
    found = []
    for place, slug in enumerate(STEPS):
        own, peers = row[f"{slug}_adjusted"], row[f"{slug}_peers"]
        if own is None or peers is None:
            continue
        came = float(row[f"cohort_{CONVERSION_RATES[slug][1]}"])
        after = 1.0
        for later in STEPS[place + 1 :]:
            after *= _conversion(row, later)
        sales = came * (peers - own) * after
        found.append(StepLoss(slug, came, own, peers, sales, row[f"{slug}_flag"] == "worse"))
    return found


def _conversion(row: Mapping[str, Any], slug: str) -> float:
    """As it is, where nobody or everybody went on, so that dealers cannot be compared."""
    fair, raw = row[f"{slug}_adjusted"], row[slug]
    return float(raw or 0.0) if fair is None else float(fair)


def bottleneck(row: Mapping[str, Any]) -> StepLoss | None:
    """The step that loses the most sales; None where none loses any."""
    return max((loss for loss in step_losses(row) if loss.sales > 0), key=lambda loss: loss.sales, default=None)
