"""What waits for somebody, whoever offers it: approvals, funds, tasks, media plans."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Connection

from planning.approval.people import Actor


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing. `key` tells it from others of its kind; `link` is where it is done. `scope` is the dealer, brand or

    holding that it is of, as people call it; `about` the plan.

    `due` is the last day, in the account's time zone. `instruction` is Markdown. `based_on` is the revision that was
    read, of what can be agreed to together with others, and None for what cannot.
    """

    kind: str
    key: int
    title: str
    link: str
    due: date | None = None
    instruction: str = ""
    about: str = ""
    scope: str = ""
    for_whom: str = ""
    based_on: int | None = None

    @property
    def full_title(self) -> str:
        return f"{self.title}: {self.scope}" if self.scope else self.title

    def days_late(self, today: date) -> int:
        return max(0, (today - self.due).days) if self.due else 0

    def as_dict(self, today: date) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "id": self.key,
            "title": self.full_title,
            "about": self.about,
            "link": self.link,
            "due": self.due.isoformat() if self.due else None,
            "days_late": self.days_late(today),
            "for": self.for_whom,
            "instruction": self.instruction,
            "revision": self.based_on,
        }


class OffersWaiting(Protocol):
    """What a part of the product offers: `api/bootstrap.py` lists them."""

    def __call__(self, connection: Connection, actor: Actor, today: date) -> Iterable[Waiting]:
        """What waits for this person, or for those whose deputy they are, on this day."""
        ...


def everything_waiting(
    connection: Connection, offers: Sequence[OffersWaiting], actor: Actor, today: date
) -> list[Waiting]:
    """What is due first stands first; what has no deadline, last."""
    found = [each for offer in offers for each in offer(connection, actor, today)]
    return sorted(
        found, key=lambda each: (each.due is None, each.due or today, each.kind, each.title, each.scope, each.about)
    )
