"""What a channel has cost per lead, click and thousand impressions: at the dealer, or in the holding where that is few.

Of the three months before the plan's, by last non-direct touches, of cost that names a dealer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attribution.standings import FEW
from planning.media.money import shown
from planning.media.spending import Figures, Spending, total_of


@dataclass(frozen=True, slots=True)
class Measured:
    """`of` is `dealer` or `holding`; `cpl` is in minor units."""

    of: str
    figures: Figures

    @property
    def cpl(self) -> float:
        return self.figures.cost / self.figures.leads

    def expected(self, budget: int) -> tuple[int | None, int | None, int]:
        """Impressions, clicks and leads that so much money brings; None where they were not counted."""
        share = budget / self.figures.cost
        seen, clicked = self.figures.impressions, self.figures.clicks
        return (
            round(seen * share) if seen else None,
            round(clicked * share) if clicked else None,
            round(self.figures.leads * share),
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "of": self.of,
            "cpl": shown(self.cpl),
            "cost": shown(self.figures.cost),
            "leads": round(self.figures.leads, 2),
        }


def measured_channels(spending: Spending, dealer: str) -> Mapping[str, Measured]:
    """By channel: those that cost anything, and brought ten leads in the holding at least."""
    of_dealer = _by_channel(spending, dealer)
    of_holding = _by_channel(spending)
    found = {}
    for channel, figures in of_holding.items():
        own = of_dealer.get(channel, Figures())
        if own.leads >= FEW and own.cost > 0:
            found[channel] = Measured("dealer", own)
        elif figures.leads >= FEW and figures.cost > 0:
            found[channel] = Measured("holding", figures)
    return found


def _by_channel(spending: Spending, dealer: str | None = None) -> Mapping[str, Figures]:
    found: dict[str, list[Figures]] = {}
    for owner, lines in spending.before.items():
        if dealer is None or owner == dealer:
            for line in lines:
                if line.channel:
                    found.setdefault(line.channel, []).append(line.total)
    return {channel: total_of(each) for channel, each in found.items()}
