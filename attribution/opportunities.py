"""Opportunities, each lead with its deals or deal without a lead, as reports ask for them: a period, groupings, a
model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from attribution.answer import Period
from attribution.credit import credit_by
from attribution.models import Model
from attribution.runs import Run
from infra.errors import InvalidInput
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "opportunities")

OF_TIME = ("day", "week", "month", "weekday", "hour")
OF_DEAL = ("dealer", "brand", "manager", "product", "kind")
OF_TOUCH = ("channel", "source", "medium", "campaign", "contractor")
GROUPINGS = (*OF_TIME, *OF_DEAL, *OF_TOUCH)
STAGES = ("lead", "qualified", "appointment", "visit", "test_drive", "contract", "sale")
NAMES = ["by", "then_by"]
NONE = "(none)"
ONE = 10**9
"""The warehouse counts in billionths, so that sums of shared credit are exact."""


@dataclass(frozen=True, slots=True)
class OpportunityQuestion:
    """Opportunities that were opened in the period, by up to two groupings; touches are chosen by `model`."""

    by: tuple[str, ...]
    period: Period
    model: Model = Model.LAST_NON_DIRECT

    def as_dict(self) -> dict[str, Any]:
        return {
            "by": list(self.by),
            "model": self.model,
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
        }


def check_groupings(by: Sequence[str], known: Sequence[str]) -> None:
    """None, one, or two different ones. Raises `InvalidInput`."""
    for name in by:
        if name not in known:
            raise InvalidInput(
                f"There is no grouping {name!r} here.", where="by", help=f"The groupings are {', '.join(known)}."
            )
    if len(by) > 2 or len(set(by)) != len(by):
        raise InvalidInput("There are at most two groupings, two different ones.", where="by")


def known_until(warehouse: Warehouse, run: Run) -> datetime:
    """The last moment, in UTC, at which leads, calls or deals were heard of before the run began."""
    started_at = run.started_at.replace(tzinfo=UTC)
    found: datetime = warehouse.value(_SQL["known_until"], {"started_at": milliseconds(started_at)})
    return found.replace(tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Since 1970, as statements take moments."""
    return int(moment.timestamp() * 1000)


def parameters(
    warehouse: Warehouse, run: Run, settings: Settings, until: datetime, question: OpportunityQuestion
) -> dict[str, Any]:
    """What statements about groups of opportunities take."""
    return {
        **of_run(run, settings, until),
        "by": question.by[0] if question.by else "everything",
        "then_by": question.by[1] if len(question.by) > 1 else "everything",
        "from": question.period.first_day,
        "to": question.period.last_day,
        **credit_by(warehouse, run.number, question.model),
    }


def of_run(run: Run, settings: Settings, until: datetime) -> dict[str, Any]:
    return {
        "run": run.number,
        "timezone": settings.timezone,
        "lookback_days": settings.lookback_days,
        "until": milliseconds(until),
    }


def local_day(moment: datetime, settings: Settings) -> str:
    return moment.astimezone(ZoneInfo(settings.timezone)).date().isoformat()


def in_words(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The columns `by` and `then_by` under the names of the groupings; an empty group is `(none)`."""
    named = rows.rename(columns=dict(zip(NAMES, by, strict=False)))
    named[list(by)] = named[list(by)].astype(object).replace("", NONE)
    return named.drop(columns=[name for name in NAMES if name in named])


def groups_in_order(rows: pd.DataFrame, by: Sequence[str], size: str, within: str) -> pd.DataFrame:
    """The rows of a group together, by `within`; groups as `largest_first` has them."""
    if not by:
        return rows.sort_values(within)
    sizes = rows.groupby(list(by), as_index=False)[[size]].max()
    order = largest_first(sizes, by, size)[list(by)].reset_index(drop=True)
    placed = rows.merge(order.assign(turn=order.index), on=list(by))
    return placed.sort_values(["turn", within]).drop(columns="turn")


def largest_first(rows: pd.DataFrame, by: Sequence[str], size: str) -> pd.DataFrame:
    """Groups of time in their order, others by `size`, the largest first."""
    in_turn = [name in OF_TIME for name in by]
    if not by or all(in_turn):
        return rows.sort_values(list(by)) if by else rows
    if any(in_turn):
        return rows.sort_values([*by])
    return rows.sort_values([size, *by], ascending=[False, *(True for _ in by)])
