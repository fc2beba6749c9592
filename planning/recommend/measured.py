"""What months before say beside the curves: how leads become sales, what comes without spend, and the season."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from attribution.pooling import pool_shares
from attribution.visibility import Visibility
from planning.media.months import Month
from planning.recommend.limits import Whole
from planning.response.curves import Numbers
from planning.response.model import Cell

_YEAR = 12
_LEVEL = 0.8
_WIDTH = 2 * 1.2816  # standard deviations between the ends of an 80 % interval


@dataclass(frozen=True)
class Measured:
    """`sold` is by dealer the share of leads that becomes a sale, pooled, with its 80 % interval; "" stands for all.

    `other_leads` and `other_sales` are a dealer's a month that no paid cell brings. `season` says by month of the year
    how leads compare with the mean month; 1 where less than a year is known.
    """

    sold: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    other_leads: Mapping[str, float] = field(default_factory=dict)
    other_sales: Mapping[str, float] = field(default_factory=dict)
    season: Mapping[int, float] = field(default_factory=dict)

    def conversion(self, cells: Sequence[Cell], draws: int) -> tuple[Numbers, Numbers]:
        """Sales a lead of each cell, and as they may be; the cells of a dealer are drawn together."""
        nothing = (0.0, 0.0, 0.0)
        dealers, place = np.unique([cell.dealer for cell in cells], return_inverse=True)
        told = np.array([self.sold.get(str(name), self.sold.get("", nothing)) for name in dealers]).reshape(-1, 3)
        mean, spread = told[:, 0], np.maximum((told[:, 2] - told[:, 1]) / _WIDTH, 1e-9)
        size = np.maximum(mean * (1 - mean) / spread**2 - 1, 1.0)
        alpha, beta = np.maximum(mean * size, 1e-9), np.maximum((1 - mean) * size, 1e-9)
        drawn = np.random.default_rng(0).beta(alpha, beta, (draws, len(mean)))
        return mean[place], np.where(mean > 0, drawn, 0.0)[:, place]

    def seen_by(self, seen: Visibility) -> "Measured":
        """What comes without spend at dealers whom one sees; how leads become sales is learnt of all."""
        if seen.is_everything:
            return self
        of_seen = [
            {dealer: value for dealer, value in told.items() if seen.sees_dealer(dealer)}
            for told in (self.other_leads, self.other_sales)
        ]
        return replace(self, other_leads=of_seen[0], other_sales=of_seen[1])

    def seasons(self, months: Sequence[Month]) -> Numbers:
        return np.array([self.season.get(month.month, 1.0) for month in months])


def measure(rows: pd.DataFrame, months: int) -> Measured:
    """Of history by dealer, channel and contractor over so many months up to now; the last twelve tell conversions."""
    if rows.empty:
        return Measured()
    known = sorted(rows["month"].unique())
    recent = rows[rows["month"].isin(known[-_YEAR:])]
    count = min(months, _YEAR, len(known))
    by_dealer = recent.groupby("dealer")[["leads", "sales"]].sum()
    names = ["", *by_dealer.index.tolist()]
    leads = np.array([by_dealer["leads"].sum(), *by_dealer["leads"]], float)
    sales = np.minimum(np.array([by_dealer["sales"].sum(), *by_dealer["sales"]], float), leads)
    pooled = pool_shares(sales[1:], leads[1:], _LEVEL)
    whole = sales[0] / leads[0] if leads[0] else 0.0
    sold = dict(zip(names[1:], zip(pooled.mean, pooled.low, pooled.high, strict=True), strict=True))
    of_cell = recent.groupby(["dealer", "channel", "contractor"])[["cost", "leads", "sales"]].sum()
    unpaid = of_cell[of_cell["cost"] <= 0].groupby("dealer")[["leads", "sales"]].sum() / count
    return Measured(
        {"": (whole, whole * 0.9, min(1.0, whole * 1.1))} | {name: each for name, each in sold.items() if each[0] >= 0},
        {str(name): float(value) for name, value in unpaid["leads"].items()},
        {str(name): float(value) for name, value in unpaid["sales"].items()},
        _season(rows.groupby("month")["leads"].sum()),
    )


def _season(leads: "pd.Series[float]") -> Mapping[int, float]:
    """Drawn halfway towards 1 where a month of the year was seen once, and less the more often it was."""
    if len(leads) < _YEAR or not leads.mean():
        return {}
    months = np.array([int(month[5:7]) for month in leads.index])
    ratios = (leads / leads.mean()).to_numpy(float)
    counts = {month: int((months == month).sum()) for month in months.tolist()}
    return {
        month: float(1 + (ratios[months == month].mean() - 1) * count / (count + 1)) for month, count in counts.items()
    }


def minor_units(money: Numbers) -> Whole:
    found: Whole = np.rint(np.asarray(money, float) * 100).astype(np.int64)
    return found
