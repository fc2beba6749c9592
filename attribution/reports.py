"""The ROMI/CPL report: what each group cost and brought, from what the newest run stored."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import pandas as pd

from attribution.answer import Answer, records
from attribution.measures import MEASURES, RATIOS, SUMS, Unit
from attribution.models import Model
from attribution.rates import missing_rates
from attribution.runs import Run, newest_run
from attribution.sharing import UNNAMED, DealerShare, share_cost
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "reports")

DIMENSIONS = (
    "day", "week", "month", "channel", "source", "medium", "campaign", "content", "term", "dealer", "brand",
    "contractor", "manager", "product", "kind", "region", "device", "repeat", "part",
)  # fmt: skip
NONE = "(none)"
_NAMES = ["by", "then_by"]
_COUNTS = frozenset(measure.slug for measure in MEASURES if measure.unit is Unit.COUNT)

# The warehouse answers in whole numbers of the smallest unit, so that sums are exact.
_UNITS = dict.fromkeys(("cost", "revenue", "margin"), 10_000) | dict.fromkeys(
    ("leads", "qualified", "visits", "sales", "service_visits"), 10**9
)


class Calendar(StrEnum):
    """By which date a conversion counts: its own, or its touch's."""

    CONVERSION = "conversion"
    TOUCH = "touch"


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

    def as_dict(self) -> dict[str, Any]:
        return {
            "by": list(self.by),
            "model": self.model,
            "calendar": self.calendar,
            "from": self.first_day.isoformat(),
            "to": self.last_day.isoformat(),
            "share": self.share,
        }


def romi_report(warehouse: Warehouse, question: Question, timezone: str) -> Answer:
    """A row a group, largest cost first; money is in whole units. `about` tells money without a rate, which is in none.

    Raises `NotReady` where nothing was attributed yet.
    """
    run = newest_run(warehouse)
    missing = missing_rates(warehouse, run)
    parameters = _parameters(question, run, timezone)
    sums = _joined([warehouse.frame(_SQL[name], parameters) for name in ("credit_by", "cost_by", "sessions_by")])
    weights = _dealer_weights(warehouse, question, parameters)
    sums = share_cost(sums, dict(zip(question.by, _NAMES, strict=False)), weights)
    sums = sums.groupby(_NAMES, as_index=False, sort=True).sum()
    rows = _measured(sums[sums[list(SUMS)].any(axis=1)])
    totals = _measured(sums[list(SUMS)].sum().to_frame().T)
    rows = rows.rename(columns=dict(zip(_NAMES, question.by, strict=False)))
    rows = rows.sort_values(["cost", "sales", *question.by], ascending=[False, False, *(True for _ in question.by)])
    columns = [*question.by, *(measure.slug for measure in MEASURES)]
    return Answer(
        "romi",
        run,
        question.by,
        MEASURES,
        rows[columns].reset_index(drop=True),
        question.as_dict(),
        records(totals, _COUNTS)[0],
        {"missing_rates": [each.as_dict() for each in missing]} if missing else {},
    )


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
    """The parts below each other in whole units, 0 where a part says nothing; an empty name is `(none)`."""
    numbers = [*SUMS, UNNAMED]
    whole = pd.concat([_all_columns(part, numbers) for part in parts], ignore_index=True)
    whole[_NAMES] = whole[_NAMES].astype(object).replace("", NONE)
    return whole


def _all_columns(part: pd.DataFrame, numbers: list[str]) -> pd.DataFrame:
    named = part.rename(columns=lambda name: name.removesuffix("_units"))
    whole: pd.DataFrame = named.reindex(columns=[*_NAMES, *numbers], fill_value=0)
    return pd.DataFrame(whole.astype(dict.fromkeys(numbers, "int64")))


def _measured(sums: pd.DataFrame) -> pd.DataFrame:
    """Sums in the units that people read, and the ratios of them."""
    scaled = sums.assign(**{name: sums[name] / units for name, units in _UNITS.items()})
    return scaled.assign(**{measure.slug: measure.of_rows(scaled) for measure in RATIOS})


def _dealer_weights(warehouse: Warehouse, question: Question, parameters: dict[str, Any]) -> pd.DataFrame:
    """What each dealer, brand, or both together weigh when cost is shared out; empty where it is not."""
    groups = [name for name in question.by if name in ("dealer", "brand")]
    if not groups or question.share is DealerShare.NONE:
        return pd.DataFrame()
    found = warehouse.frame(_SQL[question.share.statement], parameters)
    if found.empty:
        return found
    return found.replace(dict.fromkeys(groups, ""), NONE).groupby(groups, as_index=False)[["weight"]].sum()
