"""The conversions behind groups of the ROMI/CPL report: each that a model credits to them, at least in part.

Law: what they are credited with adds up to the report's figures under the same conditions, calendar and models.
"""

from typing import Any

import pandas as pd

from attribution.answer import Answer
from attribution.credit import credit_of
from attribution.dimensions import properties_in
from attribution.measures import Measure, Unit
from attribution.question import Question
from attribution.reports import narrowed_to, report_parameters
from attribution.runs import KINDS, newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "conversions_behind")
_NAMES = ("kind", "id", "day", "dealer", "product")
_UNITS = {"amount": 10_000, "credit": 10**9, "revenue": 10_000, "margin": 10_000}
FIGURES = (
    Measure("amount", "Amount", Unit.MONEY),
    Measure("credit", "Credited", Unit.TIMES),
    Measure("revenue", "Credited revenue", Unit.MONEY),
    Measure("margin", "Credited margin", Unit.MONEY),
)


def conversions_behind(
    warehouse: Warehouse, question: Question, timezone: str, *, kind: str = "", seen: Visibility = EVERYTHING
) -> Answer:
    """A row a conversion that meets the question's conditions, the newest first; its groupings and order mean nothing.

    `kind` is of conversions, all unless said. `amount` is the whole of a conversion; `credit` is the part of it that
    lies here, and `revenue` and `margin` are that of its money. `day` is the conversion's, in the account's time zone.
    Raises `InvalidInput`, `NotReady` where nothing was attributed yet, and `NotPermitted`.
    """
    if kind and kind not in KINDS:
        raise InvalidInput(
            f"There is no kind of conversion {kind!r}.", where="kind", help=f"Choose one of {', '.join(KINDS)}."
        )
    narrowed = narrowed_to(question, seen)
    if list(properties_in(narrowed.inputs)):
        raise InvalidInput(
            "Conversions cannot be listed by a property.", where="where", help="Take that condition or grouping away."
        )
    run = newest_run(warehouse)
    asked = report_parameters(narrowed, run, timezone)
    credit = credit_of(warehouse, run.number, narrowed.models_of_sums.values())
    found = warehouse.frame(_SQL["conversions_behind"], asked | credit | {"conversion_kind": kind})
    groups = int(found["groups"].iloc[0]) if len(found) else 0
    page = found.iloc[question.offset :]
    page = page.head(question.limit) if question.limit else page
    last = question.offset + len(page)
    return Answer(
        "conversions",
        run,
        _NAMES,
        FIGURES,
        _scaled(page).reset_index(drop=True),
        question.as_dict() | ({"kind": kind} if kind else {}),
        _totals(found),
        {"models": {name: model.value for name, model in question.models_of_sums.items()}},
        groups=groups,
        next=str(last) if last < groups else None,
    )


def _scaled(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.reindex(columns=[*_NAMES, *_UNITS])
    return rows.assign(**{name: rows[name].astype("int64") / units for name, units in _UNITS.items()})


def _totals(found: pd.DataFrame) -> dict[str, Any]:
    if not len(found):
        return dict.fromkeys(_UNITS, 0.0)
    return {name: int(found[f"all_{name}"].iloc[0]) / units for name, units in _UNITS.items()}
