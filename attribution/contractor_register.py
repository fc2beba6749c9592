"""The register of contractors: who runs what, for which fees and since when, and what each claims."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from attribution.answer import Answer
from attribution.measures import Measure, Unit
from attribution.reference import reference_document
from attribution.reference_document import Contractor, Fee, Step
from attribution.reference_seen import part_seen
from attribution.visibility import EVERYTHING, Visibility

NAMES = ("contractor", "name", "campaigns", "fees", "claimed_from", "claimed_to")
FIGURES = (
    Measure("claimed_budget", "Budget claimed", Unit.MONEY),
    Measure("claimed_romi", "ROMI claimed", Unit.SHARE),
)
_APART = "; "


def contractor_register(engine: Engine, currency: str, *, seen: Visibility = EVERYTHING) -> Answer:
    """A row a contractor, in the order of their ids. `currency` is the account's, for fees that name none."""
    owners = contractors_seen(engine, seen)
    rows = pd.DataFrame([_row(owner, currency) for owner in owners], columns=[*NAMES, *(each.slug for each in FIGURES)])
    rows = rows.astype({each.slug: float for each in FIGURES})
    return Answer("contractor-register", None, NAMES, FIGURES, rows, {})


def contractors_seen(engine: Engine, seen: Visibility) -> Sequence[Contractor]:
    """Whoever sees some dealers only is told names alone."""
    document = reference_document(engine)
    return document.contractors if seen.is_everything else part_seen(document, seen).contractors


def fee_in_words(fee: Fee, currency: str) -> str:
    """Such as `10 % of spend + 50 000 RUB a month, from 2026-01-01`."""
    money = fee.currency or currency
    parts = [*_parts(fee, money)] or ["nothing"]
    bounds = [
        *([f"at least {_amount(fee.minimum)} {money} a month"] if fee.minimum else []),
        *([f"at most {_amount(fee.maximum)} {money} a month"] if fee.maximum is not None else []),
        *([f"from {fee.first}"] if fee.first else []),
        *([f"to {fee.last}"] if fee.last else []),
    ]
    return ", ".join([" + ".join(parts), *bounds])


def _parts(fee: Fee, money: str) -> Iterator[str]:
    if fee.percent:
        yield f"{fee.percent:g} % of spend"
    if fee.steps:
        of = "the part within" if fee.steps_of == "part" else "a month's spend"
        yield f"{', '.join(_step(step, money) for step in fee.steps)} of {of}"
    if fee.fixed_month:
        yield f"{_amount(fee.fixed_month)} {money} a month"
    if fee.per_lead:
        yield f"{_amount(fee.per_lead)} {money} a lead"


def _step(step: Step, money: str) -> str:
    return f"{step.percent:g} % above {_amount(step.above)} {money}" if step.above else f"{step.percent:g} %"


def _amount(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", " ").removesuffix(".00")


def _row(owner: Contractor, currency: str) -> dict[str, Any]:
    return {
        "contractor": owner.id,
        "name": owner.name,
        "campaigns": _APART.join(map(str, owner.campaigns)),
        "fees": _APART.join(fee_in_words(fee, currency) for fee in owner.fees),
        "claimed_from": owner.claimed_from.isoformat() if owner.claimed_from else "",
        "claimed_to": owner.claimed_to.isoformat() if owner.claimed_to else "",
        "claimed_budget": None if owner.claimed_budget is None else float(owner.claimed_budget),
        "claimed_romi": owner.claimed_romi,
    }
