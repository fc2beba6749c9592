"""What the customers of each group will be worth: what they have brought, and what is expected of the rest of the time.

Two ways. BG/NBD with Gamma-Gamma (`lifetime`), fitted to all customers, is believed where it has proved itself:
fitted to the first three quarters of the time, it must have foretold the purchases of the last within a factor of
1.5. It knows no regular intervals, such as those of a workshop, and often fails there. Else each month that is not
over for a customer brings what it brought to those for whom it is over (development, the chain ladder of actuaries);
beyond the longest time anybody has been observed this says nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from attribution.lifetime import Numbers, Purchasing, Spending, fit_purchasing, fit_spending
from attribution.measures import Measure, Unit
from attribution.opportunities import NAMES
from infra.errors import NotReady

PREDICTED_MONTHS = (12, 24, 36)
PREDICTED = tuple(
    Measure(f"predicted_ltv_{months}", f"Predicted LTV {months} months", Unit.MONEY) for months in PREDICTED_MONTHS
)
MONTH = 30.4375
"""Days, on average."""
_BELIEVED = 1.5


Customers = Callable[[datetime], pd.DataFrame]
"""Asks for all customers as they were known at a moment: one a row, with the columns of `_COLUMNS`."""


def predict_value(
    customers: Customers, cells: pd.DataFrame, everybody: pd.DataFrame, until: datetime
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Predicted LTV of those that are asked for, a row a group, and what is to be known of it.

    `cells` are groups by months since: persons, over (for whom the month is over), margin_over (of those). `everybody`
    is the same of all customers there are.
    """
    known = customers(until).reindex(columns=_COLUMNS)
    check = _check(customers, known, until)
    if check is None or not _BELIEVED >= check["actual"] / max(check["predicted"], 1e-9) >= 1 / _BELIEVED:
        return _developed(cells, everybody), {"method": "development", "check": check}
    buying, spending = _fitted(known)
    x, t_x, age = _history(known)
    mean = _mean_margin(known)
    worth = spending.expected(np.where(mean > 0, x, 0), np.maximum(mean, 0))
    so_far: Numbers = np.array(known["horizon_margins"].tolist(), dtype=float)
    found = known[NAMES].copy()
    for place, (figure, months) in enumerate(zip(PREDICTED, PREDICTED_MONTHS, strict=True)):
        left = np.maximum(months * MONTH - age, 0)
        found[figure.slug] = so_far[:, place] + buying.expected(x, t_x, age, left) * worth
    said = {
        "method": "BG/NBD and Gamma-Gamma",
        "purchases": {"r": buying.r, "alpha_days": buying.alpha, "a": buying.a, "b": buying.b},
        "values": {"p": spending.p, "q": spending.q, "v": spending.v},
        "customers": len(known),
        "check": check,
        "beware": "Neither seasons nor regular intervals are known to the model.",
    }
    return found[known["is_asked"].to_numpy(bool)].groupby(NAMES, as_index=False).mean(), said


def _developed(cells: pd.DataFrame, everybody: pd.DataFrame) -> pd.DataFrame:
    whole = everybody.groupby("months")[["margin_over", "over"]].sum()
    brings = whole["margin_over"] / whole["over"].where(whole["over"] > 0)
    groups = cells.drop_duplicates(NAMES)[[*NAMES, "persons"]]
    grid = groups.merge(brings.rename("brings").reindex(range(max(PREDICTED_MONTHS))).reset_index(), how="cross")
    grid = grid.merge(cells[[*NAMES, "months", "over", "margin_over"]], on=[*NAMES, "months"], how="left")
    grid = grid.fillna({"over": 0.0, "margin_over": 0.0})
    left = grid["persons"] - grid["over"]
    grid["value"] = (grid["margin_over"] + (left * grid["brings"]).where(left > 0, 0.0)) / grid["persons"]
    found = groups[NAMES]
    for figure, months in zip(PREDICTED, PREDICTED_MONTHS, strict=True):
        within = grid[grid["months"] < months].groupby(NAMES)["value"].sum(min_count=months)
        found = found.merge(within.rename(figure.slug).reset_index(), on=NAMES, how="left")
    return found


def _fitted(known: pd.DataFrame) -> tuple[Purchasing, Spending]:
    alike = known.groupby(["x", "t_x", "T"], as_index=False).size()
    buying = fit_purchasing(alike["x"], alike["t_x"], alike["T"], alike["size"])
    return buying, fit_spending(known["x"], _mean_margin(known))


def _check(customers: Customers, known: pd.DataFrame, until: datetime) -> dict[str, Any] | None:
    """Purchases of the last quarter of the time, as the time before foretells them, beside those that came."""
    if known.empty:
        return None
    days = int(known["T"].max()) // 4
    before = customers(until - timedelta(days=days)).reindex(columns=_COLUMNS)
    try:
        buying, _ = _fitted(before)
    except NotReady:
        return None
    came = known.loc[known["T"] >= days, "x"].sum() - before["x"].sum()
    return {"days": days, "predicted": float(buying.expected(*_history(before), days).sum()), "actual": int(came)}


def _history(known: pd.DataFrame) -> tuple[Numbers, Numbers, Numbers]:
    x, t_x, age = (known[name].to_numpy(np.float64) for name in ("x", "t_x", "T"))
    return x, t_x, age


def _mean_margin(known: pd.DataFrame) -> Numbers:
    """Of a purchase after the first; 0 where there is none."""
    x, margin = known["x"].to_numpy(np.float64), known["again_margin"].to_numpy(np.float64)
    return np.asarray(np.divide(margin, x, out=np.zeros_like(margin), where=x > 0), np.float64)


_COLUMNS = [*NAMES, "is_asked", "x", "t_x", "T", "again_margin", "horizon_margins"]
