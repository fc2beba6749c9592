"""In whose inbox stands what waits in funds."""

from datetime import date

from sqlalchemy import Engine

from infra.access.rights import UserRole
from planning.approval.people import Actor, Person
from planning.desk import Desk
from planning.funds.programme import Programme
from planning.funds.states import Act
from planning.offers import funds_offer
from planning.waiting import everything_waiting
from tests.planning.funds.work import asked, decided

DIRECTOR = Person("director@example.com", UserRole.MARKETING_DIRECTOR)
ANNA = Person("anna@example.com", UserRole.DEALER_MARKETER, frozenset({"north"}))
BORIS = Person("boris@example.com", UserRole.DEALER_MARKETER, frozenset({"south", "(none)"}))
LADA = Person("lada@example.com", UserRole.BRAND_MANAGER, frozenset({"north", "south"}))


def test_the_payers_turn_is_of_who_pays_and_the_dealers_of_its_marketers(
    holding: Engine, desk: Desk, lada: Programme
) -> None:
    def waiting(actor: Actor) -> list[tuple[str, str, str]]:
        with holding.connect() as connection:
            found = everything_waiting(connection, [funds_offer(desk)], actor, desk.today)
        return [(each.kind, each.full_title, each.for_whom) for each in found]

    wanted = asked(desk, lada.id)
    assert waiting(Actor(DIRECTOR)) == [("fund_decide", "Spring: Север", "")]
    assert waiting(Actor(LADA)) == waiting(Actor(DIRECTOR))
    assert [waiting(Actor(person)) for person in (ANNA, BORIS)] == [[], []]
    decided(desk, wanted, Act.RETURN, comment="Which outdoor?")
    assert waiting(Actor(DIRECTOR)) == []
    assert waiting(Actor(ANNA))[:1] == [("fund_answer", "Spring: Север", "")]
    assert waiting(Actor(BORIS, (ANNA,)))[:1] == [("fund_answer", "Spring: Север", "anna@example.com")]
    with holding.connect() as connection:
        found, *_ = everything_waiting(connection, [funds_offer(desk)], Actor(ANNA), desk.today)
    assert (found.link, found.due) == (f"/funds/activities/{wanted.id}", date(2027, 2, 1))
    assert found.days_late(desk.today) == 9
