"""The pages of approval without a browser: what they say to whom, and what wrong forms get."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar

from api.app import create_app
from api.bootstrap import Services
from infra.clock import FrozenClock, SystemClock
from planning.approval.people import Person
from planning.plans import PlanVersion, State
from tests.api.plans.approving import Come, come, items, planned, tell_holding
from tests.planning.approval.conftest import approvals

ADMIN = Person("admin link")


@pytest.fixture
def frozen(services: Services) -> FrozenClock:
    """The clock of the services, which stands still."""
    clock = FrozenClock(SystemClock().now())
    services.clock = clock
    return clock


@pytest.fixture
def client(frozen: FrozenClock, services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as opened:
        yield opened


@pytest.fixture
def who(services: Services, client: TestClient) -> Come:
    return lambda name: come(client.app, services, name)  # type: ignore[arg-type]


@pytest.fixture
def submitted(services: Services, client: TestClient) -> PlanVersion:
    tell_holding(services)
    return services.approvals.submit(planned(services, services.today.year).id, author="director@example.com")


def key_of(services: Services, version: PlanVersion, stage: str, scope: str = "") -> int:
    return approvals(services.database, version.id)[stage, scope].id


def test_the_board_begins_with_what_to_do(services: Services, client: TestClient, who: Come) -> None:
    tell_holding(services)
    version = planned(services)
    page = who("director").get(f"/plans/{version.plan}/board").text
    assert "Nothing was submitted yet" in page
    assert "Submit version 1 for approval" in page
    assert "Submit version 1" not in who("analyst").get(f"/plans/{version.plan}/board").text
    told = {"do": "submit", "version": "1"}
    answer = who("director").post(f"/plans/{version.plan}/board", data=told)
    assert "It is submitted." in answer.text
    assert "0 of 6 approvals are done" in answer.text
    assert who("director").post(f"/plans/{version.plan}/board", data={"do": "dance"}).status_code == 404


def test_the_board_shows_who_is_late(
    services: Services, frozen: FrozenClock, who: Come, submitted: PlanVersion
) -> None:
    anna, director, place = who("anna"), who("director"), f"/plans/{submitted.plan}/board"
    services.approvals.agree(key_of(services, submitted, "dealers", "south"), person=ADMIN)
    assert "late" not in director.get(place).text.partition("<tbody")[2].partition("</tbody")[0]
    frozen.advance(timedelta(days=4))
    page = director.get(place).text
    assert "3 days late" in page
    assert "2 late" in page
    late = director.get(f"{place}?late=1&brand=Lada").text
    assert "Север" in late
    assert "Юг" not in late.partition("<tbody")[2]
    assert "Nobody is like this" in director.get(f"{place}?late=1&stage=director").text
    assert "Юг" not in anna.get(place).text


def test_numbers_are_proposed_in_their_cells(services: Services, who: Come, submitted: PlanVersion) -> None:
    anna, key = who("anna"), key_of(services, submitted, "dealers", "north")
    page = anna.get(f"/plans/approvals/{key}").text
    assert "Compare each month" in page
    assert "<strong>Agree</strong>" in page
    rows = page.count('name="key"')
    assert rows == 2
    revision = page.partition('name="revision" value="')[2].partition('"')[0]
    keys = ['["sales","north","new_car","",""]', '["budget","north","new_car","",""]']
    told = {"do": "return", "revision": revision, "key": keys, "n|0|5": "8", "n|1|5": "1 400,50", "comment": "Less."}
    for wrong, said in (
        ({"comment": " "}, "says why"), ({"n|0|5": "eight"}, "is no whole number of sales"),
        ({"key": ["[1]", "x"]}, "names a line that cannot be"), ({"do": ""}, "nothing that can be done"),
    ):  # fmt: skip
        answer = anna.post(f"/plans/approvals/{key}", data=told | wrong)
        assert answer.status_code == 422
        assert said in answer.text
    assert 'value="eight"' in anna.post(f"/plans/approvals/{key}", data=told | {"n|0|5": "eight"}).text
    done = anna.post(f"/plans/approvals/{key}", data=told)
    assert "It is sent back" in done.text
    assert "1 400.50" in done.text.replace("\xa0", " ") or "1 400" in done.text
    director = who("director")
    assert "Sent back by anna@example.com" in director.get("/inbox").text
    board = director.get(f"/plans/{submitted.plan}/board").text
    assert "Give it back" in board
    told = {"do": "rework", "version": "1", "why": "right"}
    assert "to be reworked" in director.post(f"/plans/{submitted.plan}/board", data=told).text
    redraft = director.get(f"/plans/{submitted.plan}/versions/1/redraft")
    assert redraft.text.count('name="apply"') == 2
    made = director.post(f"/plans/{submitted.plan}/versions/1/redraft", data={"apply": [f"{key}.0"]})
    assert made.url.path == f"/plans/{submitted.plan}"
    assert services.plans.versions(submitted.plan)[0].state is State.DRAFT


def test_whoever_comes_second_is_told(services: Services, who: Come, submitted: PlanVersion) -> None:
    key = key_of(services, submitted, "dealers", "north")
    told = {"do": "agree", "revision": "2"}
    assert "You have agreed." in who("anna").post(f"/plans/approvals/{key}", data=told).text
    again = who("anna").post(f"/plans/approvals/{key}", data=told)
    assert again.status_code == 409
    assert "anna@example.com agreed to this just now." in again.text


def test_the_inbox_counts_and_agrees_to_many(services: Services, who: Come, submitted: PlanVersion) -> None:
    anna = who("anna")
    assert '<span class="count">1' in anna.get("/plans").text
    (mine,) = items(anna, "/api/inbox")
    wanted = f"{mine['id']}:{mine['revision']}"
    other = key_of(services, submitted, "dealers", "south")
    refused = anna.post("/inbox", data={"wanted": [f"{other}:2", wanted]})
    assert refused.status_code == 404
    assert "You have agreed to 1 of them." in refused.text
    assert "1 was not agreed to" in refused.text
    assert "Nothing waits for you" in anna.get("/inbox").text
    assert '<span class="count">' not in anna.get("/plans").text
    assert anna.post("/inbox", data={"wanted": "one"}).status_code == 422


def test_absences_are_entered_on_their_page(services: Services, who: Come, submitted: PlanVersion) -> None:
    anna, today = who("anna"), services.today
    assert "Nobody is absent" in anna.get("/inbox/absences").text
    told = {"deputy": "boris@example.com", "from": today.isoformat(), "to": (today - timedelta(days=1)).isoformat()}
    assert "before the first" in anna.post("/inbox/absences", data=told).text
    assert anna.post("/inbox/absences", data=told | {"to": "soon"}).status_code == 422
    done = anna.post("/inbox/absences", data=told | {"to": today.isoformat()})
    assert "the deputy decides" in done.text
    assert "in place of anna@example.com" in who("boris").get("/inbox").text
    (kept,) = services.delegations.all(ADMIN)
    assert "It is ended." in anna.post(f"/inbox/absences/{kept.id}/end").text
    assert "in place of" not in who("boris").get("/inbox").text


def test_the_process_is_drawn_and_edited(services: Services, who: Come, submitted: PlanVersion) -> None:
    director = who("director")
    page = director.get("/plans/process").text
    assert page.count('class="box"') == 3
    assert "Media plan is laid out" in page
    assert "anna@example.com" in page
    assert "anna@example.com" not in who("boris").get("/plans/process").text
    assert who("boris").get("/plans/process/edit").status_code == 403
    assert director.get("/plans/process?kind=decade").status_code == 422
    form = director.get("/plans/process/edit?kind=month").text
    assert form.count('<fieldset class="stage">') == 4
    told = {
        "kind": "month", "based_on": "0", "stages": "1", "do": "add", "id|0": "boss", "title|0": "Boss <b>",
        "role|0": "marketing_director", "per|0": "once", "deadline|0": "before", "days|0": "4",
        "instruction|0": "<script>alert(1)</script> **do** [it](javascript:alert(1)) ![x](http://evil.example/x.png)",
        "before": "2", "after": "1, 2", "escalate_after": "4", "hour": "9",
    }  # fmt: skip
    more = director.post("/plans/process/edit", data=told).text
    assert more.count('<fieldset class="stage">') == 3
    assert 'value="stage_1"' in more
    amiss = (({"days|0": "x"}, "0.days"), ({"hour": "25"}, "reminders.hour"), ({"id|0": "Я"}, "month.0.id"))
    for wrong, where in amiss:
        answer = director.post("/plans/process/edit", data=told | {"do": "keep"} | wrong)
        assert answer.status_code == 422
        assert f"<code>{where}</code>" in answer.text
    done = director.post("/plans/process/edit", data=told | {"do": "keep"})
    assert "It is in force" in done.text
    assert "<script>alert" not in done.text
    assert "<strong>do</strong>" in done.text
    assert 'href="javascript:' not in done.text
    assert "<img" not in done.text
    assert "Boss &lt;b&gt;" in done.text
    late = director.post("/plans/process/edit", data=told | {"do": "keep"})
    assert late.status_code == 409


def test_deadlines_are_fed_to_calendars_under_a_secret_address(
    services: Services, client: TestClient, who: Come, submitted: PlanVersion
) -> None:
    anna = who("anna")
    page = anna.post("/account/calendar").text
    address = page.partition('readonly value="')[2].partition('"')[0]
    path = address.removeprefix(services.environment.address)
    found = client.get(path)
    assert found.headers["content-type"] == "text/calendar; charset=utf-8"
    events = list(Calendar.from_ical(found.content).walk("VEVENT"))
    assert [str(each["SUMMARY"]) for each in events] == [f"План {services.today.year}: Dealers agree: Север"]
    assert address not in anna.get("/account").text
    anna.post("/account/calendar")
    assert client.get(path).status_code == 404
    assert client.get("/calendar/guessed.ics").status_code == 404


def test_reminders_are_switched_off_on_the_page_of_the_account(who: Come, submitted: PlanVersion) -> None:
    anna = who("anna")
    assert 'value="no" selected' not in anna.get("/account").text
    assert 'value="no" selected' in anna.post("/account/reminders", data={"wanted": "no"}).text
    assert 'value="no" selected' not in anna.post("/account/reminders", data={"wanted": "yes"}).text
    assert "Reminders" not in who("analyst").get("/account").text
