"""The report of stock need: by dealer, brand, model, and month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from attribution.answer import Answer
from attribution.measures import Measure, Unit
from attribution.runs import Run
from infra.errors import InvalidInput
from planning.response.curves import Numbers
from planning.stock.need import REVIEW_DAYS, Need, grouped
from planning.stock.position import Position

GROUPINGS = ("dealer", "brand", "model", "month")
DATES = ("runs_out", "runs_out_early", "order_by")
MOST_MONTHS = 12
STATES = ("short", "order", "enough", "too_much", "unsold")
_EXPECTED = (
    Measure("expected", "Expected to be sold", Unit.COUNT),
    Measure("expected_low", "at least", Unit.COUNT),
    Measure("expected_high", "at most", Unit.COUNT),
)
_ORDERED = (
    Measure("to_order", "To order", Unit.COUNT),
    Measure("to_order_safely", "To order, with safety stock", Unit.COUNT),
)
FIGURES = (
    *_EXPECTED,
    Measure("in_stock", "In stock", Unit.COUNT),
    Measure("in_transit", "On its way", Unit.COUNT),
    *_ORDERED,
    Measure("to_order_shared", "To order, if its dealers share", Unit.COUNT),
    Measure("safety", "Safety stock", Unit.COUNT),
    Measure("cover", "Cover, months", Unit.TIMES),
    Measure("surplus", "Too much", Unit.COUNT),
    Measure("lead_days", "Lead time", Unit.DAYS),
)
FIGURES_BY_MONTH = (
    *_EXPECTED,
    Measure("arriving", "Arriving", Unit.COUNT),
    *_ORDERED,
    Measure("at_end", "In stock at its end, without orders", Unit.COUNT),
)
_EARLY = 1.2816
"""Deviations that a tenth of outcomes is beyond."""


@dataclass(frozen=True, slots=True)
class StockQuestion:
    """`months` are how many, this one included, an order is to suffice for. Raises `InvalidInput`.

    As a document the model is a `product`: reports mean another model by that word.
    """

    by: tuple[str, ...] = ("dealer", "model")
    dealer: str = ""
    brand: str = ""
    model: str = ""
    direction: str = ""
    months: int | None = None

    def __post_init__(self) -> None:
        if unknown := [name for name in self.by if name not in GROUPINGS]:
            raise InvalidInput(
                f"Stock is not told by {unknown[0]!r}.", where="by", help=f"Choose of {', '.join(GROUPINGS)}."
            )
        if len(set(self.by)) < len(self.by) or not set(self.by) - {"month"}:
            raise InvalidInput(
                "Name each grouping once, and one beside the month.", where="by", help="Such as model,month."
            )

        if self.months is not None and not 1 <= self.months <= MOST_MONTHS:
            raise InvalidInput(
                f"Stock is not reckoned for {self.months} months.", where="months", help=f"Write 1 to {MOST_MONTHS}."
            )

    @property
    def of_rows(self) -> tuple[str, ...]:
        return tuple(name for name in self.by if name != "month")

    def as_dict(self) -> dict[str, Any]:
        told = {name: list(self.by) if name == "by" else getattr(self, name) for name in self.__slots__}
        return {"product" if name == "model" else name: value for name, value in told.items()}


@dataclass(frozen=True)
class Grouped:
    """Groups of a position: `keys` name each, `need` has a row each; figures of orders are sums of dealers' models."""

    by: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    need: Need
    sums: Mapping[str, Numbers] = field(default_factory=dict)


def grouped_position(position: Position, question: StockQuestion, by: Sequence[str]) -> Grouped:
    """Of what the question asks for."""
    names = {
        "dealer": [each.id for each in position.dealers],
        "brand": [each.brand for each in position.dealers],
        "model": position.models,
    }
    rows = np.array([_is_asked(question, *told) for told in zip(*names.values(), strict=True)], dtype=bool)
    told = [tuple(names[name][row] for name in by) for row in np.flatnonzero(rows)]
    keys = tuple(sorted(set(told)))
    at = {key: place for place, key in enumerate(keys)}
    part = _rows_of(position.need, rows)
    of = np.array([at[key] for key in told], dtype=np.intp)
    sums: dict[str, Numbers] = {}
    for name in ("to_order", "to_order_safely", "safety", "surplus"):
        sums[name] = np.bincount(of, getattr(part, name), len(keys)).astype(float)
    for name, safely in (("orders", False), ("orders_safely", True)):
        found = np.zeros((len(keys), part.expected.shape[1]))
        np.add.at(found, of, part.orders_by_month(safely=safely))
        sums[name] = found
    return Grouped(tuple(by), keys, grouped(part, of.tolist(), len(keys), position.demand.together), sums)


