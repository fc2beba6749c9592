"""What waits for whom: the inbox, the board, reminders and the calendar feed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import Engine

from infra.clock import FrozenClock
from planning.approval.board import board_of
from planning.approval.calendar import CalendarFeeds, calendar_of, deadlines_of
from planning.approval.delegations import Delegations, actor_of
from planning.approval.inbox import approvals_waiting, redrafts_waiting, returns_waiting
from planning.approval.office import ApprovalOffice
from planning.approval.process import Reminders
from planning.approval.redrafting import Redrafting
from planning.approval.reminding import Digest, reminding_on, switch_reminders, wants_reminders
from planning.dimensions import known_network
from planning.plans import PlanVersion
from planning.waiting import Waiting, everything_waiting
from tests.planning.approval.conftest import WhoIs, agree_all, key_of

OFFERS = (approvals_waiting, returns_waiting, redrafts_waiting)
DUE = date(2026, 12, 17)


def waiting(engine: Engine, who: WhoIs, name: str, today: date = DUE) -> list[Waiting]:
    person = who(name)
    with engine.connect() as connection:
        actor = actor_of(connection, person, known_network(connection), today)
        return everything_waiting(connection, OFFERS, actor, today)


def test_each_has_what_is_theirs(holding: Engine, who: WhoIs, submitted: PlanVersion) -> None:
    (mine,) = waiting(holding, who, "anna")
    assert (mine.full_title, mine.about, mine.due) == ("Dealers agree: Север", "План 2027", DUE)
    assert mine.link == f"/plans/approvals/{key_of(holding, submitted.id, 'dealers', 'north')}"
    assert [each.full_title for each in waiting(holding, who, "vera")] == [
        "Dealers agree: Восток",
        "Dealers agree: Запад",
    ]
    assert [waiting(holding, who, name) for name in ("lada", "director", "admin", "analyst")] == [[]] * 4


def test_a_plan_that_was_sent_back_waits_for_the_director_and_then_for_its_author(
    holding: Engine, office: ApprovalOffice, who: WhoIs, clock: FrozenClock, submitted: PlanVersion
) -> None:
    office.send_back(key_of(holding, submitted.id, "dealers", "north"), person=who("anna"), comment="no")
    assert waiting(holding, who, "anna") == []
    (mine,) = waiting(holding, who, "director")
    assert (mine.kind, mine.title, mine.link) == ("sent_back", "anna@example.com", f"/plans/{submitted.plan}/board")
    office.rework(submitted.id, person=who("director"))
    (mine,) = waiting(holding, who, "director")
    assert (mine.kind, mine.link) == ("redraft", f"/plans/{submitted.plan}/versions/1/redraft")
    Redrafting(holding, clock).redraft(submitted.id, [], author="director@example.com")
    assert waiting(holding, who, "director") == []


def test_the_board_says_who_is_late_to_whoever_sees_the_dealer(
    holding: Engine, office: ApprovalOffice, who: WhoIs, submitted: PlanVersion
) -> None:
    office.agree(key_of(holding, submitted.id, "dealers", "south"), person=who("boris"))
    today = DUE + timedelta(days=4)

    def board(name: str) -> tuple[list[tuple[str, list[str], int]], int]:
        person = who(name)
        with holding.connect() as connection:
            network = known_network(connection)
            actor = actor_of(connection, person, network, today)
            found = board_of(connection, submitted.plan, network, actor, today)
        return [
            (row.dealer.id, [cell.state.value if cell else "" for cell in row.cells], row.days_late(today))
            for row in found.rows
        ], found.done

    open_, agreed = ["open", "waiting", "waiting"], ["agreed", "waiting", "waiting"]
    assert board("director") == ([("east", open_, 4), ("west", open_, 4), ("north", open_, 4), ("south", agreed, 0)], 1)
    assert board("lada") == ([("north", open_, 4), ("south", agreed, 0)], 1)
    assert board("boris") == ([("south", agreed, 0)], 1)


def digest(engine: Engine, who: WhoIs, name: str, day: date) -> tuple[Digest, bool]:
    person = who(name)
    with engine.connect() as connection:
        reminding = reminding_on(connection, Reminders(), day)
        found = reminding.digest(connection, OFFERS, person)
        return found, reminding.is_due(found)


def test_one_is_reminded_before_and_after_a_deadline(holding: Engine, who: WhoIs, submitted: PlanVersion) -> None:
    days = {day: digest(holding, who, "anna", DUE + timedelta(days=day))[1] for day in range(-5, 9)}
    assert [day for day, due in days.items() if due] == [-3, -1, 1, 3, 7]
    assert not digest(holding, who, "director", DUE)[0].waiting


def test_the_next_level_is_told_who_is_late_with_them(
    holding: Engine, office: ApprovalOffice, who: WhoIs, submitted: PlanVersion
) -> None:
    assert digest(holding, who, "lada", DUE + timedelta(days=4))[0].is_empty
    found, is_due = digest(holding, who, "lada", DUE + timedelta(days=5))
    assert is_due
    assert {each.asked: each.days for each in found.late_with_others} == {
        ("anna@example.com",): 5, ("boris@example.com",): 5
    }  # fmt: skip
    assert digest(holding, who, "director", DUE + timedelta(days=5))[0].is_empty


def test_who_is_absent_or_wants_none_is_not_written_to(
    holding: Engine, who: WhoIs, clock: FrozenClock, submitted: PlanVersion
) -> None:
    today = date(2026, 11, 2)
    absences = Delegations(holding, clock)
    absences.add("anna@example.com", "boris@example.com", today, DUE, person=who("anna"), today=today)
    with holding.begin() as connection:
        assert wants_reminders(connection, "vera@example.com")
        switch_reminders(connection, "vera@example.com", clock, on=False)
        switch_reminders(connection, "vera@example.com", clock, on=False)
    with holding.connect() as connection:
        assert not wants_reminders(connection, "vera@example.com")
        names = {each.name for each in reminding_on(connection, Reminders(), DUE).recipients()}
    assert {"boris@example.com", "lada@example.com"} < names
    assert not names & {"anna@example.com", "vera@example.com", "analyst@example.com"}
    found, _ = digest(holding, who, "boris", DUE)
    assert sorted((each.full_title, each.for_whom) for each in found.waiting) == [
        ("Dealers agree: Север", "anna@example.com"), ("Dealers agree: Юг", "")
    ]  # fmt: skip


@pytest.fixture
def feed(holding: Engine, who: WhoIs, submitted: PlanVersion) -> bytes:
    lada = who("lada")
    with holding.connect() as connection:
        actor = actor_of(connection, lada, known_network(connection), DUE)
        deadlines = deadlines_of(connection, actor)
    told = [replace(each, instruction="Строки; с, запятыми\n" * 5) for each in deadlines]
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    return calendar_of(told, name="Closed Loop", address="https://loop.example.com", host="loop.example.com", now=now)


def events(feed: bytes) -> list[Any]:
    return list(Calendar.from_ical(feed).walk("VEVENT"))


def test_the_feed_is_what_calendars_read(holding: Engine, feed: bytes, submitted: PlanVersion) -> None:
    lines = feed.split(b"\r\n")
    assert b"\n" not in feed.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in lines)
    (event,) = events(feed)
    key = key_of(holding, submitted.id, "brands", "Lada")
    assert event["UID"] == f"approval-{key}@loop.example.com"
    assert event["SUMMARY"] == "План 2027: Brand managers agree: Lada"
    assert event["DTSTART"].dt == date(2026, 12, 22)
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["DTSTAMP"].dt == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert event["DESCRIPTION"].count("Строки; с, запятыми\n") == 5
    assert event["URL"] == f"https://loop.example.com/plans/approvals/{key}"
    assert event["STATUS"] == "TENTATIVE"


def test_a_deadline_keeps_its_uid_and_its_sequence_grows(
    holding: Engine, office: ApprovalOffice, who: WhoIs, feed: bytes, submitted: PlanVersion
) -> None:
    (before,) = events(feed)
    agree_all(holding, office, who, submitted.id, "Lada")
    lada = who("lada")
    with holding.connect() as connection:
        actor = actor_of(connection, lada, known_network(connection), DUE)
        found = deadlines_of(connection, actor)
    again = calendar_of(found, name="x", address="x", host="loop.example.com", now=datetime.now(UTC))
    (after,) = events(again)
    assert before["UID"] == after["UID"]
    assert int(str(after["SEQUENCE"])) > int(str(before["SEQUENCE"]))
    assert after["STATUS"] == "CONFIRMED"


def test_an_address_that_is_renewed_ends_the_one_before(holding: Engine, clock: FrozenClock) -> None:
    feeds = CalendarFeeds(holding, clock)
    assert not feeds.has_one("anna@example.com")
    first = feeds.renew("anna@example.com")
    assert feeds.whose(first) == "anna@example.com"
    second = feeds.renew("anna@example.com")
    assert (feeds.whose(first), feeds.whose(second)) == (None, "anna@example.com")
    assert feeds.whose("guessed") is None
