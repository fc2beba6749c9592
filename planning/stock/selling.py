"""What models dealers sold month by month, and how well their mix foretold the months after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from attribution.runs import newest_run
from infra.sql import Statements
from infra.warehouse import Warehouse
from planning.dimensions import DealerPlace
from planning.history import months_before
from planning.media.months import Month
from planning.response.curves import Numbers
from planning.stock.mix import Backtest, Brands, Mix, backtest, pooled_mix, recent

MONTHS = 12
_COLUMNS = ["month", "dealer", "model", "sales"]
_SQL = Statements("planning", "stock")


@dataclass(frozen=True)
class Selling:
    """`counts` of the shape (months, dealers, models), the oldest month first. `unnamed` sales name no model."""

    dealers: tuple[DealerPlace, ...]
    models: tuple[str, ...]
    counts: Numbers
    stocked: Numbers
    unnamed: float = 0.0

    @cached_property
    def brands(self) -> Brands:
        """Dealers without a brand are of one that has no name."""
        brand_of = np.array([each.brand for each in self.dealers], dtype=object)
        names = np.array(sorted(set(brand_of)), dtype=object)
        members = np.asarray(names[:, None] == brand_of[None, :], dtype=bool)
        offered = self.counts.sum(axis=0) + self.stocked > 0
        return Brands(members, np.asarray((members[:, :, None] & offered[None]).any(axis=1)))

    @cached_property
    def mix(self) -> Mix:
        return pooled_mix(recent(self.counts), self.brands)

    @cached_property
    def backtest(self) -> Backtest:
        sold = np.flatnonzero(self.counts.sum(axis=(1, 2)))
        return backtest(self.counts[sold[0] :], self.brands) if len(sold) else Backtest()


def read_sales(warehouse: Warehouse, this_month: Month, kinds: Sequence[str], timezone: str) -> pd.DataFrame:
    """A row a month, dealer and model, of the last twelve whole months. Raises `NotReady`."""
    span = months_before(this_month, MONTHS)
    asked = {
        "run": newest_run(warehouse).number, "kinds": list(kinds), "timezone": timezone,
        "from": span.first.first, "to": span.last.last,
    }  # fmt: skip
    found = warehouse.frame(_SQL["model_sales"], asked).reindex(columns=_COLUMNS)
    return found.astype({"month": str, "dealer": str, "model": str, "sales": float})


def selling(
    sales: pd.DataFrame, this_month: Month, dealers: Sequence[DealerPlace], stocked: Sequence[tuple[str, str]]
) -> Selling:
    """`sales` as `read_sales` has them; `stocked` are dealers' models that are in stock or on their way."""
    places = {each.id: place for place, each in enumerate(dealers)}
    months = {str(each): place for place, each in enumerate(months_before(this_month, MONTHS).months)}
    known = sales[sales["dealer"].isin(places)]
    named = known[known["model"] != ""]
    models = tuple(sorted({*named["model"], *(model for dealer, model in stocked if dealer in places)}))
    model_at = {name: place for place, name in enumerate(models)}
    counts = np.zeros((MONTHS, len(dealers), len(models)))
    at = (
        named["month"].str[:7].map(months).to_numpy(int),
        named["dealer"].map(places).to_numpy(int),
        named["model"].map(model_at).to_numpy(int),
    )
    np.add.at(counts, at, named["sales"].to_numpy(float))
    has = np.zeros((len(dealers), len(models)))
    for dealer, model in stocked:
        if dealer in places:
            has[places[dealer], model_at[model]] = 1
    unnamed = float(known["sales"].sum() - named["sales"].sum())
    return Selling(tuple(dealers), models, counts, has, unnamed)
