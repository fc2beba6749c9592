"""Dealers, brands, contractors and people that forms offer, by what their viewer sees, and how pages name them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from attribution.reference import contractors
from attribution.visibility import Visibility
from planning.dimensions import known_network
from planning.work.audience import audience, known_to
from planning.work.briefs import Brief
from planning.work.people import Worker


@dataclass(frozen=True, slots=True)
class Names:
    """By id; who is not seen is called by no other name than their id."""

    dealers: dict[str, str]
    brands: tuple[str, ...]
    contractors: dict[str, str]

    def dealer(self, key: str) -> str:
        return self.dealers.get(key, key)

    def contractor(self, key: str) -> str:
        return self.contractors.get(key, key)


def names_seen(connection: Connection, seen: Visibility) -> Names:
    network = known_network(connection, seen)
    rows = connection.execute(select(contractors.c.id, contractors.c.name).order_by(contractors.c.name))
    return Names(
        {dealer.id: dealer.shown_name for dealer in network.dealers},
        tuple(dict.fromkeys(dealer.brand for dealer in network.dealers if dealer.brand)),
        {row.id: row.name or row.id for row in rows if seen.sees_contractor(row.id)},
    )


def assignees(connection: Connection, brief: Brief, contractor: str, worker: Worker) -> Sequence[tuple[str, str]]:
    """Whom a task may be given to: e-mail and name."""
    return [(each.email, each.shown_name) for each in known_to(worker, audience(connection, brief, contractor))]
