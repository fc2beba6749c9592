"""The ROMI/CPL report: what each group cost and brought, from what the newest run stored."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import pandas as pd

from attribution.measures import MEASURES, RATIOS, SUMS
from attribution.models import Model
from attribution.runs import Run, newest_run
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "reports")

DIMENSIONS = (
    "day", "week", "month", "channel", "source", "medium", "campaign", "content", "term", "dealer", "brand",
    "contractor", "manager", "product", "kind", "region", "device", "repeat",
)  # fmt: skip
NONE = "(none)"
_UNITS = 10_000


class Calendar(StrEnum):
    """By which date a conversion counts: its own, or its touch's."""

    CONVERSION = "conversion"
    TOUCH = "touch"


class DealerShare(StrEnum):
    """By what cost that names no dealer is shared out to dealers."""

    LEADS = "leads"
    EVEN = "even"
    WEIGHTS = "weights"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Question:
    """`first_day` and `last_day` are both inclusive, in the account's time zone."""

    by: tuple[str, ...]
    first_day: date
    last_day: date
    model: Model = Model.LAST_NON_DIRECT
    calendar: Calendar = Calendar.CONVERSION
    share: DealerShare = DealerShare.LEADS

    def __post_init__(self) -> None:
        for name in self.by:
            if name not in DIMENSIONS:
                raise InvalidInput(
                    f"There is no grouping {name!r}.",
                    where="by",
                    help=f"The groupings are {', '.join(DIMENSIONS)}.",
                )
        if not 1 <= len(self.by) <= 2 or len(set(self.by)) != len(self.by):
            raise InvalidInput("A report has one grouping or two different ones.", where="by")
        if self.last_day < self.first_day:
            raise InvalidInput("The period ends before it begins.", where="to")


@dataclass(frozen=True, slots=True)
class Report:
    """`rows` has a column per grouping and per measure, a row a group, largest cost first; money is in whole units."""

    question: Question
    run: Run
    rows: pd.DataFrame
    totals: dict[str, Any]


def romi_report(warehouse: Warehouse, question: Question, timezone: str) -> Report:
    """Raises `NotReady` where nothing was attributed yet."""
    run = newest_run(warehouse)
    parameters = _parameters(question, run, timezone)
    parts = [warehouse.frame(_SQL[name], parameters) for name in ("credit_by", "cost_by", "sessions_by")]
    sums = _joined(parts)
    if question.share is not DealerShare.NONE and {"dealer", "brand"} & set(question.by):
        sums = _share_cost(sums, question, _dealer_weights(warehouse, question, parameters))
    rows = _with_ratios(_in_money(sums.groupby(["by", "then_by"], as_index=False, sort=True).sum()))
    totals = _with_ratios(rows[list(SUMS)].sum().to_frame().T)
    rows = rows.rename(columns=dict(zip(("by", "then_by"), question.by, strict=False)))
    rows = rows.sort_values(["cost", "sales", *question.by], ascending=[False, False, *(True for _ in question.by)])
    columns = [*question.by, *(measure.slug for measure in MEASURES)]
    return Report(question, run, rows[columns].reset_index(drop=True), records(totals)[0])


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values: a missing ratio is None, a whole count an integer."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        if pd.isna(value):
            return None
        return round(value, 9)
    return value.item() if hasattr(value, "item") else value


def _parameters(question: Question, run: Run, timezone: str) -> dict[str, Any]:
    return {
        "run": run.number,
        "timezone": timezone,
        "by": question.by[0],
        "then_by": question.by[1] if len(question.by) > 1 else "everything",
        "calendar": "date" if question.calendar is Calendar.CONVERSION else "touch_date",
        "share": question.model.value,
        "share_before": f"{question.model.value}_before",
        "from": question.first_day,
        "to": question.last_day,
    }


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One row a group with every sum, 0 where a part says nothing; an empty name is `(none)`."""
    names = ["by", "then_by"]
    columns = [*names, "cost_units", "revenue_units", "margin_units", *(s for s in SUMS if s not in _MONEY)]
    whole = pd.concat(parts, ignore_index=True).reindex(columns=columns)
    whole[columns[2:]] = whole[columns[2:]].fillna(0)
    whole[names] = whole[names].astype(object).replace("", NONE).fillna(NONE)
    return whole.groupby(names, as_index=False, sort=True).sum()


_MONEY = ("cost", "revenue", "margin")


def _in_money(sums: pd.DataFrame) -> pd.DataFrame:
    for name in _MONEY:
        sums[name] = sums.pop(f"{name}_units").astype("int64") / _UNITS
    return sums


def _with_ratios(sums: pd.DataFrame) -> pd.DataFrame:
    return sums.assign(**{measure.slug: measure.of_rows(sums) for measure in RATIOS})


def _dealer_weights(warehouse: Warehouse, question: Question, parameters: dict[str, Any]) -> dict[str, float]:
    """What each dealer, or brand, weighs when cost is shared out."""
    known = warehouse.frame(_SQL["dealer_brands"], parameters)
    if question.share is DealerShare.LEADS:
        found = warehouse.frame(_SQL["leads_by_dealer"], parameters)
        known = known[["dealer", "brand"]].merge(found, on="dealer", how="right") if len(found) else known.iloc[:0]
    elif question.share is DealerShare.EVEN:
        known["weight"] = 1.0
    group = "dealer" if "dealer" in question.by else "brand"
    if known.empty:
        return {}
    weights = known.assign(**{group: known[group].fillna(NONE).replace("", NONE)}).groupby(group)["weight"].sum()
    return {str(name): float(weight) for name, weight in weights.items() if weight > 0}


def _share_cost(sums: pd.DataFrame, question: Question, weights: dict[str, float]) -> pd.DataFrame:
    """Move the cost of the row without a dealer to the dealers by weight; the parts add up to the whole."""
    column = "by" if question.by[0] in ("dealer", "brand") else "then_by"
    without = sums[(sums[column] == NONE) & (sums["cost_units"] != 0)]
    if not weights or without.empty:
        return sums
    parts = []
    total = sum(weights.values())
    for _, row in without.iterrows():
        upto, shared = 0.0, 0
        for name, weight in weights.items():
            upto += weight
            units = round(row["cost_units"] * (upto / total)) - shared
            shared += units
            part: dict[Any, Any] = {**row.to_dict(), **dict.fromkeys(_SHARED_NOTHING, 0)}
            parts.append(part | {column: name, "cost_units": units})
    sums = sums.copy()
    sums.loc[without.index, "cost_units"] = 0
    return pd.concat([sums, pd.DataFrame(parts)], ignore_index=True)


_SHARED_NOTHING = ("revenue_units", "margin_units", *(name for name in SUMS if name not in _MONEY))
