"""What of co-op funds waits for somebody: the payer's turn is the marketing director's, the dealer's its marketers'.

Money that will expire stands on the page of funds: it is not asked of anybody.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from attribution.visibility import NOBODYS, Visibility
from infra.access.rights import UserRole
from planning.approval.people import Actor, Person
from planning.dimensions import known_network
from planning.funds.desk import Desk
from planning.funds.states import Party
from planning.funds.waiting import waiting
from planning.waiting import OffersWaiting, Waiting

KIND = "fund_"
"""Before the kinds of `planning.funds.waiting`."""


def fund_offer(desk: Desk) -> OffersWaiting:
    def offered(connection: Connection, actor: Actor, today: date) -> Iterator[Waiting]:
        for person in (actor.person, *actor.absent):
            for_whom = "" if person is actor.person else person.name
            yield from _of(connection, desk, person, for_whom)

    return offered


def _of(connection: Connection, desk: Desk, person: Person, for_whom: str) -> Iterator[Waiting]:
    turns = _turns(person)
    if not turns:
        return
    seen = Visibility(None if person.dealers is None else person.dealers - NOBODYS)
    found = [each for each in waiting(connection, desk, seen, ()) if each.acts in turns]
    names = known_network(connection, seen).by_id if found else {}
    for each in found:
        dealer = names[each.dealer].shown_name if each.dealer in names else each.dealer
        key = int(each.link.rpartition("/")[2])
        yield Waiting(KIND + each.kind, key, each.title, each.link, each.due, scope=dealer, for_whom=for_whom)


def _turns(person: Person) -> tuple[Party, ...]:
    if person.role is None:
        return (Party.PAYER, Party.DEALER)
    if person.role is UserRole.MARKETING_DIRECTOR:
        return (Party.PAYER,)
    return (Party.DEALER,) if person.role is UserRole.DEALER_MARKETER else ()
