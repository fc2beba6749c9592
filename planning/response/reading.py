"""From history to cells: what was spent and credited month by month, on the calendar of touches.

A channel whose cost names no dealer is one cell of the whole holding. Leads that name no contractor belong to the
dealer's contractors of the channel, by what each cost in the whole.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attribution.answer import Period
from attribution.dimensions import NONE
from attribution.maturity import MaturityQuestion, Since, maturity, seen_by_day
from attribution.models import Model
from attribution.question import Calendar
from attribution.runs import Run
from attribution.sharing import DealerShare
from infra.settings import Settings
from infra.warehouse import Warehouse
from planning.history import Span, history
from planning.response.curves import Numbers
from planning.response.model import Cell
from planning.response.panel import Panel

MONTHS = 36
_HALF = 0.5
_KEYS = ["dealer", "channel", "contractor"]


@dataclass(frozen=True)
class Past:
    """`panel` has as many months as `months`; `margin` is of its shape, `sold` by month what share of sales came."""

    panel: Panel
    months: tuple[str, ...]
    margin: Numbers
    sold: Numbers

    def __bool__(self) -> bool:
        return bool(self.panel.cells)


def read_past(warehouse: Warehouse, run: Run, span: Span, settings: Settings) -> Past:
    """Months of which less than half of the leads has come are left out, as are those before anything was spent.

    Raises `NotReady` where nothing was attributed yet.
    """
    rows = history(warehouse, span, settings.timezone, _KEYS, calendar=Calendar.TOUCH, share=DealerShare.NONE)
    came, sold = _maturity(warehouse, run, span, settings)
    months = [str(month) for month in span.months if came[str(month)] >= _HALF]
    spent = rows.loc[(rows["cost"] > 0) & rows["month"].isin(months), "month"]
    months = [month for month in months if len(spent) and month >= spent.min()]
    rows = rows[rows["month"].isin(months)]
    cells = cells_of(rows)
    spend, leads, margin = (_table(cells, name, months) for name in ("cost", "leads", "margin"))
    keys = [Cell(*key) for key in spend.index]
    share = np.array([came[month] for month in months])
    panel = Panel.of(keys, spend.to_numpy(float), leads.to_numpy(float) / share)
    return Past(panel, tuple(months), margin.to_numpy(float), np.array([sold[month] for month in months]))


def cells_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of months by cell, of cells on which anything was spent. `rows` are those of history, unshared."""
    told = rows[[*_KEYS, "month", "cost", "leads", "margin"]].replace({"dealer": NONE, "contractor": NONE}, "")
    told = told.astype(dict.fromkeys(("cost", "leads", "margin"), float))
    cost = told.groupby("channel")["cost"].sum()
    unnamed = told[told["dealer"] == ""].groupby("channel")["cost"].sum().reindex(cost.index, fill_value=0)
    whole = told["channel"].isin(cost.index[(cost > 0) & (unnamed > cost / 2)])
    told["dealer"] = told["dealer"].mask(whole, "")
    told = told[whole | (told["dealer"] != "")]
    told = told.groupby([*_KEYS, "month"], as_index=False).sum()
    return _to_contractors(told)


def _to_contractors(told: pd.DataFrame) -> pd.DataFrame:
    """What names no contractor goes to those that cost something at the dealer in the channel."""
    place = ["dealer", "channel"]
    bought = told.groupby(_KEYS, as_index=False)["cost"].sum()
    bought = bought[bought["cost"] > 0].rename(columns={"cost": "whole"})
    named = told.merge(bought[_KEYS], on=_KEYS)
    left = told.merge(bought[_KEYS], on=_KEYS, how="left", indicator="is_bought")
    left = left[(left["is_bought"] == "left_only") & (left["contractor"] == "")]
    shares = bought.assign(share=bought["whole"] / bought.groupby(place)["whole"].transform("sum"))
    left = left.drop(columns=["contractor", "is_bought"]).merge(shares[[*_KEYS, "share"]], on=place)
    for name in ("cost", "leads", "margin"):
        left[name] *= left["share"]
    return pd.concat([named, left.drop(columns="share")]).groupby([*_KEYS, "month"], as_index=False).sum()


def _table(cells: pd.DataFrame, name: str, months: list[str]) -> pd.DataFrame:
    wide = cells.pivot_table(index=_KEYS, columns="month", values=name, aggfunc="sum", fill_value=0.0)
    return wide.reindex(columns=months, fill_value=0.0)


def _maturity(warehouse: Warehouse, run: Run, span: Span, settings: Settings) -> tuple[pd.Series, pd.Series]:
    """By month, the shares that have come by now of leads and of sales; 1 where lags are not known."""
    period = Period(span.first.first, span.last.last)
    names = [str(month) for month in span.months]
    question = MaturityQuestion(period, since=Since.TOUCH, kind="lead")
    rows, curve = maturity(warehouse, run, question, settings)
    came = pd.Series(1.0, index=names)
    if curve:
        found = rows.assign(month=rows["period"].str[:7]).set_index("month")["seen"]
        came = found.reindex(names).fillna(1.0)
    days = seen_by_day(warehouse, run, Model.LAST_NON_DIRECT, period, settings)
    sold = pd.Series(1.0, index=names)
    if days is not None:
        sold = days.groupby(days["day"].dt.strftime("%Y-%m"))["seen"].mean().reindex(names).fillna(0.0)
    return came, sold
