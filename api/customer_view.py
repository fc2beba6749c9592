"""What the page of a customer's card shows: one line of time over all that happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.language import gettext as _
from api.numbers import written_in
from attribution.customer_cards import CustomerCard
from attribution.measures import Unit


@dataclass(frozen=True, slots=True)
class Moment:
    """`kind` is `touch`, `lead`, `call` or `deal`."""

    at: datetime
    kind: str
    what: str
    told: str
    dealer: str = ""
    who: str = ""


def customer_view(card: CustomerCard) -> dict[str, Any]:
    """`moments` the newest first; `title` is how one would call the customer."""
    moments = sorted(_moments(card), key=lambda each: each.at, reverse=True)
    return {
        "title": next(iter([*card.names, *card.phones, *card.emails]), _("A customer without a name")),
        "moments": moments,
        "first": moments[-1].at if moments else None,
    }


def _moments(card: CustomerCard) -> Iterator[Moment]:
    for row in card.touches:
        told = " / ".join(part for part in (row["source"], row["medium"], row["campaign"], row["term"]) if part)
        yield Moment(row["at"], "touch", row["channel"] or _("visit"), told)
    for row in card.leads:
        told = " · ".join(filter(None, (_word(row["kind"]), row["product"], _word(row["status"]))))
        yield Moment(row["at"], "lead", _("Lead %(id)s") % {"id": row["id"]}, told, row["dealer"], row["manager"])
        if row["first_response_at"]:
            yield Moment(row["first_response_at"], "lead", _("First response"), "", row["dealer"], row["manager"])
    for row in card.calls:
        yield Moment(row["at"], "call", _("Call"), _of_call(row), row["dealer"], row["operator"])
    for row in card.deals:
        for at, stage in row["stages"]:
            last = (at, stage) == tuple(row["stages"][-1])
            told = _of_deal(row) if last else ""
            name = _("Deal %(id)s: %(stage)s") % {"id": row["id"], "stage": _(stage.replace("_", " "))}
            yield Moment(at, "deal", name, told, row["dealer"], row["manager"])


def _of_call(row: dict[str, Any]) -> str:
    talked = written_in(Unit.SECONDS, row["talk_s"]) if row["talk_s"] else ""
    return " · ".join(filter(None, (_word(row["status"]), talked)))


def _word(value: str | None) -> str:
    """A kind or status in the reader's language; what is missing is empty."""
    return _(value.replace("_", " ")) if value else ""


def _of_deal(row: dict[str, Any]) -> str:
    amount = f"{written_in(Unit.MONEY, float(row['amount']))} {row['currency']}" if row["amount"] is not None else ""
    return " · ".join(part for part in (row["product"], row["kind"], amount, row["lost_reason"]) if part)
