"""Deputies: who decides in whose place, on which days, and what is kept of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput, NotFound, NotPermitted
from planning.approval.delegations import Delegations
from planning.approval.office import ApprovalOffice
from planning.plans import PlanVersion
from tests.planning.approval.conftest import WhoIs, approvals, key_of, states

ANNA, BORIS, VERA = "anna@example.com", "boris@example.com", "vera@example.com"
TODAY = date(2026, 11, 2)


@pytest.fixture
def absences(holding: Engine, clock: FrozenClock, who: WhoIs) -> Delegations:
    return Delegations(holding, clock)


def test_a_deputy_decides_for_who_is_absent_and_both_are_named(
    holding: Engine, office: ApprovalOffice, who: WhoIs, clock: FrozenClock, absences: Delegations,
    submitted: PlanVersion,
) -> None:  # fmt: skip
    key = key_of(holding, submitted.id, "dealers", "north")
    with pytest.raises(NotFound):
        office.agree(key, person=who("boris"))
    absences.add("Anna@example.com", BORIS, TODAY, date(2026, 11, 10), person=who("anna"), today=TODAY)
    assert office.find(key, person=who("boris")).actor.acts_for(approvals(holding, submitted.id)["dealers", "north"])
    told = office.agree(key, person=who("boris"))
    assert (told.decided_by, told.decided_for) == (BORIS, ANNA)
    (change, *_), _ = find_changes(holding, who=BORIS, what="plan")
    assert f'"for":"{ANNA}"' in change.after
    clock.advance(timedelta(hours=2))
    with pytest.raises(Conflict, match=r"boris@example\.com for anna@example\.com agreed to this 2 hours ago"):
        office.agree(key, person=who("anna"))


def test_it_holds_on_its_days_alone(
    holding: Engine, office: ApprovalOffice, who: WhoIs, clock: FrozenClock, absences: Delegations,
    submitted: PlanVersion,
) -> None:  # fmt: skip
    """Days are those of Moscow: its last day is over three hours before that of UTC."""
    key = key_of(holding, submitted.id, "dealers", "north")
    absences.add(ANNA, BORIS, date(2026, 11, 3), date(2026, 11, 3), person=who("anna"), today=TODAY)
    for hours, may in ((0, False), (11, False), (12, True), (35, True), (36, False)):
        clock.advance(timedelta(hours=hours))
        assert bool(office.actor(who("boris")).absent) is may, clock.now()
        clock.advance(-timedelta(hours=hours))
    clock.advance(timedelta(hours=12))
    assert states(holding, submitted.id)["dealers", "north"] == "open"
    office.agree(key, person=who("boris"))


def test_a_deputy_of_a_deputy_decides_nothing(
    holding: Engine, office: ApprovalOffice, who: WhoIs, absences: Delegations, submitted: PlanVersion
) -> None:
    absences.add(ANNA, BORIS, TODAY, TODAY, person=who("anna"), today=TODAY)
    absences.add(BORIS, VERA, TODAY, TODAY, person=who("boris"), today=TODAY)
    with pytest.raises(NotFound):
        office.agree(key_of(holding, submitted.id, "dealers", "north"), person=who("vera"))
    office.agree(key_of(holding, submitted.id, "dealers", "south"), person=who("vera"))


def test_what_cannot_be_is_refused(absences: Delegations, who: WhoIs) -> None:
    anna = who("anna")
    for absent, deputy, first, last, error in (
        (ANNA, ANNA, TODAY, TODAY, InvalidInput),
        (ANNA, "analyst@example.com", TODAY, TODAY, InvalidInput),
        (ANNA, "nobody@example.com", TODAY, TODAY, InvalidInput),
        (ANNA, BORIS, TODAY, TODAY - timedelta(days=1), InvalidInput),
        (ANNA, BORIS, TODAY - timedelta(days=9), TODAY - timedelta(days=1), InvalidInput),
        (BORIS, VERA, TODAY, TODAY, NotPermitted),
    ):
        with pytest.raises(error):
            absences.add(absent, deputy, first, last, person=anna, today=TODAY)
    assert absences.all(who("director")) == []
    kept = absences.add(ANNA, BORIS, TODAY, TODAY + timedelta(days=5), person=anna, today=TODAY)
    with pytest.raises(Conflict, match="decides for anna"):
        absences.add(ANNA, VERA, TODAY + timedelta(days=5), TODAY + timedelta(days=9), person=anna, today=TODAY)
    with pytest.raises(NotFound):
        absences.end(kept.id, person=who("vera"))
    absences.end(kept.id, person=anna)
    absences.add(ANNA, VERA, TODAY, TODAY + timedelta(days=9), person=who("director"), today=TODAY)
    assert [each.deputy for each in absences.all(anna)] == [VERA, BORIS]
    assert absences.all(who("lada")) == []


def test_one_that_was_ended_ends_at_once(
    holding: Engine, office: ApprovalOffice, who: WhoIs, absences: Delegations, submitted: PlanVersion
) -> None:
    kept = absences.add(ANNA, BORIS, TODAY, TODAY, person=who("anna"), today=TODAY)
    absences.end(kept.id, person=who("anna"))
    with pytest.raises(NotFound):
        office.agree(key_of(holding, submitted.id, "dealers", "north"), person=who("boris"))
