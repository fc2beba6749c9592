"""A deal as its CRM tells of it, and the events that it makes.

One event says where the deal stood at its last change, one when it reached that stage, and one that it was opened,
and by whom. Their ids hold the moments, so that neither repetitions nor the order of arrival matter. The lead that it
came from is one row, which the last word replaces: only who surely holds the newest version may tell of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collectors.sources.source import Source, Told
from collectors.vendors.card_fields import CardFields, filled
from collectors.vendors.contacts import CrmContact
from collectors.vendors.stages import Meaning


@dataclass(frozen=True, slots=True)
class CrmDeal:
    """Moments name their zone; `reached_at` is that of the present stage, where the CRM says.

    `status` is the CRM's own. `lead` is the id of the canonical lead, or empty where nobody tells of one.
    """

    id: str
    status: str
    meaning: Meaning
    changed_at: datetime
    card: CardFields
    created_at: datetime | None = None
    reached_at: datetime | None = None
    contact: CrmContact | None = None
    lead: str = ""
    title: str = ""
    amount: str = ""
    currency: str = ""
    manager: str = ""
    kind: str = ""
    lost_reason: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)

    def events(self, source: Source) -> Iterator[Told]:
        """All that a card tells which was fetched whole."""
        yield from self.opened(source)
        yield self.stage(source, self.changed_at)
        if self.reached_at and self.reached_at != self.changed_at:
            yield self.stage(source, self.reached_at)

    def stage(self, source: Source, at: datetime) -> Told:
        """Where the deal stood at a moment of change."""
        told = {
            "id": source.key("deal", self.id, self.status, int(at.timestamp())), "deal_id": source.key("deal", self.id),
            "occurred_at": at, "stage": self.meaning.stage, "kind": self.kind, "lead_id": self.lead,
            "contact": self.contact.named(source) if self.contact else {}, "visitor_id": self.card.visitor(source),
            "dealer": self.card.named_by(source, "dealer_field"), "manager": self.manager,
            "product": self.card.named_by(source, "product_field"), "amount": self.amount,
            "currency": self.currency if self.amount else "",
            "lost_reason": self.lost_reason if self.meaning.stage == "lost" else "",
            "properties": filled(
                {"title": self.title, "status": self.status, **self.properties, **self.card.ours()}
            ),
        }  # fmt: skip
        return Told("deals", filled(told))

    def lead_row(self, source: Source, kind: str) -> Iterator[Told]:
        """The lead, of a kind, with its marks; none where the CRM does not say when it came."""
        if not self.created_at:
            return
        contact = self.contact
        told = {
            "id": self.lead, "created_at": self.created_at, "kind": kind,
            "name": contact.name if contact else "", "phone": contact.phone if contact else "",
            "email": contact.email if contact else "", "visitor_id": self.card.visitor(source),
            **self.card.marks(), "dealer": self.card.named_by(source, "dealer_field"),
            "product": self.card.named_by(source, "product_field"), "status": self.meaning.lead_status,
            "manager": self.manager, "properties": filled(
                {"title": self.title, **self.card.traces(), **self.card.ours()}
            ),
        }  # fmt: skip
        yield Told("leads", filled(told))

    def opened(self, source: Source) -> Iterator[Told]:
        """That there is the deal, of which lead and contact: an event of its own, which no poorer one replaces."""
        if not self.created_at:
            return
        told = {
            "id": source.key("deal", self.id, "opened"), "deal_id": source.key("deal", self.id),
            "occurred_at": self.created_at, "stage": "lead", "lead_id": self.lead,
            "contact": self.contact.named(source) if self.contact else {},
        }  # fmt: skip
        yield Told("deals", filled(told))


def deleted_deal(source: Source, deal: str, at: datetime) -> Told:
    """A deal that is no longer there is lost, whatever it was."""
    return Told("deals", {
        "id": source.key("deal", deal, "deleted"), "deal_id": source.key("deal", deal), "occurred_at": at,
        "stage": "lost", "lost_reason": "deleted",
    })  # fmt: skip
