"""What a module of `collectors/forwarding/systems` tells of its CRM: how a lead is put into it, and found again."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from collectors.forwarding.lead import HandedLead
from collectors.forwarding.target import Target
from collectors.sources.source import Source
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Pull
from infra.errors import InvalidInput, NotAllowed


class AfterLost(StrEnum):
    """What may be done once an answer was lost: the CRM may have the lead."""

    LOOK = "look"
    REPEAT = "repeat"
    ASK_A_PERSON = "ask"


@dataclass(frozen=True, slots=True)
class Session:
    """One pass over one CRM. `source` is the connected source that it is, None where it is none; `now` is in UTC."""

    target: Target
    source: Source | None
    now: datetime
    open_api: Callable[..., Api] = field(repr=False)
    save_secrets: Callable[[Mapping[str, str]], None] = field(repr=False)

    @property
    def account(self) -> Mapping[str, str]:
        return self.target.options.account

    @property
    def pull(self) -> Pull:
        """What the source's own API is opened with. Raises `InvalidInput` where there is none."""
        if self.source is None:
            raise InvalidInput(f"{self.target.id} names no source.", where="source")
        return Pull(self.source, {}, (), self.now, self.open_api, self.save_secrets)


class Crm(Protocol):
    """A CRM during one pass. Both raise `VendorUnavailable` where it cannot be asked, and `VendorRefused`."""

    def find(self, lead: HandedLead, begun_at: datetime) -> str | None:
        """The id of the card that was made of the lead at `begun_at` or later; None where there is none."""
        ...

    def add(self, lead: HandedLead) -> str:
        """Make a card of the lead and return its id. Raises `AnswerLost` where it may have been made."""
        ...


class CrmSystem(ABC):
    slug: ClassVar[str]
    title: ClassVar[str]
    asks: ClassVar[Sequence[Ask]]
    guide: ClassVar[str]
    country: ClassVar[str] = ""
    """Where it keeps what it is told (ISO 3166); empty where that depends on the account."""
    vendor: ClassVar[str]
    """Vendor of the sources that are such CRMs; empty where any source, or none, may be."""

    def examine(self, target: Target) -> None:
        """Raises `InvalidInput` where the settings cannot work: before it is connected."""
        return

    def after_lost(self, target: Target) -> AfterLost:
        return AfterLost.LOOK

    def check_country(self, kept_in: str) -> None:
        """Raises `NotAllowed` where personal data are to be kept in a country and this CRM is not there."""
        if kept_in and self.country and self.country != kept_in:
            raise NotAllowed(
                f"{self.title} keeps personal data in {self.country}; they are to stay in {kept_in}.",
                where="CLOSEDLOOP_DATA_STAY_IN_COUNTRY",
                help="Set CLOSEDLOOP_DATA_STAY_IN_COUNTRY=false if they may leave, or forward to another CRM.",
            )

    def remote_lead(self, source: Source | None, card: str) -> str:
        """The id of the canonical lead that the source tells of a card; empty where it tells none."""
        return source.key("lead", card) if source else ""

    @abstractmethod
    def open(self, session: Session) -> AbstractContextManager[Crm]:
        """Raises as `Crm` does."""
        ...
