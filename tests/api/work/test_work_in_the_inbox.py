"""Contractor work in the inbox, in the number beside it, and in reminders."""

from datetime import date

from fastapi.testclient import TestClient

from api.bootstrap import Services
from planning.approval.process import Reminders
from planning.approval.reminding import Digest, reminding_on
from tests.api.work.conftest import TASK, USERS, People, added, decide, hand_in

DUE = date(2027, 3, 10)


def inbox(client: TestClient) -> list[tuple[str, str, str]]:
    return [(each["kind"], each["title"], each["about"]) for each in client.get("/api/inbox").json()["items"]]


def test_each_finds_what_is_theirs(people: People, brief: int, task: int) -> None:
    assert inbox(people.contractor) == [("work_do", "Banner", "Spring")]
    assert [inbox(each) for each in (people.rival, people.marketer, people.brand, people.director)] == [[]] * 4
    shown = hand_in(people.contractor, task).json()
    assert (inbox(people.contractor), inbox(people.marketer)) == ([], [("work_decide", "Banner", "Spring")])
    agreed = decide(people.marketer, shown, "agree").json()
    assert inbox(people.brand) == [("work_decide", "Banner", "Spring")]
    assert inbox(people.other_brand) == inbox(people.other_marketer) == []
    decide(people.brand, agreed, "agree")
    assert inbox(people.director) == [("work_finish", "Banner", "Spring")]
    page = people.director.get("/inbox").text
    assert f'href="/tasks/{task}"' in page
    assert "approved: close it as done" in page


def test_a_contractors_inbox_leads_nowhere_that_is_closed(people: People, task: int) -> None:
    page = people.contractor.get("/inbox").text
    assert ("/inbox/absences" in page, f'href="/tasks/{task}"' in page) == (False, True)
    empty = people.rival.get("/inbox").text
    assert ("Nothing waits for you" in empty, 'href="/plans"' in empty, 'href="/tasks"' in empty) == (True, False, True)


def digest(services: Services, name: str, day: date) -> tuple[Digest, bool]:
    with services.database.connect() as connection:
        reminding = reminding_on(connection, Reminders(), day)
        person = next(each for each in reminding.recipients() if each.name == USERS[name].email)
        found = reminding.digest(connection, services.waiting_offers, person)
        return found, reminding.is_due(found)


def test_a_letter_reminds_contractors_of_due_days(services: Services, people: People, brief: int, task: int) -> None:
    added(people.director, f"/api/briefs/{brief}/tasks", {**TASK, "contractor": "rival", "due": None, "title": "Film"})
    found, is_due = digest(services, "contractor", DUE)
    assert ([each.title for each in found.waiting], is_due) == (["Banner"], False)
    reminded = [day for day in range(1, 12) if digest(services, "contractor", date(2027, 3, day))[1]]
    assert reminded == [7, 9, 11]
    found, is_due = digest(services, "rival", DUE)
    assert ([each.title for each in found.waiting], is_due) == (["Film"], False)


def test_whoever_works_on_tasks_can_do_without_letters(services: Services, people: People, task: int) -> None:
    assert "when deadlines of plans and tasks come near" in people.contractor.get("/account").text
    assert people.contractor.post("/account/reminders", data={"wanted": "no"}).status_code == 303
    with services.database.connect() as connection:
        names = {each.name for each in reminding_on(connection, Reminders(), DUE).recipients()}
    assert USERS["contractor"].email not in names
    assert USERS["rival"].email in names
