"""The requests themselves that nobody dealt with: by the ids of the source's own system, without a word on the person.

What is expected to be lost with one is its dealer's, as the report of lost leads finds it: conversion to sale of those
that were dealt with × margin of a sale.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from attribution.answer import Answer, Period
from attribution.lost_leads import LostLeadsQuestion, lost_leads_report
from attribution.measures import Measure, Unit
from attribution.opportunities import NONE, OpportunityQuestion, known_until, local_day, of_run
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "unprocessed")

MOST_LEADS = 10_000
UNPROCESSED = (
    Measure("waiting_hours", "Waiting, hours", Unit.COUNT),
    Measure("margin_lost", "Expected margin lost", Unit.MONEY),
)
NAMES = ("id", "at", "what", "dealer", "manager", "product", "channel", "source", "campaign")
MISSED_CALL, REQUEST = "missed call", "request"


@dataclass(frozen=True, slots=True)
class UnprocessedQuestion:
    """Requests of the period without a response for so many hours; of one `dealer`, who may be `(none)`, or of all.

    Raises `InvalidInput`.
    """

    period: Period
    unprocessed_hours: int
    dealer: str = ""
    limit: int = 500
    offset: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.unprocessed_hours <= 1_000_000:
            raise InvalidInput("unprocessed_hours is at least 1.", where="unprocessed_hours")
        if not 1 <= self.limit <= MOST_LEADS:
            raise InvalidInput(f"From 1 to {MOST_LEADS} leads are told at once.", where="limit")
        if self.offset < 0:
            raise InvalidInput("There is no such page.", where="next", help="Give `next` as the answer before told it.")

    def as_dict(self) -> dict[str, Any]:
        return {
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
            "unprocessed_hours": self.unprocessed_hours,
            "dealer": self.dealer,
            "limit": self.limit,
        }


def unprocessed_report(
    warehouse: Warehouse, question: UnprocessedQuestion, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a request, the newest first; `at` is in the account's time zone. Raises `NotReady`, `NotPermitted`."""
    seen.check_sees_all_contractors(
        "The list of unprocessed leads", "The ROMI report has the figures of your campaigns."
    )
    run = newest_run(warehouse)
    until = known_until(warehouse, run)
    asked = {
        **of_run(run, settings, until),
        "from": question.period.first_day,
        "to": question.period.last_day,
        "unprocessed_hours": question.unprocessed_hours,
        "any_dealer": not question.dealer,
        "dealer": "" if question.dealer == NONE else question.dealer,
        **seen.parameters,
        "most": question.limit,
        "offset": question.offset,
    }
    found = warehouse.frame(_SQL["unprocessed_leads"], asked).reindex(columns=_FOUND)
    worth = _worth_by_dealer(warehouse, question, settings, seen) if len(found) else {}
    rows = pd.DataFrame(
        {
            "id": found["id"],
            "at": found["local_at"].astype(str).str.slice(0, 16),
            "what": [MISSED_CALL if missed else REQUEST for missed in found["is_missed"]],
            **{name: found[name].astype(object).replace("", NONE) for name in NAMES[3:]},
            "waiting_hours": found["waiting_hours"].astype(float),
        }
    )
    rows["margin_lost"] = rows["dealer"].map(worth).astype(float)
    total = int(found["found"].iloc[0]) if len(found) else question.offset
    last = question.offset + len(rows)
    return Answer(
        "unprocessed-leads",
        run,
        NAMES,
        UNPROCESSED,
        rows,
        question.as_dict(),
        {},
        {"until": local_day(until, settings)},
        groups=total,
        next=str(last) if last < total else None,
    )


_FOUND = [
    "id", "local_at", "dealer", "manager", "product", "is_missed", "channel", "source", "campaign", "waiting_hours",
    "found",
]  # fmt: skip


def _worth_by_dealer(
    warehouse: Warehouse, question: UnprocessedQuestion, settings: Settings, seen: Visibility
) -> dict[str, float]:
    """What one request of each dealer is expected to bring."""
    asked = LostLeadsQuestion(
        OpportunityQuestion(("dealer",), question.period), question.unprocessed_hours, settings.late_minutes
    )
    rows = lost_leads_report(warehouse, asked, settings, seen=seen).rows
    of_one = rows["expected_conversion"].astype(float) * rows["expected_margin"].astype(float)
    return dict(zip(rows["dealer"].astype(str), of_one, strict=True))
