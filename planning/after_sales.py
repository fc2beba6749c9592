"""Service visits that are to be expected: of requests for service, and of cars in operation that are due.

    visits(month) = requests(month) × conversion + cars due(month) × return rate

A car is due every `interval_months` after it was sold. Of cars that no deal tells of, as many are due each month as the
interval lets. The conversion is the share of requests that became a service visit, the return rate is visits that began
with no request for each car that was due, both of the last twelve whole months, partially pooled over dealers: a dealer
with three requests gets a sane figure. Visits that came of a request are in the first part alone: nothing counts twice.
Intervals are those of the two rates, taken as independent; what months bring by chance is not in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from attribution.pooling import Pooled, pool_rates, pool_shares
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.sql import Statements
from infra.warehouse import Warehouse
from planning.directions import Direction
from planning.split import Weights

_SQL = Statements("planning", "after_sales")
SERVICE_KINDS = ("service", "parts")
_TOLD = ["dealer", "month_number", "leads", "from_leads", "direct", "cars"]
_YEAR = 12


@dataclass(frozen=True, slots=True)
class ServiceAssumption:
    """What deals do not tell of a dealer: `other_cars` in operation, and how often a car is due, in months."""

    other_cars: int = 0
    interval_months: int = 12


@dataclass(frozen=True)
class ServiceOutlook:
    """A row a dealer of `dealers`; arrays of the shape (dealers, 12), January first, but for rates and their bounds."""

    dealers: tuple[str, ...]
    requests: Weights
    due: Weights
    conversion: Pooled
    return_rate: Pooled

    @property
    def visits(self) -> Weights:
        return self._of(self.conversion.mean, self.return_rate.mean)

    @property
    def bounds(self) -> tuple[Weights, Weights]:
        """Of each dealer's year, from the two rates' intervals."""
        parts = [
            (whole.sum(axis=1), rate)
            for whole, rate in ((self.requests, self.conversion), (self.due, self.return_rate))
        ]
        year = self.visits.sum(axis=1)
        below = [np.nan_to_num(whole * (rate.mean - rate.low)) ** 2 for whole, rate in parts]
        above = [np.nan_to_num(whole * (rate.high - rate.mean)) ** 2 for whole, rate in parts]
        return np.maximum(year - np.sqrt(sum(below)), 0), year + np.sqrt(sum(above))

    def _of(self, conversion: Weights, rate: Weights) -> Weights:
        known = np.nan_to_num(conversion)[:, None], np.nan_to_num(rate)[:, None]
        return np.asarray(self.requests * known[0] + self.due * known[1])


def service_outlook(
    warehouse: Warehouse,
    year: int,
    today: date,
    directions: tuple[Direction, ...],
    assumptions: Mapping[str, ServiceAssumption],
    dealers: tuple[str, ...],
    timezone: str,
    *,
    planned_requests: Mapping[str, Weights] | None = None,
    seen: Visibility = EVERYTHING,
) -> ServiceOutlook:
    """Of a year. Requests are those that are planned, or else those of the same month of the last twelve.

    Raises `NotReady` where nothing was attributed yet.
    """
    asked = {
        "run": newest_run(warehouse).number,
        "timezone": timezone,
        "service_kinds": list(SERVICE_KINDS),
        "car_kinds": [kind for each in directions for kind in each.kinds if kind not in SERVICE_KINDS],
        **{name: value for name, value in seen.parameters.items() if name.endswith("dealers")},
    }
    told = warehouse.frame(_SQL["service_months"], asked).reindex(columns=_TOLD)
    return outlook_of(told, year, today, assumptions, dealers, planned_requests or {})


def outlook_of(
    told: pd.DataFrame,
    year: int,
    today: date,
    assumptions: Mapping[str, ServiceAssumption],
    dealers: tuple[str, ...],
    planned_requests: Mapping[str, Weights],
) -> ServiceOutlook:
    """`told` has a row a dealer and month, as the warehouse answers."""
    this_month = today.year * _YEAR + today.month - 1
    first = this_month - _YEAR
    places = {dealer: place for place, dealer in enumerate(dealers)}
    known = told[told["dealer"].isin(places) & (told["month_number"] < this_month)]
    recent = known[known["month_number"] >= first]
    sums = recent.groupby("dealer")[["leads", "from_leads", "direct"]].sum().reindex(dealers).fillna(0)
    cars = [known[known["dealer"] == dealer] for dealer in dealers]
    assumed = [assumptions.get(dealer, assumptions.get("", ServiceAssumption())) for dealer in dealers]
    was_due = np.array([_due(each, of, range(first, this_month)) for each, of in zip(cars, assumed, strict=True)])
    months = range(year * _YEAR, (year + 1) * _YEAR)
    due = np.array([_due(each, of, months) for each, of in zip(cars, assumed, strict=True)])
    return ServiceOutlook(
        dealers,
        np.array([planned_requests.get(dealer, _requests(recent, dealer)) for dealer in dealers]).reshape(-1, _YEAR),
        due.reshape(-1, _YEAR),
        pool_shares(np.minimum(sums["from_leads"], sums["leads"]), sums["leads"]),
        pool_rates(sums["direct"], was_due.reshape(-1, _YEAR).sum(axis=1)),
    )


def _requests(recent: pd.DataFrame, dealer: str) -> Weights:
    """Of the last twelve months, each under its month of the year."""
    found = np.zeros(_YEAR)
    own = recent[recent["dealer"] == dealer]
    np.add.at(found, own["month_number"].to_numpy(dtype=int) % _YEAR, own["leads"].to_numpy(dtype=float))
    return found


def _due(sold: pd.DataFrame, assumed: ServiceAssumption, months: range) -> Weights:
    """How many cars are due in each of these months."""
    due = np.full(len(months), assumed.other_cars / assumed.interval_months)
    for number, cars in zip(sold["month_number"].tolist(), sold["cars"].tolist(), strict=True):
        ages = np.array([month - number for month in months])
        due += cars * ((ages > 0) & (ages % assumed.interval_months == 0))
    return due


def explained(outlook: ServiceOutlook) -> list[dict[str, Any]]:
    """A row a dealer: what a year is made of."""
    low, high = outlook.bounds
    return [
        {
            "dealer": dealer,
            "requests": float(outlook.requests[place].sum()),
            "conversion": _number(outlook.conversion.mean[place]),
            "cars_due": float(outlook.due[place].sum()),
            "return_rate": _number(outlook.return_rate.mean[place]),
            "visits": float(outlook.visits[place].sum()),
            "visits_low": float(low[place]),
            "visits_high": float(high[place]),
        }
        for place, dealer in enumerate(outlook.dealers)
    ]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
