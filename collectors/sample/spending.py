"""What the advertising cost: by day, campaign and often dealer; radio by month and city."""

from collections import Counter
from typing import Any

import numpy as np

from collectors.sample.channels import PLACEMENTS, Placement
from collectors.sample.files import DayFiles
from collectors.sample.holding import CITIES, Holding
from collectors.sample.season import Period, date_of, day_number, midnight

_PRICED_BY_CLICK = [index for index, placement in enumerate(PLACEMENTS) if placement.click]
_PRICED_BY_MONTH = [index for index, placement in enumerate(PLACEMENTS) if placement.month]


class Spending:
    def __init__(self, files: DayFiles, holding: Holding, rng: np.random.Generator, dearness: float) -> None:
        """`dearness` scales prices of clicks, where traffic was scaled."""
        self._files = files
        self._holding = holding
        self._rng = rng
        self._dearness = dearness
        self._rows = 0

    def of_day(self, day: int, visits: Counter[tuple[int, int]]) -> None:
        """`visits` counts the day's touches by placement and dealer."""
        clicks: Counter[tuple[int, int, int]] = Counter()
        for (placement, dealer), count in sorted(visits.items()):
            if placement in _PRICED_BY_CLICK:
                campaign = self._holding.campaign_of(placement, dealer)
                clicks[placement, campaign, dealer if PLACEMENTS[placement].dealer_spend else -1] += count
        for (placement, campaign, dealer), count in sorted(clicks.items()):
            self._of_clicks(day, PLACEMENTS[placement], campaign, dealer, count)
        for placement in _PRICED_BY_MONTH:
            if not PLACEMENTS[placement].per_city:
                for index in range(len(self._holding.dealers)):
                    self._of_listing(day, placement, index)

    def of_months(self, period: Period) -> None:
        """What is paid by the month and names no dealer."""
        for placement in (place for place in _PRICED_BY_MONTH if PLACEMENTS[place].per_city):
            way_in = PLACEMENTS[placement]
            for city in CITIES:
                for first, last in period.months():
                    cost = way_in.month * city.click_price * self._rng.uniform(0.85, 1.15)
                    row = {"from": first.isoformat(), "to": last.isoformat(), "cost": f"{cost:.2f}"}
                    name = way_in.campaign.format(brand="", city=city.slug)
                    self._row(midnight(day_number(first)), way_in, name, row)

    def _of_clicks(self, day: int, way_in: Placement, campaign: int, dealer: int, count: int) -> None:
        clicks = max(1, round(count * self._rng.uniform(1.02, 1.25)))
        city = self._holding.dealers[max(dealer, 0)].city
        cost = clicks * way_in.click * city.click_price * self._dearness * self._rng.uniform(0.85, 1.2)
        row = {
            "date": date_of(day).isoformat(),
            "cost": f"{cost:.2f}",
            "impressions": int(clicks / way_in.click_rate),
            "clicks": clicks,
        }
        slug = self._holding.dealers[dealer].slug if dealer >= 0 else ""
        self._row(midnight(day), way_in, self._holding.campaigns[campaign].name, row, slug)

    def _of_listing(self, day: int, placement: int, dealer: int) -> None:
        way_in, centre = PLACEMENTS[placement], self._holding.dealers[dealer]
        campaign = self._holding.campaigns[self._holding.campaign_of(placement, dealer)].name
        cost = way_in.month * centre.city.click_price / 30.4
        self._row(
            midnight(day), way_in, campaign, {"date": date_of(day).isoformat(), "cost": f"{cost:.2f}"}, centre.slug
        )

    def _row(self, at: int, way_in: Placement, campaign: str, row: dict[str, Any], dealer: str = "") -> None:
        self._rows += 1
        marks = {
            "source": way_in.source,
            "medium": way_in.medium,
            "campaign": campaign,
            "dealer": dealer,
            "contractor": way_in.contractor,
        }
        event = {"id": f"s-{self._rows:07d}", **row, "currency": "RUB", **{k: v for k, v in marks.items() if v}}
        self._files.add_event("spend", at, event | {"vat_included": way_in.vat_included})
