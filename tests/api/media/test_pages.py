"""Pages of media plans and the calendar, as a browser without scripts sends their forms."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar

from api.app import create_app
from api.bootstrap import Services
from tests.api.media.asking import ITEMS, approved, ask
from tests.api.media.holding import AT, MONTH, READ, approve_budgets, tell
from tests.told import told_services

PLAN = f"/media-plans/north/{MONTH}"
Fields = dict[str, str | list[str]]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with told_services(tmp_path_factory.mktemp("media-pages") / "data", tell, AT) as opened:
        approve_budgets(opened, {"north": 100_000, "south": 30_000})
        yield opened


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), headers=READ) as opened:
        yield opened


def send(client: TestClient, path: str, **fields: str | list[str]) -> tuple[int, str]:
    """The page that a form leads to."""
    answer = client.post(path, data=fields)
    return answer.status_code, answer.text


def revision(client: TestClient) -> str:
    found = re.search(r'name="based_on" value="(\d+)"', client.get(PLAN).text)
    assert found
    return found[1]


def test_a_plan_is_begun_laid_out_changed_and_refused_on_its_page(client: TestClient) -> None:
    assert "Begin the media plan" in client.get(PLAN).text
    assert "Nothing is here yet" not in send(client, PLAN, do="open")[1]
    status, page = send(client, PLAN, do="layout", by="spend", based_on=revision(client))
    assert status == 200
    assert "The budget is laid out" in page
    fields: Fields = {name: re.findall(rf'name="{name}"[^>]*?value="([^"]*)"', page) for name in (
        "id", "channel", "campaign", "contractor", "first", "last", "impressions", "clicks", "leads", "note",
    )}  # fmt: skip
    budget: Fields = {"pacing": ["even", "weekdays"], "budget": ["70 000", "30 000.01"], "based_on": revision(client)}
    status, page = send(client, PLAN, do="keep", **fields, **budget)
    assert status == 422
    assert "0.01 RUB more than the approved budget" in page
    assert 'value="30 000.01"' in page
    status, page = send(client, PLAN, do="keep", **fields, **{**budget, "budget": ["many", "1"]})
    assert status == 422
    assert re.search(r'name="budget"[^>]*aria-label="Budget, 1"[^>]*aria-invalid="true"', page)
    status, page = send(client, PLAN, do="add 2", **fields, **budget)
    assert 'aria-label="Channel, 3"' in page
    status, page = send(client, PLAN, do="keep", **fields, **{**budget, "budget": ["70 000", "30000"]}, why="tv")
    assert status == 200
    assert "The items are kept." in page
    status, page = send(client, PLAN, do="keep", **fields, **{**budget, "budget": ["1", "1"]})
    assert status == 409
    assert "API key has changed this media plan meanwhile" in page
    status, page = send(client, PLAN, do="submit", based_on=revision(client))
    assert "waits for approval" in page
    status, page = send(client, PLAN, do="return", based_on="0", why="")
    assert status == 422


def test_orders_and_moves_are_entered_on_the_page(client: TestClient) -> None:
    plan = approved(client)
    search, social = (str(each["id"]) for each in plan["items"])
    order: Fields = {
        "number": "5",
        "contractor": "studio",
        "amount": "12 000",
        "vat_percent": "20",
        "is_vat_included": "yes",
    }
    status, page = send(client, PLAN, do="order", items=social, **order)
    assert "The order is entered" in page
    assert "10 000" in page
    status, page = send(client, PLAN, do="order", items=social, **order)
    assert status == 409
    assert "Order 5 to studio is entered already" in page
    status, page = send(client, PLAN, do="move", giver=social, taker=search, amount="4000.11", why="cheaper")
    assert "The reallocation waits for the director" in page
    waiting = re.search(r'name="reallocation" value="(\d+)"', page)
    assert waiting
    status, page = send(client, PLAN, do="refuse", reallocation=waiting[1], comment="")
    assert (status, "Say why it is refused" in page) == (422, True)
    status, page = send(client, PLAN, do="allow", reallocation=waiting[1])
    assert "The money is moved" in page
    status, page = send(client, PLAN, do="move", giver=social, taker=social, amount="1", why="x")
    assert status == 422
    assert send(client, PLAN, do="dance")[0] == 422


def test_the_month_shows_all_dealers_and_what_waits(client: TestClient) -> None:
    page = client.get(f"/media-plans?month={MONTH}").text
    assert "Budget of South for 2026-11 to lay out" in page
    assert "overspend of" in page
    assert '<rect class="over"' not in page.partition("South")[0]
    assert client.get("/media-plans?month=never").status_code == 422
    assert client.get("/media-plans/nobody/2026-11").status_code == 404


def test_rules_are_changed_on_their_page(client: TestClient) -> None:
    page = client.get("/media-plans/rules").text
    based_on = re.search(r'name="based_on" value="(\d+)"', page)
    assert based_on
    rule = {"scope": "within", "up_to_percent": "25", "up_to_amount": "", "approver": "nobody"}
    told: Fields = {"over_percent": "15,5", "under_percent": "10", "based_on": based_on[1], **rule}
    assert "The rules are in force" in send(client, "/media-plans/rules", do="keep", **told)[1]
    assert ask(client, "GET", "/rules")["over_percent"] == 15.5
    assert send(client, "/media-plans/rules", do="keep", **told)[0] == 409
    assert send(client, "/media-plans/rules", do="keep", **{**told, "over_percent": "much"})[0] == 422


def test_the_calendar_has_flights_and_events_in_every_form(client: TestClient) -> None:
    approved(client, [{**item, "campaign": "Sale, 50%"} for item in ITEMS[:1]] + ITEMS[1:])
    event: Fields = {
        "title": "Black Friday",
        "kind": "promotion",
        "from": "2026-11-27",
        "to": "2026-11-29",
        "brand": "Lada",
    }
    status, page = send(client, "/calendar/events/new", **event)
    assert status == 200
    assert 'class="from-27 for-3"><a class="mark promotion"' in page
    assert 'class="from-1 for-30"><a class="mark flight"' in page
    assert f'href="/media-plans/north/{MONTH}"' in page
    year = client.get(f"/calendar?month={MONTH}&span=year&rows=channel").text
    assert "paid_search" in year
    assert client.get("/calendar?span=decade").status_code == 422
    assert send(client, "/calendar/events/new", **{**event, "to": "2026-11-26"})[0] == 422
    listed = ask(client, "GET", "/calendar?from=2026-11-28&to=2026-11-28")["items"]
    assert {each["title"] for each in listed} == {"Black Friday", "paid_search / Sale, 50%"}
    key = next(each["key"] for each in listed if each["kind"] == "promotion").removeprefix("event-")
    assert "Black Friday" in client.get(f"/calendar/events/{key}").text
    told = client.get("/api/media-plans/calendar.ics?from=2026-11-01&to=2026-11-30")
    assert told.headers["content-type"].startswith("text/calendar")
    found = {str(each["summary"]): each for each in Calendar.from_ical(told.content).walk("VEVENT")}
    assert found["Black Friday"].decoded("dtend").isoformat() == "2026-11-30"
    assert str(found["paid_search / Sale, 50%"]["uid"]).endswith("@closedloop")
    assert send(client, f"/calendar/events/{key}", **{**event, "title": "Late"}, revision="9")[0] == 409
    assert "Late" in send(client, f"/calendar/events/{key}", **{**event, "title": "Late"}, revision="1")[1]
    assert "Late" not in send(client, f"/calendar/events/{key}", do="remove", revision="2")[1]
    ask(client, "DELETE", f"/calendar/{key}?based_on=1", 404)
