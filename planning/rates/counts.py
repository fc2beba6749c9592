"""What is known on a day of the leads of each month: how many came, what became of them, and what they cost.

A lead of yesterday that has not visited yet is not lost. Each lead counts by the share of visits, or of sales, that has
come so many days after leads before: the exposure of a month is the sum of these shares, and its rate is what has come
by its exposure. The shares are measured from the same data (`attribution/lags.py`), as they were known on that day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from attribution.lags import LagCurve, lag_curve
from attribution.runs import Run
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse
from planning.after_sales import SERVICE_KINDS
from planning.directions import Direction
from planning.history import Span
from planning.media.months import Month
from planning.split import Weights

_SQL = Statements("planning", "rates")
_YEAR = 12
LEAST_SEEN = 0.3
"""A month of whose outcomes less has come is left out: what it says rests on the shares more than on itself."""


class Rate(StrEnum):
    """What is measured: leads by money, or a stage by the one before it."""

    LEADS = "leads"  # a unit of money
    QUALIFIED = "qualified"  # a lead
    VISIT = "visit"  # a lead
    SALE_OF_VISIT = "sale_of_visit"  # a visit
    SALE = "sale"  # a lead


_STEPS = {Rate.QUALIFIED: 1, Rate.VISIT: 2, Rate.SALE: 3, Rate.SALE_OF_VISIT: 4}
_EVENTS = {Rate.QUALIFIED: "qualified", Rate.VISIT: "visits", Rate.SALE: "sales", Rate.SALE_OF_VISIT: "sales"}
_KNOWN = {
    Rate.QUALIFIED: "qualified_known", Rate.VISIT: "visits_known", Rate.SALE: "sales_known",
    Rate.SALE_OF_VISIT: "visit_sales_known",
}  # fmt: skip
_TRIALS = {Rate.QUALIFIED: "leads", Rate.VISIT: "leads", Rate.SALE: "leads", Rate.SALE_OF_VISIT: "visits"}
_FIGURES = ["leads", "visits", "others", *dict.fromkeys((*_EVENTS.values(), *_KNOWN.values()))]
FIGURES = list(dict.fromkeys(_FIGURES))


@dataclass(frozen=True)
class Places:
    """Of dealers, channels and months in arrays; `brands` are the dealers' by number."""

    dealers: tuple[str, ...]
    channels: tuple[str, ...]
    months: tuple[Month, ...]
    brands: "np.ndarray[Any, np.dtype[np.intp]]"

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.dealers), len(self.channels), len(self.months)

    @property
    def of_year(self) -> "np.ndarray[Any, np.dtype[np.intp]]":
        """The months of the year, January being 0."""
        return np.array([each.month - 1 for each in self.months], dtype=np.intp)


