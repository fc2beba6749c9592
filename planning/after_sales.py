"""Service visits that are to be expected: of requests for service, of cars that are due, and of all others.

    visits(month) = requests(month) × conversion + cars due(month) × return share + others(month)

A car is due every `interval_months` after it was sold here. The conversion is the share of requests that became a
service visit, the return share that of cars due whose buyer came without a request within two months of it; both of the
last twelve whole months, partially pooled over dealers: a dealer with three requests gets a sane figure. Others are
visits of the same month of the last twelve that neither began as a request nor were those of a car due: repairs, and
cars that were sold elsewhere. So nothing counts twice. Of a dealer whose visits no deal tells of, `other_cars` in
operation are due evenly. Intervals are those of both
rates, of forecast requests, and of the number of others (Poisson), taken as independent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import scipy

from attribution.pooling import Pooled, pool_shares
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.sql import Statements
from infra.warehouse import Warehouse
from planning.directions import Direction
from planning.forecast.outlook import Outlook
from planning.service_requests import Requests, requests_of
from planning.split import Weights

_SQL = Statements("planning", "after_sales")
SERVICE_KINDS = ("service", "parts")
_TOLD = ["dealer", "month_number", "leads", "from_leads", "direct", "cars", "due", "came"]
_NORMAL = 1.96
_YEAR = 12


@dataclass(frozen=True, slots=True)
class ServiceAssumption:
    """How often a car is due, in months; and `other_cars` in operation, where no deal tells of the dealer's visits."""

    other_cars: int = 0
    interval_months: int = 12


@dataclass(frozen=True)
class ServiceOutlook:
    """A row a dealer of `dealers`; arrays of the shape (dealers, 12), January first, but for rates and their bounds."""

    dealers: tuple[str, ...]
    requested: Requests
    due: Weights
    others: Weights
    conversion: Pooled
    return_share: Pooled

    @property
    def requests(self) -> Weights:
        return self.requested.mean

    @property
    def visits(self) -> Weights:
        conversion, share = (np.nan_to_num(each.mean)[:, None] for each in (self.conversion, self.return_share))
        return np.asarray(self.requests * conversion + self.due * share + self.others)

    @property
    def bounds(self) -> tuple[Weights, Weights]:
        """Of each dealer's year."""
        rated = ((self.requests, self.conversion), (self.due, self.return_share))
        year, chance = self.visits.sum(axis=1), _NORMAL**2 * self.others.sum(axis=1)
        below, above = chance.copy(), chance.copy()
        for months, rate in rated:
            below += np.nan_to_num(months.sum(axis=1) * (rate.mean - rate.low)) ** 2
            above += np.nan_to_num(months.sum(axis=1) * (rate.high - rate.mean)) ** 2
        below += self._room(self.requested.low) ** 2
        above += self._room(self.requested.high) ** 2
        return np.maximum(year - np.sqrt(below), 0), year + np.sqrt(above)

    def _room(self, bound: Weights) -> Weights:
        """What requests may be off the forecast, in visits of a year, as if months erred together."""
        of_level = float(scipy.stats.norm.ppf((1 + self.requested.level) / 2))
        requests = np.abs(bound - self.requested.mean).sum(axis=1) * _NORMAL / of_level
        return np.asarray(requests * np.nan_to_num(self.conversion.mean))


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
    forecast: Outlook | None = None,
    seen: Visibility = EVERYTHING,
) -> ServiceOutlook:
    """Of a year. Requests are those that are planned, else forecast, else of the same month of the last twelve.

    Raises `NotReady` where nothing was attributed yet.
    """
    asked = {
        "run": newest_run(warehouse).number,
        "timezone": timezone,
        "service_kinds": list(SERVICE_KINDS),
        **_intervals(assumptions, dealers),
        "first": _month(today) - _YEAR,
        "until": _month(today),
        "car_kinds": [kind for each in directions for kind in each.kinds if kind not in SERVICE_KINDS],
        **{name: value for name, value in seen.parameters.items() if name.endswith("dealers")},
    }
    told = warehouse.frame(_SQL["service_months"], asked).reindex(columns=_TOLD)
    direction = next((each.id for each in directions if set(each.kinds) & set(SERVICE_KINDS)), "")
    return outlook_of(told, year, today, assumptions, dealers, planned_requests or {}, forecast, direction)


