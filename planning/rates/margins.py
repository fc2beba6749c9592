"""What a sale earns: by dealer, drawn towards the whole where a dealer has few sales with a margin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from attribution.credibility import credible, variance_within
from attribution.runs import Run
from infra.sql import Statements
from infra.warehouse import Warehouse
from planning.rates.counts import Kinds

_SQL = Statements("planning", "rates")
_FIGURES = ("sales", "sum_of_margins", "squares")


@dataclass(frozen=True, slots=True)
class Margin:
    """Of a sale, in money, with its standard error."""

    mean: float
    error: float


@dataclass(frozen=True, slots=True)
class Margins:
    """By dealer, of all together, and of a dealer without any; None where no sale tells its margin."""

    of_dealers: Mapping[str, Margin]
    whole: Margin | None
    other: Margin | None

    def of(self, dealer: str) -> Margin | None:
        """Of all where the dealer is empty."""
        return self.of_dealers.get(dealer, self.other) if dealer else self.whole


def read_margins(warehouse: Warehouse, run: Run, since: date, kinds: Kinds) -> Margins:
    """Of sales of leads that came in since the day."""
    asked = {"run": run.number, "from": since, **kinds.parameters}
    rows = warehouse.frame(_SQL["margins_of_sales"], asked).reindex(columns=["dealer", *_FIGURES])
    if rows.empty:
        return Margins({}, None, None)
    sales, sums, squares = (rows[name].to_numpy(dtype=float) for name in _FIGURES)
    within = variance_within(sales, sums, squares)
    found = credible(np.append(sales, 0.0), np.append(sums / sales, 0.0), within)
    each = [Margin(float(mean), float(error)) for mean, error in zip(found.estimate, found.error, strict=True)]
    whole = Margin(float(sums.sum() / sales.sum()), float(np.sqrt(within / sales.sum())))
    return Margins(dict(zip(rows["dealer"].astype(str), each, strict=False)), whole, each[-1])
