"""Paths of journeys: which steps they take, how many and how long, and which channels open, help and close.

A conversion belongs to its own day. Its journey holds the person's touches within the look-back window: what lies
further back is in no path. Days between the first touch and the end are whole, in the account's time zone.

Laws: conversions, revenue and margin over all paths, and over all lengths, are those of the period; what is on a
journey either closes it or assists, so that `closed` over all steps is the number of conversions, too.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer, Period, records
from attribution.measures import Measure, Unit
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "paths")

PATH_KINDS = ("lead", "qualified", "visit", "sale", "service_visit")
MOST_PATHS = 1000
_MONEY_UNITS = 10_000
_LONGEST = 12
NO_TOUCH = "(no touch)"


class Step(StrEnum):
    """What a step of a path is called by."""

    CHANNEL = "channel"
    SOURCE = "source"
    CAMPAIGN = "campaign"


PATHS = (
    Measure("conversions", "Conversions", Unit.COUNT),
    Measure("share", "Of all", Unit.SHARE),
    Measure("touches_mean", "Touches, mean", Unit.COUNT),
    Measure("revenue", "Revenue", Unit.MONEY),
    Measure("margin", "Margin", Unit.MONEY),
    Measure("days_median", "Days, median", Unit.DAYS),
)
DISTRIBUTED = (
    Measure("conversions", "Conversions", Unit.COUNT),
    Measure("share", "Of all", Unit.SHARE),
    Measure("upto", "So far", Unit.SHARE),
    Measure("revenue", "Revenue", Unit.MONEY),
    Measure("margin", "Margin", Unit.MONEY),
)
ASSISTED = (
    Measure("on_path", "On the path", Unit.COUNT),
    Measure("opened", "Opened", Unit.COUNT),
    Measure("assisted", "Assisted", Unit.COUNT),
    Measure("closed", "Closed", Unit.COUNT),
    Measure("alone", "Alone", Unit.COUNT),
    Measure("assisted_to_closed", "Assisted to closed", Unit.TIMES, "assisted / closed"),
    Measure("assisted_revenue", "Revenue assisted", Unit.MONEY),
    Measure("closed_revenue", "Revenue closed", Unit.MONEY),
    Measure("assisted_margin", "Margin assisted", Unit.MONEY),
    Measure("closed_margin", "Margin closed", Unit.MONEY),
)
_SPANS = (
    ("the same day", 0), ("1 day", 1), ("2–3 days", 3), ("4–7 days", 7), ("8–14 days", 14), ("15–30 days", 30),
    ("31–60 days", 60), ("61–90 days", 90), ("over 90 days", 10**6),
)  # fmt: skip
SPANS = tuple(name for name, _ in _SPANS)
LENGTHS = (*(str(number) for number in range(1, _LONGEST + 1)), f"over {_LONGEST}")


@dataclass(frozen=True, slots=True)
class PathQuestion:
    """Conversions of a kind whose day lies in the period. With `folded`, a step several times in a row is one.

    Raises `InvalidInput`.
    """

    period: Period
    kind: str = "sale"
    of: Step = Step.CHANNEL
    folded: bool = True
    limit: int = 50

    def __post_init__(self) -> None:
        if self.kind not in PATH_KINDS:
            help_sentence = f"Choose one of {', '.join(PATH_KINDS)}."
            raise InvalidInput(f"There is no kind {self.kind!r} of conversions.", where="kind", help=help_sentence)
        if not 1 <= self.limit <= MOST_PATHS:
            raise InvalidInput(f"From 1 to {MOST_PATHS} paths are told at once.", where="limit")

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "of": self.of,
            "folded": self.folded,
            "limit": self.limit,
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
        }


def path_report(warehouse: Warehouse, question: PathQuestion, *, seen: Visibility = EVERYTHING) -> Answer:
    """A row a path, the most frequent first; `groups` is how many there are. Raises `NotReady`, `NotPermitted`."""
    asked = _parameters(warehouse, question, seen)
    found = warehouse.frame(_SQL["top_paths"], asked | {"folded": question.folded, "most": question.limit + 1})
    found = _in_money(found.reindex(columns=_PATH_COLUMNS), ("revenue", "margin"))
    is_total = found["is_total"] == 1
    totals, paths = found[is_total], found[~is_total]
    all_conversions = float(totals["conversions"].sum())
    rows = paths.assign(share=paths["conversions"].astype(float) / (all_conversions or np.nan))
    told = totals.assign(share=1.0 if all_conversions else np.nan)
    slugs = [measure.slug for measure in PATHS]
    return Answer(
        "paths",
        newest_run(warehouse),
        ("path",),
        PATHS,
        rows[["path", *slugs]].reset_index(drop=True),
        question.as_dict(),
        records(told[slugs], _counts(PATHS))[0] if len(told) else {},
        groups=int(totals["paths"].sum()),
    )


def path_length_report(warehouse: Warehouse, question: PathQuestion, *, seen: Visibility = EVERYTHING) -> Answer:
    """A row a number of touches, in order, those without a touch first. Raises `NotReady`, `NotPermitted`."""
    found = _lengths(warehouse, question, seen)
    named = found["touches"].map(lambda touches: LENGTHS[min(int(touches) - 1, _LONGEST)] if touches else NO_TOUCH)
    return _distribution("path-lengths", warehouse, question, found.assign(touches=named), "touches", LENGTHS)


def time_to_conversion_report(warehouse: Warehouse, question: PathQuestion, *, seen: Visibility = EVERYTHING) -> Answer:
    """A row a span of days from the first touch to the conversion, in order; `about` has the median and 90 % in days.

    Raises `NotReady`, `NotPermitted`.
    """
    found = _lengths(warehouse, question, seen)
    bounds = [last for _, last in _SPANS]
    spans = found["days"].map(lambda days: SPANS[int(np.searchsorted(bounds, days))])
    named = found.assign(time=spans.where(found["touches"] > 0, NO_TOUCH))
    touched = found[found["touches"] > 0]
    return _distribution(
        "time-to-conversion",
        warehouse,
        question,
        named,
        "time",
        SPANS,
        {"days_median": _quantile(touched, 0.5), "days_p90": _quantile(touched, 0.9)},
    )


def assisted_report(warehouse: Warehouse, question: PathQuestion, *, seen: Visibility = EVERYTHING) -> Answer:
    """A row a channel, source or campaign, those on most paths first. Raises `NotReady`, `NotPermitted`."""
    found = warehouse.frame(_SQL["assisted"], _parameters(warehouse, question, seen))
    money = ("closed_revenue", "assisted_revenue", "closed_margin", "assisted_margin")
    rows = _in_money(found.reindex(columns=[*_ASSISTED_COLUMNS, *(f"{name}_units" for name in money)]), money)
    rows = rows.rename(columns={"step": question.of.value})
    ratio = next(measure for measure in ASSISTED if not measure.is_sum)
    rows = rows.assign(**{ratio.slug: ratio.of_rows(rows)})
    whole = ("closed", "closed_revenue", "closed_margin")  # of the others, a journey is in several rows
    sums = rows[list(whole)].sum().to_frame().T.astype(float)
    slugs = [measure.slug for measure in ASSISTED]
    return Answer(
        "assisted",
        newest_run(warehouse),
        (question.of.value,),
        ASSISTED,
        rows[[question.of.value, *slugs]],
        question.as_dict(),
        records(sums, _counts(ASSISTED))[0],
    )


_PATH_COLUMNS = [
    "path", "is_total", "paths", "conversions", "touches_mean", "revenue_units", "margin_units", "days_median",
]  # fmt: skip
_ASSISTED_COLUMNS = ["step", "on_path", "opened", "closed", "assisted", "alone"]


def _parameters(warehouse: Warehouse, question: PathQuestion, seen: Visibility) -> dict[str, Any]:
    seen.check_sees_all_contractors("The report of journeys", "The ROMI report has the figures of your campaigns.")
    return {
        "run": newest_run(warehouse).number,
        "kind": question.kind,
        "of": question.of.value,
        "from": question.period.first_day,
        "to": question.period.last_day,
        **seen.parameters,
    }


def _lengths(warehouse: Warehouse, question: PathQuestion, seen: Visibility) -> pd.DataFrame:
    found = warehouse.frame(_SQL["path_lengths"], _parameters(warehouse, question, seen))
    columns = ["touches", "days", "conversions", "revenue_units", "margin_units"]
    return _in_money(found.reindex(columns=columns), ("revenue", "margin"))


def _distribution(
    subject: str,
    warehouse: Warehouse,
    question: PathQuestion,
    found: pd.DataFrame,
    name: str,
    order: tuple[str, ...],
    about: dict[str, Any] | None = None,
) -> Answer:
    """A row for each of `order`, and before them the conversions without a touch; none where there is no conversion."""
    sums = found.groupby(name)[["conversions", "revenue", "margin"]].sum().astype(float)
    untouched = [NO_TOUCH] if NO_TOUCH in sums.index else []
    told = [*untouched, *order] if len(sums) else []
    rows = sums.reindex(told, fill_value=0.0).rename_axis(name).reset_index()
    whole = float(rows["conversions"].sum()) or np.nan
    rows = rows.assign(share=rows["conversions"] / whole, upto=rows["conversions"].cumsum() / whole)
    totals = rows[["conversions", "revenue", "margin"]].sum().to_frame().T
    return Answer(
        subject,
        newest_run(warehouse),
        (name,),
        DISTRIBUTED,
        rows[[name, *(measure.slug for measure in DISTRIBUTED)]],
        question.as_dict(),
        records(totals, _counts(DISTRIBUTED))[0],
        about or {},
    )


def _quantile(found: pd.DataFrame, level: float) -> int | None:
    """In how many whole days at least this share has come."""
    by_days = found.groupby("days")["conversions"].sum().astype(float).cumsum()
    if by_days.empty:
        return None
    return int(by_days.index[int(np.searchsorted(by_days.to_numpy(), level * by_days.iloc[-1] - 1e-9))])


def _in_money(found: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    return found.assign(**{name: found[f"{name}_units"].astype(float) / _MONEY_UNITS for name in names})


def _counts(figures: tuple[Measure, ...]) -> frozenset[str]:
    return frozenset(figure.slug for figure in figures if figure.unit is Unit.COUNT)