def outlook_of(
    told: pd.DataFrame,
    year: int,
    today: date,
    assumptions: Mapping[str, ServiceAssumption],
    dealers: tuple[str, ...],
    planned_requests: Mapping[str, Weights],
    forecast: Outlook | None = None,
    direction: str = "",
) -> ServiceOutlook:
    """`told` has a row a dealer and month, as the warehouse answers."""
    this_month = _month(today)
    known = told[told["dealer"].isin(dealers) & (told["month_number"] < this_month)]
    recent = known[known["month_number"] >= this_month - _YEAR]
    sums = recent.groupby("dealer")[["leads", "from_leads"]].sum().reindex(dealers).fillna(0)
    cars = known.groupby("dealer")[["due", "came"]].sum().reindex(dealers).fillna(0)
    months = range(year * _YEAR, (year + 1) * _YEAR)
    due = np.array(
        [_due(known[known["dealer"] == dealer], _assumed(assumptions, dealer), months) for dealer in dealers]
    )
    others = np.array([_others(recent, dealer) for dealer in dealers])
    last_year = np.array([_of_months(recent, dealer, "leads") for dealer in dealers]).reshape(-1, _YEAR)
    return ServiceOutlook(
        dealers,
        requests_of(dealers, planned_requests, forecast, last_year, year, direction),
        due.reshape(-1, _YEAR),
        others.reshape(-1, _YEAR),
        pool_shares(np.minimum(sums["from_leads"], sums["leads"]), sums["leads"]),
        pool_shares(np.minimum(cars["came"], cars["due"]), cars["due"]),
    )


def _month(day: date) -> int:
    """Counted from year 0."""
    return day.year * _YEAR + day.month - 1


def _assumed(assumptions: Mapping[str, ServiceAssumption], dealer: str) -> ServiceAssumption:
    return assumptions.get(dealer, assumptions.get("", ServiceAssumption()))


def _intervals(assumptions: Mapping[str, ServiceAssumption], dealers: tuple[str, ...]) -> dict[str, Any]:
    """As the statement takes them."""
    return {
        "dealers": list(dealers),
        "intervals": [_assumed(assumptions, dealer).interval_months for dealer in dealers],
        "usual": _assumed(assumptions, "").interval_months,
    }


def _of_months(recent: pd.DataFrame, dealer: str, column: str) -> Weights:
    """Of the last twelve months, each under its month of the year."""
    found = np.zeros(_YEAR)
    own = recent[recent["dealer"] == dealer]
    np.add.at(found, own["month_number"].to_numpy(dtype=int) % _YEAR, own[column].to_numpy(dtype=float))
    return found


def _others(recent: pd.DataFrame, dealer: str) -> Weights:
    """Visits that neither began as a request nor were those of a car due."""
    return np.asarray(np.maximum(_of_months(recent, dealer, "direct") - _of_months(recent, dealer, "came"), 0))


def _due(sold: pd.DataFrame, assumed: ServiceAssumption, months: range) -> Weights:
    """How many cars are due in each of these months."""
    is_untold = not sold["direct"].sum()
    due = np.full(len(months), assumed.other_cars / assumed.interval_months if is_untold else 0.0)
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
            "requests_of": outlook.requested.source[place],
            "conversion": _number(outlook.conversion.mean[place]),
            "cars_due": float(outlook.due[place].sum()),
            "return_share": _number(outlook.return_share.mean[place]),
            "others": float(outlook.others[place].sum()),
            "visits": float(outlook.visits[place].sum()),
            "visits_low": float(low[place]),
            "visits_high": float(high[place]),
        }
        for place, dealer in enumerate(outlook.dealers)
    ]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
