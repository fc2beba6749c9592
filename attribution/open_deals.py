"""Open opportunities, and what they will still bring, by stage, age, dealer and more."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer, records
from attribution.measures import Measure, Unit
from attribution.opportunities import (
    NAMES,
    OF_DEAL,
    STAGES,
    check_groupings,
    in_words,
    known_until,
    local_day,
    of_run,
)  # fmt: skip
from attribution.prediction import INTERVAL, learn, predict
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "open_deals")

OPEN_GROUPINGS = ("stage", "age", *OF_DEAL, "month")
AGES = ("0–7 days", "8–14 days", "15–30 days", "31–60 days", "61–90 days", "over 90 days")
OPEN_DEALS = (
    Measure("open", "Open", Unit.COUNT),
    Measure("sales", "Predicted sales", Unit.COUNT),
    Measure("sales_low", "at least", Unit.COUNT),
    Measure("sales_high", "at most", Unit.COUNT),
    Measure("chance", "Chance of a sale", Unit.SHARE, "sales / open"),
    Measure("revenue", "Predicted revenue", Unit.MONEY),
    Measure("revenue_low", "at least", Unit.MONEY),
    Measure("revenue_high", "at most", Unit.MONEY),
    Measure("margin", "Predicted margin", Unit.MONEY),
    Measure("margin_low", "at least", Unit.MONEY),
    Measure("margin_high", "at most", Unit.MONEY),
)
_MONEY = tuple(figure.slug for figure in OPEN_DEALS if figure.unit is Unit.MONEY)


@dataclass(frozen=True, slots=True)
class OpenDealsQuestion:
    """Raises `InvalidInput`."""

    by: tuple[str, ...] = ("stage",)

    def __post_init__(self) -> None:
        check_groupings(self.by, OPEN_GROUPINGS)

    def as_dict(self) -> dict[str, Any]:
        return {"by": list(self.by)}


def open_deals_report(
    warehouse: Warehouse, question: OpenDealsQuestion, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a group. Predictions are missing where no sale is known yet; they are learnt of all dealers, whoever asks.

    Raises `NotReady` before the first run, and `NotPermitted`.
    """
    seen.check_sees_all_contractors("The report of open deals", "The ROMI report has the figures of your campaigns.")
    run = newest_run(warehouse)
    until = known_until(warehouse, run)
    by = question.by
    asked = {
        **of_run(run, settings, until),
        "by": by[0] if by else "everything",
        "then_by": by[1] if len(by) > 1 else "everything",
        **seen.parameters,
    }
    stays, track, values, cells = (
        warehouse.frame(_SQL[name], asked) for name in ("stays", "track_records", "values_of_sales", "open_by")
    )
    columns = ["place", "days", "dealer", "n", "amounts", "amount_sum", "margins", "margin_sum"]
    cells = cells.reindex(columns=[*NAMES, *columns])
    rows, totals = _predicted(cells, stays, track, values)
    rows = _in_order(in_words(rows, by), by)
    return Answer(
        "open-deals",
        run,
        by,
        OPEN_DEALS,
        rows[[*by, *(figure.slug for figure in OPEN_DEALS)]].reset_index(drop=True),
        question.as_dict(),
        records(totals[[figure.slug for figure in OPEN_DEALS]], frozenset({"open"}))[0] if len(totals) else {},
        {"until": local_day(until, settings), "interval": INTERVAL},
    )


def _predicted(
    cells: pd.DataFrame, stays: pd.DataFrame, track: pd.DataFrame, values: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The groups, and all of them as one."""
    if cells.empty:
        figures = [figure.slug for figure in OPEN_DEALS]
        return pd.DataFrame(columns=[*NAMES, *figures]), pd.DataFrame(columns=figures)
    dealers = tuple(sorted({*track["dealer"], *cells["dealer"]}))
    experience = learn(stays, track, values.reindex(columns=_VALUES), dealers)
    groups = cells[NAMES].drop_duplicates().reset_index(drop=True)
    places = {name: place for place, name in enumerate(dealers)}
    group = cells[NAMES].merge(groups.assign(group=groups.index), on=NAMES, how="left")["group"]
    placed = cells.assign(dealer=cells["dealer"].map(places), group=group.to_numpy())
    predicted = _as_known(predict(experience, placed), values)
    return pd.concat([groups, predicted.iloc[:-1]], axis=1), predicted.iloc[-1:]


_VALUES = ["dealer", "amounts", "margins", "amount_sum", "amount_squares", "margin_sum", "margin_squares"]


def _as_known(predicted: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Without what cannot be known: nothing before the first sale, no money where no sale said any."""
    if values.empty:
        predicted.loc[:, [name for name in predicted if name != "open"]] = np.nan
    for count, title in (("amounts", "revenue"), ("margins", "margin")):
        if values.empty or not values[count].sum():
            predicted[[f"{title}{part}" for part in ("", "_low", "_high")]] = np.nan
    chance = next(figure for figure in OPEN_DEALS if figure.slug == "chance")
    return predicted.assign(chance=chance.of_rows(predicted))


def _in_order(rows: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Stages and ages as they follow, months in order, others by what they hold, the most first."""
    if not by:
        return rows
    for name, order in (("stage", STAGES), ("age", AGES)):
        if name in rows:
            rows = rows.assign(**{f"{name}_place": rows[name].map({each: n for n, each in enumerate(order)})})
    keys = [f"{name}_place" if f"{name}_place" in rows else name for name in by]
    if any(name in ("stage", "age", "month") for name in by):
        return rows.sort_values(keys)
    return rows.sort_values(["open", *keys], ascending=[False, *(True for _ in keys)])
