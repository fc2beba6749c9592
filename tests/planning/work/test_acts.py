"""Acts against what was ordered: from the contractor's draft to the payment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from infra.errors import ClosedLoopError, Conflict, InvalidInput, NotFound, NotPermitted
from planning.desk import Desk
from planning.work.act_register import SIGNED, add_act, attach_to_act, change_act
from planning.work.acts import Act, find_act, lines_of, list_acts
from planning.work.brief_register import change_brief
from planning.work.briefs import Brief
from planning.work.ordered import settlements
from planning.work.states import ActState, ActStep
from planning.work.story import story_of_act, story_of_brief
from planning.work.tasks import Task
from tests.planning.work.working import (
    ANNA,
    DAN,
    DIRECTOR,
    EVE,
    LADA,
    SOFIA,
    act_told,
    brief_told,
    by,
    checked_act,
    new_file,
    stepped,
    written_act,
    written_brief,
)


def test_an_act_is_handed_in_checked_accepted_and_paid(desk: Desk, brief: Brief, task: Task) -> None:
    act = written_act(desk, 60_000, 20_000, task=task.id)
    with pytest.raises(InvalidInput, match="signed act is missing"):
        stepped(desk, act, ActStep.HAND_IN, DAN)
    attach_to_act(desk, act.id, new_file(desk, "act.pdf", b"%PDF-1.7"), SIGNED, by(DAN))
    handed = stepped(desk, act, ActStep.HAND_IN, DAN)
    with pytest.raises(NotPermitted):
        stepped(desk, handed, ActStep.CHECK, DAN)
    checked = stepped(desk, handed, ActStep.CHECK, ANNA)
    with pytest.raises(NotPermitted, match="director does this"):
        stepped(desk, checked, ActStep.ACCEPT, ANNA)
    accepted = stepped(desk, checked, ActStep.ACCEPT)
    paid = stepped(desk, accepted, ActStep.PAY, payment="PP 7", day=date(2027, 3, 1))
    assert (paid.state, paid.net, paid.paid_on, paid.payment) == (ActState.PAID, 80_000_00, date(2027, 3, 1), "PP 7")
    with desk.engine.connect() as connection:
        assert [line.brief for line in lines_of(connection, act.id)] == [brief.id, brief.id]
        (found,) = settlements(connection, DAN.seen)
        story = story_of_brief(connection, brief.id, [act.id], DAN.seen)
    assert (found.ordered, found.waiting, found.accepted, found.paid) == (100_000_00, 0, 80_000_00, 80_000_00)
    assert [each.step for each in story if each.act] == ["act", "hand_in", "check", "accept", "pay"]


def test_more_than_was_ordered_needs_a_reason(desk: Desk, brief: Brief) -> None:
    stepped(desk, checked_act(desk, 70_000, brief=brief.id), ActStep.ACCEPT)
    over = checked_act(desk, 30_001, brief=brief.id, number="A-2")
    with pytest.raises(InvalidInput, match=r"this act is 1\.00 RUB too much") as error:
        stepped(desk, over, ActStep.ACCEPT)
    assert error.value.where == "comment"
    accepted = stepped(desk, over, ActStep.ACCEPT, comment="Night work")
    assert (accepted.state, accepted.why_over) == (ActState.ACCEPTED, "Night work")
    april = checked_act(desk, 1, number="B", first_day=date(2027, 4, 1), last_day=date(2027, 4, 30))
    assert stepped(desk, april, ActStep.ACCEPT, comment="Not in a brief").why_over == "Not in a brief"


def test_a_reason_that_is_not_needed_is_none_for_more(desk: Desk, brief: Brief) -> None:
    assert stepped(desk, checked_act(desk, 10, brief=brief.id), ActStep.ACCEPT, comment="Thanks").why_over == ""


def test_two_acts_that_are_accepted_at_once_do_not_exceed_what_was_ordered(desk: Desk, brief: Brief) -> None:
    acts = [checked_act(desk, 60_000, brief=brief.id, number=f"A-{n}") for n in range(4)]

    def accept(act: Act) -> Any:
        try:
            return stepped(desk, act, ActStep.ACCEPT).state
        except ClosedLoopError as error:
            return error.where

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(accept, acts))
    assert sorted(map(str, outcomes)) == ["accepted", "comment", "comment", "comment"]


def test_a_budget_is_not_cut_below_what_is_accepted_without_a_word(desk: Desk, brief: Brief) -> None:
    stepped(desk, checked_act(desk, 70_000, brief=brief.id), ActStep.ACCEPT)
    for told in ({"budget": Decimal(69_999)}, {"contractor": "rival"}, {"month": "2027-04"}, {"budget": None}):
        with pytest.raises(InvalidInput, match=r"Acts of 70000\.00 are accepted"):
            change_brief(desk, brief.id, brief_told(**told), by(DIRECTOR))
    assert change_brief(desk, brief.id, brief_told(budget=Decimal(70_000)), by(DIRECTOR)).budget == 70_000_00
    cut = change_brief(desk, brief.id, brief_told(budget=Decimal(1)), by(DIRECTOR, 2, "Written to the wrong month"))
    assert cut.budget == 100


def test_who_disputes_says_why_and_the_contractor_corrects_it(desk: Desk, brief: Brief) -> None:
    act = checked_act(desk, 10, brief=brief.id)
    with pytest.raises(InvalidInput, match="is not changed"):
        change_act(desk, act.id, act_told(11, brief=brief.id), by(DAN, act.revision))
    disputed = stepped(desk, act, ActStep.DISPUTE, ANNA, comment="No logo")
    changed = change_act(desk, act.id, act_told(8, brief=brief.id, number="A-1b"), by(DAN, disputed.revision))
    again = stepped(desk, changed, ActStep.HAND_IN, DAN)
    assert (again.state, again.net, again.number) == (ActState.HANDED_IN, 800, "A-1b")
    with desk.engine.connect() as connection:
        told = [(each.step, each.comment) for each in story_of_act(connection, act.id, DAN.seen)]
    assert told[3:] == [("dispute", "No logo"), ("change_act", ""), ("hand_in", "")]
    written_act(desk, 5, number="A-1", brief=brief.id)


def test_a_number_is_given_once_until_its_act_is_withdrawn(desk: Desk, brief: Brief) -> None:
    first = written_act(desk, 5, brief=brief.id)
    with pytest.raises(InvalidInput, match="There is an act 'a-1' of this contractor already"):
        written_act(desk, 5, brief=brief.id, number="a-1")
    stepped(desk, first, ActStep.WITHDRAW, DAN)
    assert written_act(desk, 5, brief=brief.id).id != first.id


def test_each_sees_the_acts_that_are_theirs(desk: Desk, brief: Brief) -> None:
    """Whoever sees one of two dealers sees no act of both: its total would tell of the other."""
    both = written_brief(desk, dealers=("north", "south"))
    south = written_brief(desk, dealers=("south",))
    mine = written_act(desk, 1, brief=brief.id)
    shared = add_act(desk, act_told(1, 1, number="A-2", brief=both.id), by(DAN))
    loose = written_act(desk, 1, number="A-3")
    with desk.engine.connect() as connection:

        def seen_by(worker: Any) -> list[int]:
            return [each.id for each in list_acts(connection, worker.seen)[0]]

        assert seen_by(DIRECTOR) == seen_by(DAN) == [loose.id, shared.id, mine.id]
        assert (seen_by(ANNA), seen_by(SOFIA), seen_by(EVE)) == ([shared.id, mine.id], [shared.id], [])
        assert seen_by(LADA) == [shared.id, mine.id]
        with pytest.raises(NotFound):
            find_act(connection, mine.id, EVE.seen)
        assert settlements(connection, EVE.seen) == []
    with pytest.raises(InvalidInput, match="about no brief of your dealers"):
        written_act(desk, 1, number="A-9", worker=ANNA)
    with pytest.raises(NotFound):
        written_act(desk, 1, number="A-9", worker=ANNA, brief=south.id)
    with pytest.raises(NotFound):
        written_act(desk, 1, number="A-9", worker=EVE)
    with pytest.raises(InvalidInput, match="is not this contractor's"):
        written_act(desk, 1, number="A-9", worker=DIRECTOR, contractor="rival", brief=brief.id)


def test_a_stale_step_is_told_who_was_there(desk: Desk, brief: Brief) -> None:
    act = checked_act(desk, 10, brief=brief.id)
    stepped(desk, act, ActStep.ACCEPT)
    with pytest.raises(Conflict, match=r"boss@x\.com has changed the act meanwhile: it is accepted now"):
        stepped(desk, act, ActStep.DISPUTE, ANNA, comment="no")
    with pytest.raises(InvalidInput, match="has no reference"):
        stepped(desk, fresh(desk, act), ActStep.PAY)
    with pytest.raises(InvalidInput, match="cannot have been paid on 2027-03-02"):
        stepped(desk, fresh(desk, act), ActStep.PAY, payment="7", day=date(2027, 3, 2))


def fresh(desk: Desk, act: Act) -> Act:
    with desk.engine.connect() as connection:
        return find_act(connection, act.id, DIRECTOR.seen)
