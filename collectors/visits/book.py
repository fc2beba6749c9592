"""The book of visits: by number, or of a lead, with what a seller sees of each."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.visits.card import VisitCard, last_session, read_card
from collectors.visits.issued import VisitNumbers
from collectors.visits.links import CardLinks
from collectors.visits.number import read_number, written
from infra.errors import NotFound, Unavailable, WarehouseError
from infra.warehouse import Warehouse

_LONGEST_ID = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownVisit:
    """`number` is its digits alone."""

    number: str
    visitor_id: str
    session_id: str
    card: VisitCard


class VisitBook:
    """Safe to use from several threads."""

    def __init__(self, warehouse: Callable[[], Warehouse], numbers: VisitNumbers, links: CardLinks) -> None:
        self._warehouse = warehouse
        self._numbers = numbers
        self._links = links

    def by_number(self, text: str) -> KnownVisit:
        """The visit of a number in any spelling.

        Raises `InvalidInput` for what can be no number, `NotFound` where no visit has it, and `WarehouseUnavailable`.
        """
        number = read_number(text)
        visit = self._numbers.visit(number)
        if visit is None:
            raise NotFound(
                f"No visit has the number {written(number)}.",
                where="number",
                help="Its digits are in order, so it may be another installation's, or of more than 400 days ago.",
            )
        card = read_card(self._warehouse(), visit.visitor_id, visit.session_id)
        if card is None:
            raise NotFound(
                f"The visit {written(number)} is not in the warehouse yet.",
                where="number",
                help="Try again in a few seconds; if it stays so, `closedloop status` tells what is not loaded.",
            )
        return KnownVisit(number, visit.visitor_id, visit.session_id, card)

    def by_link(self, signed: str) -> KnownVisit:
        """Raises `NotAllowed`, and as `by_number` does."""
        return self.by_number(self._links.read(signed))

    def of_lead(self, lead: Mapping[str, Any]) -> KnownVisit | None:
        """The visit that a lead came from: its own, or the visitor's last one; None where it is not known (yet)."""
        visitor = str(lead.get("visitor_id") or "")[:_LONGEST_ID]
        if not visitor:
            return None
        try:
            warehouse = self._warehouse()
            at = datetime.fromisoformat(lead["created_at"])
            session = str(lead.get("session_id") or last_session(warehouse, visitor, at))[:_LONGEST_ID]
            card = read_card(warehouse, visitor, session) if session else None
        except (Unavailable, WarehouseError) as error:
            _log.warning("a lead's visit cannot be looked up: %s", error.message)
            return None
        return KnownVisit(self._numbers.number_of(visitor, session), visitor, session, card) if card else None

    def number_of_lead(self, lead: Mapping[str, Any]) -> str:
        """Of a lead that names its visit, though nothing else is known of it; empty where it names none."""
        visitor, session = (str(lead.get(name) or "")[:_LONGEST_ID] for name in ("visitor_id", "session_id"))
        return self._numbers.number_of(visitor, session) if visitor and session else ""

    def link(self, number: str, until: datetime) -> str:
        """To the visit's card, without a login."""
        return self._links.make(number, until)