def stock_report(position: Position, question: StockQuestion, run: Run | None) -> Answer:
    """A row a group, what runs out first on top; by month, in their order."""
    found = grouped_position(position, question, question.of_rows)
    is_by_month = "month" in question.by
    rows = _month_rows(found, position) if is_by_month else group_rows(found, position.level)
    figures = FIGURES_BY_MONTH if is_by_month else FIGURES
    names = (*question.of_rows, "month") if is_by_month else (*question.of_rows, "state", *DATES)
    columns = [*names, *(each.slug for each in figures)]
    totals = {name: float(rows[name].sum()) for name in ("expected", *(each.slug for each in _ORDERED))}
    return Answer(
        "stock-need", run, names, figures, rows[columns].reset_index(drop=True), question.as_dict(), totals,
        about_position(position),
    )  # fmt: skip


def about_position(position: Position) -> dict[str, Any]:
    """How well shares of models held for past months, and what to beware of."""
    tested, counted = position.selling.backtest, [each.counted_on for each in position.levels.values()]
    sold = float(position.selling.counts.sum()) + position.selling.unnamed
    return {
        "level": position.level,
        "months": [str(each) for each in position.need.calendar.months],
        "mix_backtest": {
            "cases": tested.cases, "nominal": tested.nominal, "covered": tested.covered, "spread": tested.spread,
        },
        "dealers_alike": position.demand.together,
        "sales_without_model": position.selling.unnamed / sold if sold else None,
        "counted_from": min(counted).isoformat() if counted else None,
        "counted_to": max(counted).isoformat() if counted else None,
        "late_in_transit": position.late,
    }  # fmt: skip


def group_rows(found: Grouped, level: float) -> pd.DataFrame:
    need = found.need
    low, high = need.interval_until(level)
    cover, out, order_by = need.cover_days(), need.runs_out(), need.order_by()
    rows = pd.DataFrame(list(found.keys), columns=list(found.by), dtype=object)
    rows = rows.assign(
        expected=need.expected_until,
        expected_low=low,
        expected_high=high,
        in_stock=need.stock,
        in_transit=need.arriving_until,
        **{name: found.sums[name] for name in ("to_order", "to_order_safely", "safety", "surplus")},
        to_order_shared=np.minimum(need.to_order_safely, found.sums["to_order_safely"]),
        cover=np.where(np.isfinite(cover), cover / REVIEW_DAYS, np.nan),
        lead_days=need.lead_days,
        runs_out=_days(need, out),
        runs_out_early=_days(need, need.runs_out(_EARLY)),
        order_by=_days(need, order_by),
        turn=out,
    )
    rows["state"] = _states(rows, need, out)
    rows["order_by"] = rows["order_by"].where(rows["to_order_safely"] > 0, "")
    return rows.sort_values(["turn", *found.by])


def _states(rows: pd.DataFrame, need: Need, out: Numbers) -> Any:
    """What each group is in: short where an order made today comes too late."""
    chosen = [
        (need.expected[:, -1] < 0.5) & (rows["in_stock"] + rows["in_transit"] == 0).to_numpy(),
        out < need.lead_days,
        (rows["to_order_shared"] > 0).to_numpy(),
        (rows["surplus"] > 0).to_numpy(),
    ]
    return np.select(chosen, ["unsold", "short", "order", "too_much"], "enough")


def _month_rows(found: Grouped, position: Position) -> pd.DataFrame:
    need, z = found.need, float(norm.ppf((1 + position.level) / 2))
    months = [str(each) for each in need.calendar.months]
    expected = np.diff(need.expected, axis=1, prepend=0)
    below, above = (np.diff(each, axis=1, prepend=0) for each in (need.below, need.above))
    rows = pd.DataFrame([(*key, month) for key in found.keys for month in months], columns=[*found.by, "month"])
    return rows.astype(object).assign(
        expected=expected.ravel(),
        expected_low=np.maximum(expected - z * below, 0).ravel(),
        expected_high=(expected + z * above).ravel(),
        arriving=np.diff(need.arriving, axis=1, prepend=0).ravel(),
        to_order=found.sums["orders"].ravel(),
        to_order_safely=found.sums["orders_safely"].ravel(),
        at_end=(need.stock[:, None] + need.arriving - need.expected).ravel(),
    )


def _days(need: Need, offsets: Numbers) -> list[str]:
    """As ISO days; empty where it is none."""
    return [need.calendar.day(each).isoformat() if np.isfinite(each) else "" for each in offsets]


def _is_asked(question: StockQuestion, dealer: str, brand: str, model: str) -> bool:
    wanted = ((question.dealer, dealer), (question.brand, brand), (question.model, model))
    return all(not one or one == told for one, told in wanted)


def _rows_of(need: Need, rows: Any) -> Need:
    names = ("expected", "below", "above", "stock", "arriving", "lead_days", "service", "most_months", "horizon")
    parts = {name: getattr(need, name)[rows] for name in names}
    return Need(need.calendar, **parts)
