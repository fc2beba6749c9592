"""What of contractors' work stands in the inbox, in the number beside it, and in reminders."""

from collections.abc import Iterator

from sqlalchemy import Connection

from attribution.visibility import NOBODYS, Visibility
from infra.access.rights import EVERY_RIGHT
from planning import waiting as inbox
from planning.approval.people import Actor
from planning.funds.desk import Desk
from planning.work.people import Worker, people
from planning.work.waiting import waiting

KIND = "work_"
"""Kinds of the inbox begin with it: `work_decide` is `decide` of `planning.work.waiting`."""


def work_waiting(connection: Connection, desk: Desk, actor: Actor) -> Iterator[inbox.Waiting]:
    """Nothing of those whose deputy somebody is: the marketing director stands in for them."""
    for each in waiting(connection, desk, _worker(connection, actor)):
        yield inbox.Waiting(f"{KIND}{each.kind}", each.key, each.title, each.link, each.due, about=each.about)


def _worker(connection: Connection, actor: Actor) -> Worker:
    """The approval of plans knows nobody's contractors."""
    person = actor.person
    if person.role is None:
        return Worker(person.name, Visibility(), EVERY_RIGHT)
    if person.role.is_of_contractors:
        known = (each.worker for each in people(connection) if each.email == person.name)
        return next(known, Worker(person.name, Visibility(frozenset(), frozenset()), frozenset(), person.role))
    dealers = None if person.dealers is None else person.dealers - NOBODYS
    return Worker(person.name, Visibility(dealers), person.role.rights, person.role)
