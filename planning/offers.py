"""What co-op funds and contractor work offer to the inbox and the reminders."""

from collections.abc import Callable, Iterable
from datetime import date
from zlib import crc32

from sqlalchemy import Connection

from attribution.visibility import Visibility
from infra.access.rights import EVERY_RIGHT, Right
from planning.approval.people import Actor, Person
from planning.dimensions import known_network
from planning.funds.desk import Desk
from planning.funds.states import Party as FundParty
from planning.funds.waiting import waiting as fund_waiting
from planning.waiting import OffersWaiting, Waiting
from planning.work.people import Worker
from planning.work.waiting import waiting as work_waiting

FUND, WORK = "fund_", "work_"
"""How kinds of either begin."""


def funds_offer(desk: Callable[[], Desk]) -> OffersWaiting:
    """Decisions, checks and payments for who pays; answers, claims and money that ends for the dealer."""

    def offer(connection: Connection, actor: Actor, today: date) -> Iterable[Waiting]:
        person = actor.person
        is_payer = Right.RULES in _rights(person)
        is_dealer = Right.PLANS in _rights(person) and person.dealers is not None and person.contractors is None
        if not is_payer and not is_dealer:
            return
        balances = None if is_dealer else ()  # what ends soon is for the dealer to know
        places = known_network(connection).by_id
        for each in fund_waiting(connection, desk(), Visibility(person.dealers), balances):
            if is_payer if each.acts is FundParty.PAYER else is_dealer:
                key, scope = crc32(each.link.encode()), places[each.dealer].shown_name if each.dealer in places else ""
                yield Waiting(f"{FUND}{each.kind}", key, each.title, each.link, each.due, scope=scope)

    return offer


def work_offer(desk: Callable[[], Desk]) -> OffersWaiting:
    """Tasks to do or to decide on, acts to check, accept and pay, and mentions."""

    def offer(connection: Connection, actor: Actor, today: date) -> Iterable[Waiting]:
        person = actor.person
        if person.role is None or Right.TASKS not in _rights(person):
            return
        seen = (
            Visibility(contractors=person.contractors) if person.contractors is not None else Visibility(person.dealers)
        )
        worker = Worker(person.name, seen, _rights(person), person.role)
        for each in work_waiting(connection, desk(), worker):
            yield Waiting(f"{WORK}{each.kind}", each.key, each.title, each.link, each.due, about=each.about)

    return offer


def _rights(person: Person) -> frozenset[Right]:
    """The admin link's has every right."""
    return person.role.rights if person.role else EVERY_RIGHT