@dataclass(frozen=True)
class Counts:
    """Arrays of the shape (dealers, channels, months): `figures` by name, `cost` in money.

    `curves` say how long outcomes take; one is missing where too few are known. `upto` is the day before which all is
    known.
    """

    places: Places
    figures: Mapping[str, Weights]
    cost: Weights
    curves: Mapping[Rate, LagCurve | None]
    upto: date

    def events(self, rate: Rate) -> Weights:
        return self.figures["leads"] if rate is Rate.LEADS else self.figures[_EVENTS[rate]]

    def exposure(self, rate: Rate) -> Weights:
        """What could bring events: money, or leads and visits as far as their outcome is known."""
        return self.cost if rate is Rate.LEADS else self.figures[_KNOWN[rate]]

    def seen(self, rate: Rate) -> Weights:
        """By month, the share of outcomes that has come; 0 where nothing could bring any."""
        if rate is Rate.LEADS:
            return np.ones(len(self.places.months))
        trials = self.figures[_TRIALS[rate]].sum(axis=(0, 1))
        known = self.figures[_KNOWN[rate]].sum(axis=(0, 1))
        return np.asarray(np.divide(known, trials, out=np.zeros_like(known), where=trials > 0))

    def is_ripe(self, rate: Rate) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        """Which months tell enough of it."""
        return np.asarray(self.seen(rate) >= LEAST_SEEN)

    def before(self, months: int) -> "Counts":
        """The first so many months alone."""
        places = Places(self.places.dealers, self.places.channels, self.places.months[:months], self.places.brands)
        figures = {name: values[:, :, :months] for name, values in self.figures.items()}
        return Counts(places, figures, self.cost[:, :, :months], self.curves, self.upto)


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of deals whose visits and sales count; None are all but service."""

    names: tuple[str, ...] | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        return {"every_kind": self.names is None, "kinds": list(self.names or ())}


def kinds_of(known: Sequence[Direction], direction: str) -> Kinds:
    """Of a direction; of all but service where it is empty. Raises `InvalidInput`."""
    if not direction:
        return Kinds()
    ids = [each.id for each in car_directions(known)]
    found = next((each for each in known if each.id == direction), None)
    if found is None:
        raise InvalidInput(
            f"There is no direction {direction!r}.", where="direction", help=f"Choose of {', '.join(ids)}."
        )
    if direction not in ids:
        raise InvalidInput(
            f"{found.name} are not sold by visits to the showroom.",
            where="direction",
            help="Service visits are planned on the page of a plan, from requests and cars that are due.",
        )
    return Kinds(found.kinds)


def car_directions(known: Sequence[Direction]) -> Sequence[Direction]:
    """Those that no service belongs to."""
    return [each for each in known if not set(each.kinds) & set(SERVICE_KINDS)]


def first_lead(warehouse: Warehouse, run: Run) -> date | None:
    """The day of the first lead; None where there is none."""
    found: date = warehouse.value(_SQL["first_lead"], {"run": run.number})
    return found if found.year > 1970 else None


def read_curves(warehouse: Warehouse, run: Run, upto: date, timezone: str) -> dict[Rate, LagCurve | None]:
    """How long outcomes take, from those that came before the day."""
    asked = {"run": run.number, "timezone": timezone, "last_day": upto}
    lags = warehouse.frame(_SQL["outcome_lags"], asked).reindex(columns=["step", "lag", "observed", "leads"])
    found = {}
    for rate, step in _STEPS.items():
        own = lags[lags["step"] == step]
        found[rate] = lag_curve(own["lag"], own["observed"], own["leads"])
    return found


def read_outcomes(
    warehouse: Warehouse,
    run: Run,
    span: Span,
    upto: date,
    timezone: str,
    kinds: Kinds,
    curves: Mapping[Rate, LagCurve | None],
) -> pd.DataFrame:
    """A row a `month_number`, dealer and channel with `FIGURES`, as known before the day `upto`."""
    asked = {
        "run": run.number,
        "timezone": timezone,
        "from": span.first.first,
        "last_day": upto,
        **kinds.parameters,
        **{f"{name}_seen": _shares(curves[rate]) for name, rate in _SEEN.items()},
    }
    rows = warehouse.frame(_SQL["lead_outcomes"], asked)
    return rows.reindex(columns=["month_number", "dealer", "channel", *FIGURES])


_SEEN = {"qualified": Rate.QUALIFIED, "visits": Rate.VISIT, "sales": Rate.SALE, "visit_sales": Rate.SALE_OF_VISIT}


def _shares(curve: LagCurve | None) -> list[float]:
    return curve.seen.tolist() if curve else [0.0]


def placed(rows: pd.DataFrame, places: Places, names: list[str]) -> dict[str, Weights]:
    """Columns of `rows` as arrays; rows of other dealers, channels or months are left out."""
    where = [
        pd.Index(index).get_indexer(pd.Index(rows[column]))
        for column, index in (
            ("dealer", list(places.dealers)),
            ("channel", list(places.channels)),
            ("month_number", [number_of(each) for each in places.months]),
        )
    ]
    known = np.logical_and.reduce([each >= 0 for each in where])
    at = tuple(each[known] for each in where)
    found = {}
    for name in names:
        values = np.zeros(places.shape)
        np.add.at(values, at, rows[name].to_numpy(dtype=float)[known])
        found[name] = values
    return found


def number_of(month: Month) -> int:
    """Counted from year 0."""
    return month.year * _YEAR + month.month - 1
