"""Comments, whom they mention, and what waits for whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import InvalidInput, NotFound
from planning.desk import Desk
from planning.work.brief_register import change_brief
from planning.work.briefs import Brief
from planning.work.comments import comment_on_brief, comment_on_task, comments_on_brief, comments_on_task, mark_seen
from planning.work.mentions import mentioned_in
from planning.work.people import Person, Worker, people
from planning.work.states import ActStep
from planning.work.tasks import Task
from planning.work.waiting import waiting
from tests.planning.work.working import (
    ANNA,
    DAN,
    DIRECTOR,
    EVE,
    LADA,
    LINK,
    brief_told,
    by,
    checked_act,
    stepped,
    written_task,
)

KNOWN = [
    Person("anna@x.com", "Анна Петрова", ANNA), Person("ann@x.com", "Анна", ANNA), Person("boss@x.com", "", DIRECTOR)
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), [
    ("@anna@x.com, look", ["anna@x.com"]),
    ("Look, @АННА ПЕТРОВА!", ["anna@x.com"]),
    ("@Анна, look", ["ann@x.com"]),
    ("(@boss@x.com) and @анна", ["boss@x.com", "ann@x.com"]),
    ("mail anna@x.com or a@anna", []),
    ("@Аннабель @anna@x.com.ua @nobody @", []),
    ("**@boss@x.com**.", ["boss@x.com"]),
    ("", []),
])  # fmt: skip
def test_who_is_mentioned(text: str, found: list[str]) -> None:
    assert mentioned_in(text, KNOWN) == found


@given(st.text(alphabet="@аn. \n*", max_size=60))
def test_any_text_mentions_known_people_only(text: str) -> None:
    found = mentioned_in(text, KNOWN)
    assert set(found) <= {each.email for each in KNOWN}
    assert len(set(found)) == len(found)


def test_only_who_sees_it_is_mentioned(desk: Desk, task: Task) -> None:
    made = comment_on_task(desk, task.id, "@Eve @Sofia @Dan @Анна Петрова @Boss", by(DIRECTOR))
    assert made.mentioned == ["dan@agency.com", "anna@x.com"]
    with desk.engine.connect() as connection:
        assert comments_on_task(connection, task.id, DAN.seen)[0].mentioned == ["anna@x.com", "dan@agency.com"]
        assert comments_on_task(connection, task.id, EVE.seen) == []


def test_a_brief_that_changes_hands_takes_no_comments_along(desk: Desk, brief: Brief) -> None:
    comment_on_brief(desk, brief.id, "For you, @dan", by(DIRECTOR))
    change_brief(desk, brief.id, brief_told(contractor="rival"), by(DIRECTOR))
    comment_on_brief(desk, brief.id, "Now for @eve", by(ANNA))
    with desk.engine.connect() as connection:
        told = {
            worker.name: [each.text for each in comments_on_brief(connection, brief.id, worker.seen)]
            for worker in (EVE, DAN, ANNA)
        }
    assert told == {
        "eve@rival.com": ["Now for @eve"],
        "dan@agency.com": ["For you, @dan"],
        "anna@x.com": ["For you, @dan", "Now for @eve"],
    }


def waits(desk: Desk, worker: Worker) -> list[tuple[str, int]]:
    with desk.engine.connect() as connection:
        return [(each.kind, each.key) for each in waiting(connection, desk, worker)]


def test_a_mention_waits_until_it_is_seen(desk: Desk, task: Task) -> None:
    made = comment_on_task(desk, task.id, "@lada@x.com?", by(DIRECTOR))
    assert waits(desk, LADA) == [("mention", made.id)]
    with pytest.raises(NotFound):
        mark_seen(desk, made.id, "anna@x.com")
    mark_seen(desk, made.id, "lada@x.com")
    assert waits(desk, LADA) == []


def test_acts_wait_for_who_checks_accepts_and_pays(desk: Desk, brief: Brief) -> None:
    act = checked_act(desk, 10, brief=brief.id)
    assert (waits(desk, DIRECTOR), waits(desk, DAN)) == ([("accept", act.id)], [])
    disputed = stepped(desk, act, ActStep.DISPUTE, ANNA, comment="no")
    assert (waits(desk, DIRECTOR), waits(desk, DAN), waits(desk, EVE)) == ([], [("answer", act.id)], [])
    stepped(desk, disputed, ActStep.HAND_IN, DAN)
    assert ("check", act.id) in waits(desk, ANNA)
    assert ("check", act.id) in waits(desk, DIRECTOR)
    assert waits(desk, LINK) == []


def test_a_task_that_is_given_to_somebody_waits_for_them_alone(desk: Desk, brief: Brief) -> None:
    own = written_task(desk, brief, assignee="anna@x.com", title="Own")
    assert (waits(desk, ANNA), waits(desk, DAN)) == ([("do", own.id)], [])


def test_an_empty_comment_is_none(desk: Desk, task: Task) -> None:
    with pytest.raises(InvalidInput, match="is empty"):
        comment_on_task(desk, task.id, " \n", by(DAN))


def test_people_are_those_who_may_work(desk: Desk) -> None:
    with desk.engine.connect() as connection:
        found = {each.email: each.worker for each in people(connection)}
    assert found["lada@x.com"].seen == LADA.seen
    assert found["dan@agency.com"].seen == DAN.seen
    assert set(found) >= {"boss@x.com", "anna@x.com", "eve@rival.com"}
