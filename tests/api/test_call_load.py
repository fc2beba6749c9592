"""The load of calls over HTTP and as a page: figures, settings, narrowing, exports, and what is missing in words."""

import io
import re
from datetime import timedelta
from functools import partial
from typing import Any

import pandas as pd
import pytest

from api.credentials import COOKIE
from infra.access.rights import UserRole
from infra.access.users import User
from tests.attribution.world import NOW, START, World, call, lead, stage
from tests.told import OpenTold, Told

READ = {"Authorization": "Bearer r"}
READERS: dict[str, Any] = {
    "csv": pd.read_csv,
    "xlsx": partial(pd.read_excel, engine="openpyxl"),
    "parquet": pd.read_parquet,
}
STAFF = [[0] * 9 + [1] * 9 + [0] * 6] * 7


def tell(world: World) -> None:
    """North: 16 calls a day between 9 and 12, and four in the evening, when nobody answers. South: one a day."""
    world.refer(dealers=[{"id": "north", "name": "Север"}, {"id": "south", "name": "Юг"}])
    calls: list[dict[str, Any]] = []
    for day in range((NOW - START).days - 60, (NOW - START).days):
        for number in range(20):
            hour = 9 + number % 3 if number < 16 else 20
            more = {"talk_s": 150, "operator": f"op{number % 2}"} if hour < 18 else {"talk_s": 0}
            calls.append(
                call(
                    f"c{day}-{number}", day + (hour + number / 25) / 24, "+74950000001", dealer="north",
                    caller=f"+7{9_000_000_000 + (day * 20 + number) * 7_919_331 % 999_999_999}", waiting_s=10,
                    status="answered" if hour < 18 else "missed", **more,
                )
            )  # fmt: skip
        calls.append(call(f"s{day}", day + 0.5, "+74950000002", dealer="south", status="answered", talk_s=60))
    leads = [lead(f"l{n}", 60 + n, dealer="north", phone=f"+7888000{n:04}") for n in range(60)]
    deals = [
        stage(f"d{n}", "sale", 70 + n, kind="new_car", lead_id=f"l{n}", dealer="north", amount="100", margin="1000",
              currency="RUB") for n in range(40)
    ]  # fmt: skip
    world.tell({"calls": calls, "leads": leads, "deals": deals})
    world.attribute()


def nothing(world: World) -> None:
    world.refer(dealers=[{"id": "north"}])
    world.tell({"leads": [lead("l1", 3, dealer="north", phone="+79990000001")]})
    world.attribute()


def ask(told: Told, address: str, code: int = 200, headers: dict[str, str] = READ) -> Any:
    answer = told.client.get(address, headers=headers)
    assert answer.status_code == code, answer.text
    return answer.json()


def put(told: Told, code: int = 200, **body: Any) -> Any:
    answer = told.client.put("/api/call-load/settings", json=body, headers=READ)
    assert answer.status_code == code, answer.text
    return answer.json()


def test_people_are_told_against_need_and_what_is_lost(open_told: OpenTold) -> None:
    told = open_told(tell, currency="RUB")
    found = ask(told, "/api/call-load?dealer=north")
    assert found["total"] == 168
    rows = {(row["weekday"], row["hour"]): row for row in found["items"]}
    morning, evening, night = (rows["1 Monday", hour] for hour in ("09", "20", "03"))
    assert 3 < morning["calls"] < 8
    assert morning["calls_low"] < morning["calls"] < morning["calls_high"]
    assert (morning["staff"], evening["staff"], night["needed"]) == (2, 0, 0)
    assert evening["missed"] > 0
    assert evening["margin_lost_low"] < evening["margin_lost"] < evening["margin_lost_high"]
    assert found["totals"]["margin_lost"] > 0
    assert found["staff_source"] == "measured"
    assert 0.5 < found["coverage"] <= 1
    assert found["unanswered_share"] == pytest.approx(0.2, abs=0.01)
    assert found["handling_s"] == pytest.approx(180, abs=5)
    strict = ask(told, "/api/call-load?dealer=north&service_level=0.99&within_s=0&patience_s=30")
    assert sum(row["needed"] for row in strict["items"]) > sum(row["needed"] for row in found["items"])


def test_each_dealer_and_all_together(open_told: OpenTold) -> None:
    told = open_told(tell, currency="RUB")
    rows = ask(told, "/api/call-load?by=dealer")["items"]
    assert [row["dealer"] for row in rows] == ["north", "south"]
    together = ask(told, "/api/call-load")["totals"]
    assert together["calls"] == pytest.approx(sum(row["calls"] for row in rows))


