"""Events of the marketing calendar, flights beside them, and the file that other programs read."""

from datetime import date

import pytest
from icalendar import Calendar
from sqlalchemy import Engine, insert

from attribution.visibility import Visibility
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import ClosedLoopError, Conflict, InvalidInput, NotFound, NotPermitted
from planning.calendar.entries import calendar_entries
from planning.calendar.events import CalendarEvents, EventKind, ToldEvent
from planning.calendar.ics import as_icalendar
from planning.funds.tables import fund_activities, fund_programmes
from planning.media.plans import MediaPlans
from tests.planning.conftest import NOW
from tests.planning.media.conftest import approve_budgets, approved_plan, budgets, item, media

__all__ = ["approve_budgets", "budgets", "media"]
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
SALE = ToldEvent("Чёрная пятница", EventKind.PROMOTION, date(2026, 11, 27), date(2026, 11, 29))
NORTH = Visibility(dealers=frozenset({"north"}))
WAVE = Visibility(contractors=frozenset({"wave"}))


@pytest.fixture
def events(holding: Engine, clock: FrozenClock) -> CalendarEvents:
    return CalendarEvents(holding, clock)


def titles(events: CalendarEvents, seen: Visibility) -> list[str]:
    return [each.title for each in events.between(FIRST, LAST, seen=seen)]


def test_events_are_entered_changed_and_removed(holding: Engine, events: CalendarEvents) -> None:
    made = events.add(SALE, author="anna")
    assert events.between(date(2026, 11, 29), LAST) == [made]
    assert events.between(FIRST, date(2026, 11, 26)) == []
    late = ToldEvent("Late", EventKind.DEADLINE, FIRST, FIRST, dealer="north")
    changed = events.change(made.id, late, based_on=1, author="boris")
    assert (changed.title, changed.revision, changed.created_by, changed.changed_by) == ("Late", 2, "anna", "boris")
    with pytest.raises(Conflict, match="boris has changed this event meanwhile: Late"):
        events.change(made.id, SALE, based_on=1, author="anna")
    with pytest.raises(Conflict):
        events.remove(made.id, based_on=1, author="anna")
    events.remove(made.id, based_on=2, author="anna")
    with pytest.raises(NotFound):
        events.get(made.id)
    assert find_changes(holding, what="calendar event")[1] == 3


@pytest.mark.parametrize(("told", "where"), [
    (ToldEvent(" ", EventKind.EVENT, FIRST, LAST), "title"),
    (ToldEvent("x", EventKind.EVENT, LAST, FIRST), "to"),
    (ToldEvent("x", EventKind.EVENT, FIRST, date(2030, 1, 1)), "to"),
    (ToldEvent("x", EventKind.EVENT, FIRST, LAST, "north", "Lada"), "brand"),
    (ToldEvent("x", EventKind.EVENT, FIRST, LAST, "nowhere"), "dealer"),
    (ToldEvent("x", EventKind.EVENT, FIRST, LAST, brand="None"), "brand"),
    (ToldEvent("x", EventKind.EVENT, FIRST, LAST, note="x" * 2001), "note"),
])  # fmt: skip
def test_events_that_cannot_be_are_refused(events: CalendarEvents, told: ToldEvent, where: str) -> None:
    with pytest.raises(ClosedLoopError) as refused:
        events.add(told, author="anna")
    assert refused.value.where == where
    assert events.between(FIRST, LAST) == []


def test_each_sees_and_changes_what_is_theirs(events: CalendarEvents) -> None:
    def of(title: str, **whose: str) -> int:
        return events.add(ToldEvent(title, EventKind.EVENT, FIRST, LAST, **whose), author="director").id

    for_all = of("all")
    of("north", dealer="north")
    of("south", dealer="south")
    of("lada", brand="Lada")
    of("chery", brand="Chery")
    assert titles(events, NORTH) == ["all", "north", "lada"]
    assert titles(events, WAVE) == []
    with pytest.raises(NotPermitted):
        events.change(for_all, SALE, based_on=1, author="anna", seen=NORTH)
    with pytest.raises(NotPermitted):
        events.add(SALE, author="anna", seen=NORTH)
    with pytest.raises(NotFound):
        events.get(for_all, seen=WAVE)
    with pytest.raises(InvalidInput):
        events.add(ToldEvent("x", EventKind.EVENT, LAST, FIRST, "north"), author="anna", seen=NORTH)


def test_flights_stand_beside_events_and_in_the_file(
    holding: Engine, media: MediaPlans, events: CalendarEvents
) -> None:
    approved_plan(media, "north", item("radio", 10, 5, 9, contractor="wave", note="a; b, c"), item("tv", 10))
    events.add(SALE, author="anna")
    found = calendar_entries(holding, events, FIRST, LAST)
    assert [(each.kind, each.title) for each in found] == [
        ("flight", "tv"), ("flight", "radio"), ("promotion", "Чёрная пятница"),
    ]  # fmt: skip
    assert [each.title for each in calendar_entries(holding, events, FIRST, LAST, seen=WAVE)] == ["radio"]
    content = as_icalendar(found, NOW, host="example.com", name="Календарь", dealer_names={"north": "Север"})
    assert content.count(b"\r\n") == content.count(b"\n")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    read = {str(each["summary"]): each for each in Calendar.from_ical(content).walk("VEVENT")}
    assert read["radio"].decoded("dtstart") == date(2026, 11, 5)
    assert read["radio"].decoded("dtend") == date(2026, 11, 10)
    assert str(read["radio"]["description"]) == "Север\nwave\na; b, c"
    assert str(read["Чёрная пятница"]["uid"]) == "event-1@example.com"


def test_activities_that_a_fund_approved_stand_there_too(
    holding: Engine, events: CalendarEvents, clock: FrozenClock
) -> None:
    with holding.begin() as connection:
        programme = {
            "name": "Fund", "payer": "Importer", "currency": "RUB", "first_quarter": "2026-Q4",
            "last_quarter": "2026-Q4", "share": 50, "claim_days": 90, "pays_vat": False, "is_closed": False,
            "rules": [], "revision": 1, "changed_at": NOW, "changed_by": "t",
        }  # fmt: skip
        key = connection.execute(insert(fund_programmes).returning(fund_programmes.c.id), programme).scalar_one()
        activity = {
            "programme": key, "dealer": "north", "description": "", "channel": "radio", "contractor": "wave",
            "first_day": FIRST, "last_day": LAST, "cost": 1, "share": 50, "payment": "", "asked_by": "t",
            "asked_at": NOW, "state_since": NOW, "revision": 1, "changed_by": "t", "changed_at": NOW,
        }  # fmt: skip
        told = [activity | {"title": state, "state": state} for state in ("approved", "paid", "asked", "cancelled")]
        connection.execute(insert(fund_activities), told)
    found = calendar_entries(holding, events, FIRST, LAST)
    assert [(each.kind, each.title) for each in found] == [("co_op", "approved"), ("co_op", "paid")]
    assert calendar_entries(holding, events, FIRST, LAST, seen=WAVE) == []
    south = Visibility(dealers=frozenset({"south"}))
    assert calendar_entries(holding, events, FIRST, LAST, seen=south) == []
