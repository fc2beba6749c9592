"""What a module of `attribution/outbound/systems` tells of its ad system: whom it knows, what it takes, how it answers.

A destination is no source: nothing flows in from it, it has no address of its own, and one account may be both. So it
has a register and a ledger here, and shares with sources what they have in common: questions, encrypted secrets, paced
HTTP.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Protocol

from attribution.outbound.export import Destination, Export
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask


class State(StrEnum):
    """Where a conversion stands with a destination."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    ACCEPTED = "accepted"
    PARTLY = "partly"
    OUTDATED = "outdated"
    REJECTED = "rejected"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The system has taken a request; `id` asks for what became of it, where it did not say so at once."""

    id: str
    state: State = State.SENT
    why: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The system has taken nothing of a request; `items` are those that it named, by place, with its reasons."""

    why: str
    items: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the conversions of a request."""

    state: State
    why: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One pass over one destination. Money is in `currency`; `now` is in UTC."""

    destination: Destination
    currency: str
    now: datetime
    open_api: Callable[..., Api] = field(repr=False)


class AdSystem(Protocol):
    slug: ClassVar[str]
    title: ClassVar[str]
    country: ClassVar[str]
    """Where it keeps what it is told (ISO 3166)."""
    asks: ClassVar[Sequence[Ask]]
    guide: ClassVar[str]
    click_ids: ClassVar[Sequence[str]]
    """Names of its click ids, of which one touch's first counts."""
    cookies: ClassVar[Sequence[str]]
    """Names under which `properties` keep the visitor's id in its own cookie."""
    uses: ClassVar[Sequence[str]]
    """Which of `phone`, `email` and `user` it knows people by."""
    reach: ClassVar[timedelta]
    """How long ago a click or visit may be that a conversion is handed over for."""
    oldest: ClassVar[timedelta]
    """How long ago the conversion itself may be."""
    most: ClassVar[int]
    """Most conversions of one request."""
    takes_updates: ClassVar[bool]
    """Whether the same conversion sent again with another value corrects the first."""
    repeatable_for: ClassVar[timedelta]
    """How long after a request the same one changes nothing."""

    def lane(self, export: Export, destination: Destination) -> str | None:
        """Which conversions may share a request with it; None where nothing ties it to a click or a person."""
        ...

    def hand_over(self, session: Session, exports: Sequence[Export], batch: str) -> Receipt | Refusal:
        """Raises `AnswerLost`, `VendorUnavailable` where nothing was taken, and `VendorRefused` for our keys."""
        ...

    def verdicts(self, session: Session, receipt: str, kinds: Iterable[str]) -> Mapping[str, Verdict]:
        """By kind of conversion; what is not decided yet is left out."""
        ...

    def find(self, session: Session, batch: str) -> Receipt | None:
        """The receipt of a request whose answer was lost, where the system can tell."""
        ...