def test_what_is_set_is_in_force_and_advice_follows_it(open_told: OpenTold) -> None:
    told = open_told(tell, currency="RUB")
    kept = put(told, dealer="north", centre={"staff": STAFF, "service_level": 0.9}, based_on=0)
    assert (kept["revision"], kept["service_level"]) == (1, 0.9)
    assert (
        "changed this call centre meanwhile"
        in put(told, 409, dealer="north", centre={}, based_on=0)["error"]["message"]
    )
    found = ask(told, "/api/call-load/shifts?dealer=north&way=hours")
    assert found["totals"]["staff"] == 63
    assert found["totals"]["advised"] <= 63
    rows = {(row["weekday"], row["hour"]): row for row in found["items"]}
    assert rows["1 Monday", "20"]["advised"] >= 1
    assert found["totals"]["missed_then"] < found["totals"]["missed_now"]
    assert found["totals"]["kept_low"] < found["totals"]["kept"] < found["totals"]["kept_high"]
    shifts = ask(told, "/api/call-load/shifts?dealer=north&way=shifts")
    assert {each["name"] for each in shifts["shifts"]} <= {"Early", "Middle", "Late"}
    assert sum(sum(each["people"]) * each["hours"] for each in shifts["shifts"]) <= 63
    assert shifts["totals"]["kept"] <= found["totals"]["kept"] + 1e-6


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("?dealer=nowhere", "no dealer"),
        ("?month=2026-05", "is over"),
        ("?month=2029-01", "too far ahead"),
        ("?month=soon", "no month"),
        ("?by=week", "is not told by"),
        ("?by=dealer&patience_s=30", "its own call centre"),
        ("/shifts?way=people", "are not moved by"),
    ],
)
def test_what_cannot_be_asked_is_said(open_told: OpenTold, address: str, said: str) -> None:
    told = open_told(nothing, currency="RUB")
    answer = told.client.get(f"/api/call-load{address}", headers=READ)
    assert answer.status_code in (404, 422)
    assert said in answer.json()["error"]["message"]


def test_no_call_is_an_answer(open_told: OpenTold) -> None:
    told = open_told(nothing, currency="RUB")
    found = ask(told, "/api/call-load")
    assert (found["totals"]["calls"], found["coverage"], found["staff_source"]) == (0, None, None)
    assert "Nobody knows who is at work" in ask(told, "/api/call-load/shifts", 422)["error"]["message"]
    told.client.get("/?key=r")
    assert "No call is to be expected" in told.client.get("/call-load").text


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_files_have_the_rows(open_told: OpenTold, form: str) -> None:
    told = open_told(tell, currency="RUB")
    data = io.BytesIO(told.client.get(f"/api/call-load?format={form}", headers=READ).content)
    frame = READERS[form](data)
    assert len(frame) >= 168


def test_a_dealers_marketer_sees_and_sets_their_own(open_told: OpenTold) -> None:
    told = open_told(tell, currency="RUB")
    services = told.services
    put(told, centre={"staff": [[9] * 24] * 7}, based_on=0)
    user = User("mara@example.com", UserRole.DEALER_MARKETER, dealers=("south",))
    token = services.sessions.begin(services.users.add(user, author="t"))
    session = services.sessions.find(token)
    assert session
    told.client.cookies.set(COOKIE, token)
    headers = {"X-CSRF-Token": session.csrf}
    rows = ask(told, "/api/call-load?by=dealer", headers=headers)["items"]
    assert [row["dealer"] for row in rows] == ["south"]
    assert max(row["staff"] or 0 for row in ask(told, "/api/call-load", headers=headers)["items"]) < 9
    ask(told, "/api/call-load?dealer=north", 404, headers=headers)
    for dealer, code in (("south", 200), ("north", 404), ("", 403)):
        body = {"dealer": dealer, "centre": {"staff": STAFF}, "based_on": 0}
        assert told.client.put("/api/call-load/settings", json=body, headers=headers).status_code == code


def test_the_page_and_its_form(open_told: OpenTold) -> None:
    told = open_told(tell, currency="RUB")
    client = told.client
    client.get("/?key=r")
    page = client.get("/call-load?dealer=north").text
    assert "How to move the same people" in page
    form = client.get("/call-load/settings?dealer=north").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', form)
    assert csrf
    fields = {
        "csrf": csrf[1], "dealer": "north", "based_on": "0", "do": "keep", "service_percent": "85,5", "within_s": "30",
        "patience_s": "72", "handling_s": "", "after_call_s": "30", "least_calls": "0.2",
        "shift_name": "Day", "shift_start": "9", "shift_hours": "8", "staff_0_9": "2",
    }  # fmt: skip
    done = client.post("/call-load/settings", data=fields)
    assert "What you set is in force" in done.text
    kept = ask(told, "/api/call-load/settings?dealer=north")
    assert (kept["service_level"], kept["staff"][0][9], kept["staff"][0][10]) == (0.855, 2, 0)
    assert [each["name"] for each in kept["shifts"]] == ["Day"]
    for wrong, code in (
        ({}, 409),
        ({"based_on": "1", "within_s": "much"}, 422),
        ({"based_on": "1", "staff_0_9": "1.5"}, 422),
    ):
        again = client.post("/call-load/settings", data=fields | wrong)
        assert again.status_code == code
        assert 'role="alert"' in again.text
    more = client.post("/call-load/settings", data=fields | {"do": "add 1"})
    assert more.text.count('name="shift_name"') == 2
    far = (NOW + timedelta(days=60)).strftime("%Y-%m")
    assert client.get(f"/call-load?month={far}&service_percent=90").status_code == 200
