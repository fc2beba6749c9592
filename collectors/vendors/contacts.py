"""Contacts of a CRM: what they say of a person.

A contact with several phones and e-mails is told of in several events, whose keys the contact's own ties. Their ids
hold the moment of the change, so that the order of arrival does not matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from collectors.sources.source import Source, Told


@dataclass(frozen=True, slots=True)
class CrmContact:
    """`changed_at` names its zone."""

    id: str
    changed_at: datetime
    name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()

    @property
    def phone(self) -> str:
        """The first, or empty."""
        return self.phones[0] if self.phones else ""

    @property
    def email(self) -> str:
        return self.emails[0] if self.emails else ""

    def named(self, source: Source) -> dict[str, str]:
        """As a deal names its contact."""
        told = {"crm_id": source.key("contact", self.id), "phone": self.phone, "email": self.email}
        return {name: value for name, value in told.items() if value}

    def profiles(self, source: Source) -> Iterator[Told]:
        pairs = list(zip_longest(self.phones, self.emails, fillvalue="")) or [("", "")]
        for place, (phone, email) in enumerate(pairs):
            yield Told("profiles", {
                "id": source.key("contact", self.id, int(self.changed_at.timestamp()), place),
                "occurred_at": self.changed_at, "crm_id": source.key("contact", self.id), "name": self.name,
                "phone": phone, "email": email,
            })  # fmt: skip
