"""The card of a customer: what is known of whoever a phone, an e-mail, a lead, a deal or a CRM's id belongs to.

It holds personal data, and only what happened at dealers that the viewer sees.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from collectors.values import e164, normal_email
from infra.errors import InvalidInput, NotFound
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "customer_cards")
_MOST = 200
_KINDS = ("lead", "deal", "crm", "phone", "email", "visitor", "user")
_NAMED = re.compile(rf"({'|'.join(_KINDS)}):(.+)", re.DOTALL)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """Rows the newest first, moments in UTC; `touches` are those before any lead as well."""

    names: Sequence[str]
    phones: Sequence[str]
    emails: Sequence[str]
    leads: Sequence[Row]
    deals: Sequence[Row]
    calls: Sequence[Row]
    touches: Sequence[Row]

    def as_dict(self) -> dict[str, Any]:
        return {
            "names": list(self.names),
            "phones": list(self.phones),
            "emails": list(self.emails),
            "leads": self.leads,
            "deals": self.deals,
            "calls": self.calls,
            "touches": self.touches,
        }


def customer_card(warehouse: Warehouse, asked: str, country: str, *, seen: Visibility = EVERYTHING) -> CustomerCard:
    """`asked` is a phone in any spelling, an e-mail, or an id of a lead, a deal or a CRM's contact.

    `lead:…`, `deal:…`, `crm:…`, `visitor:…` and `user:…` say which id is meant. Raises `InvalidInput` for nothing,
    `NotFound` where nobody is known by it, or nobody of the dealers that are seen, and `NotReady`.
    """
    seen.check_sees_all_contractors("A customer's card", "The channels show what your campaigns brought.")
    run = newest_run(warehouse).number
    (found,) = warehouse.rows(_SQL["keys_of_customer"], {"run": run, "keys": list(_keys(asked, country))})
    if found["shared"]:
        raise NotFound(
            f"Too many people share {asked.strip()!r} for it to be anybody's.",
            where="q",
            help="It may be a dealer's own phone. Look the customer up by a lead or a deal.",
        )
    parameters = {**seen.parameters, "run": run, "tied": found["tied"], "most": _MOST}
    leads, deals, calls = (
        warehouse.rows(_SQL[name], parameters)
        for name in ("leads_of_customer", "deals_of_customer", "calls_of_customer")
    )
    if not (leads or deals or calls):
        raise NotFound(
            f"No customer is known by {asked.strip()!r}.",
            where="q",
            help="Write the phone with its country code, or the id as the CRM has it; newer events take some seconds.",
        )
    touches = warehouse.rows(_SQL["touches_of_customer"], parameters)
    return CustomerCard(
        _told(leads, "name"),
        _told([*leads, *deals, *calls], "phone"),
        _told([*leads, *deals], "email"),
        leads,
        deals,
        calls,
        touches,
    )


def newest_leads(warehouse: Warehouse, most: int, *, seen: Visibility = EVERYTHING) -> Sequence[Row]:
    """Whoever asked last at dealers that are seen: where one begins to look."""
    seen.check_sees_all_contractors("Customers", "The channels show what your campaigns brought.")
    return warehouse.rows(_SQL["newest_leads"], {**seen.parameters, "most": most})


def _keys(asked: str, country: str) -> Iterable[str]:
    text = asked.strip()
    if not text or len(text) > 500:
        raise InvalidInput(
            "Say whom to look for.", where="q", help="A phone, an e-mail, or the id of a lead or a deal will do."
        )
    if named := _NAMED.fullmatch(text):
        yield text
        text = named[2]
    if phone := e164(text, country):
        yield f"phone:{phone}"
    if email := normal_email(text):
        yield f"email:{email}"
    if not named:
        yield from (f"{kind}:{text}" for kind in ("lead", "deal", "crm"))


def _told(rows: Iterable[Row], name: str) -> Sequence[str]:
    return list(dict.fromkeys(row[name] for row in rows if row[name]))
