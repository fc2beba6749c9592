"""What co-op funds, contractor work and media plans offer to the inbox and the reminders."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from zlib import crc32

from sqlalchemy import Connection

from attribution.visibility import NOBODYS, Visibility
from infra.access.rights import EVERY_RIGHT, Right, UserRole
from planning.approval.people import Actor, Person
from planning.desk import Desk
from planning.dimensions import known_network
from planning.funds.states import Party as FundParty
from planning.funds.waiting import waiting as fund_waiting
from planning.media.months import Month, month_of
from planning.media.overview import overview_in
from planning.media.spending import Spending
from planning.media.waiting import waiting as media_waiting
from planning.waiting import OffersWaiting, Waiting
from planning.work.people import Worker
from planning.work.waiting import waiting as work_waiting

FUND, WORK, MEDIA = "fund_", "work_", "media_"
"""How kinds of each begin."""


def funds_offer(desk: Desk) -> OffersWaiting:
    """Decisions, checks and payments for who pays; answers, claims and money that ends for the dealer."""

    def offer(connection: Connection, actor: Actor, today: date) -> Iterable[Waiting]:
        yield from _of_funds(connection, desk, actor.person)
        for absent in actor.absent:
            for each in _of_funds(connection, desk, absent):
                yield replace(each, for_whom=absent.name)

    return offer


def _of_funds(connection: Connection, desk: Desk, person: Person) -> Iterator[Waiting]:
    is_payer = Right.RULES in _rights(person) or person.role is UserRole.BRAND_MANAGER
    is_dealer = person.role is UserRole.DEALER_MARKETER
    if not is_payer and not is_dealer:
        return
    balances = None if is_dealer else ()  # what ends soon is for the dealer to know
    places = known_network(connection).by_id
    for each in fund_waiting(connection, desk, _seen(person), balances):
        if is_payer if each.acts is FundParty.PAYER else is_dealer:
            key, scope = crc32(each.link.encode()), places[each.dealer].shown_name if each.dealer in places else ""
            yield Waiting(f"{FUND}{each.kind}", key, each.title, each.link, each.due, scope=scope)


def work_offer(desk: Desk) -> OffersWaiting:
    """Tasks to do or to decide on, acts to check, accept and pay, and mentions."""

    def offer(connection: Connection, actor: Actor, today: date) -> Iterable[Waiting]:
        person = actor.person
        if person.role is None or Right.TASKS not in _rights(person):
            return
        worker = Worker(person.name, _seen(person), _rights(person), person.role)
        for each in work_waiting(connection, desk, worker):
            yield Waiting(f"{WORK}{each.kind}", each.key, each.title, each.link, each.due, about=each.about)

    return offer


def media_offer(spending: Callable[[Month], Spending]) -> OffersWaiting:
    """Plans and reallocations to decide on for the director; budgets, orders and warnings for the dealer's marketer."""

    def offer(connection: Connection, actor: Actor, today: date) -> Iterable[Waiting]:
        person = actor.person
        is_director, is_planner = Right.RULES in _rights(person), person.role is UserRole.DEALER_MARKETER
        if not is_director and not is_planner:
            return
        seen, month = _seen(person), month_of(today)
        overview = overview_in(connection, month, spending(month), today, seen=seen) if is_planner else ()
        for each in media_waiting(connection, today, seen=seen, overview=overview):
            if is_director if each.who == "director" else is_planner:
                key = crc32(f"{each.link} {each.title}".encode())
                yield Waiting(f"{MEDIA}{each.kind.removeprefix(MEDIA)}", key, each.title, each.link, each.due)

    return offer


def _seen(person: Person) -> Visibility:
    """Without what reports write where there is none: such rows are nobody's."""
    if person.contractors is not None:
        return Visibility(contractors=person.contractors - NOBODYS)
    return Visibility(None if person.dealers is None else person.dealers - NOBODYS)


def _rights(person: Person) -> frozenset[Right]:
    """The admin link's has every right."""
    return person.role.rights if person.role else EVERY_RIGHT
