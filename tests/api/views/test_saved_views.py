"""Saved views and schedules over HTTP."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from infra.access.keys import Key
from infra.access.rights import Right
from infra.audit import find_changes
from tests.api.views.conftest import ANNA, BORIS, post
from tests.postfix_fixture import Postfix

JANUARY = "/channels?by=channel&by=campaign&from=2026-01-01&to=2026-01-31&where=channel:email%7Cmaps&picked="


def save(client: TestClient, **told: Any) -> dict[str, Any]:
    answer = client.post("/api/views", json={"name": "January", "address": JANUARY} | told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def schedule(client: TestClient, view: str, **told: Any) -> dict[str, Any]:
    answer = client.post("/api/schedules", json={"view": view, "recipients": [ANNA]} | told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def other(services: Services, name: str = "partner") -> dict[str, str]:
    """The headers of somebody else who may read reports."""
    _, secret = services.keys.add(Key(name, frozenset({Right.REPORTS})), author="test")
    return {"Authorization": f"Bearer {secret}"}


def test_a_view_is_saved_listed_opened_renamed_and_removed(client: TestClient, services: Services) -> None:
    view = save(client)
    assert view["link"] == f"/views/{view['id']}"
    assert client.get("/api/views").json() == {"items": [view], "total": 1, "next": None}
    opened = client.get(view["link"], follow_redirects=False)
    assert opened.status_code == 303
    assert opened.headers["location"] == view["address"]
    kept = dict(client.get(opened.headers["location"]).request.url.params)
    assert kept["where"] == "channel:email|maps"
    renamed = client.patch(f"/api/views/{view['id']}", json={"name": "  The   first month ", "shared": True}).json()
    assert (renamed["name"], renamed["shared"], renamed["address"]) == ("The first month", True, view["address"])
    assert client.delete(f"/api/views/{view['id']}").status_code == 204
    assert client.get("/api/views").json()["items"] == []
    assert client.delete(f"/api/views/{view['id']}").status_code == 404
    changes, _ = find_changes(services.database, what=f"view {view['id']}")
    assert [(bool(each.before), bool(each.after)) for each in changes] == [(True, False), (True, True), (False, True)]


def test_a_period_moves_along(client: TestClient) -> None:
    view = save(client, period="last_month")
    location = client.get(view["link"], follow_redirects=False).headers["location"]
    assert "from=2026-06-01&to=2026-06-30" in location
    assert "2026-01" not in location
    fixed = client.patch(f"/api/views/{view['id']}", json={"period": ""}).json()
    assert client.get(fixed["link"], follow_redirects=False).headers["location"] == fixed["address"]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/channels", "//evil.example/channels", "/\\evil.example", "/channels/../sources",
        "channels",
        "javascript:alert(1)", "/settings", "/dealers/", "/dealers/..", "/dealers/x/../../sign-out", "/sources/rates",
        "/sign-in?next=//evil.example", "", "/channels\n", "/api/users",
        "http:///channels", "/%63hannels", f"/channels?{'a' * 4000}", "/views/x",
    ],
)  # fmt: skip
def test_only_pages_of_ours_are_saved(client: TestClient, address: str) -> None:
    answer = client.post("/api/views", json={"name": "x", "address": address})
    if answer.status_code == 201:
        location = client.get(answer.json()["link"], follow_redirects=False).headers["location"]
        assert location.partition("?")[0] == "/channels"
    else:
        assert answer.status_code == 422
        assert answer.json()["error"]["where"] == "address"
        assert "/channels" in answer.json()["error"]["help"]


@pytest.mark.parametrize(
    ("told", "where"),
    [({"name": " "}, "name"), ({"name": "x" * 201}, "name"), ({"period": "last_age"}, "period"),
     ({"colour": "red"}, "body.colour")],
)  # fmt: skip
def test_what_cannot_be_saved_is_told(client: TestClient, told: dict[str, str], where: str) -> None:
    answer = client.post("/api/views", json={"name": "January", "address": JANUARY} | told)
    assert (answer.status_code, answer.json()["error"]["where"]) == (422, where)


def test_private_views_are_found_by_their_owner_alone(client: TestClient, services: Services) -> None:
    view, them = save(client), other(services)
    assert client.get("/api/views", headers=them).json()["items"] == []
    assert client.get(view["link"], headers=them, follow_redirects=False).status_code == 404
    client.patch(f"/api/views/{view['id']}", json={"shared": True})
    assert [each["id"] for each in client.get("/api/views", headers=them).json()["items"]] == [view["id"]]
    assert client.get(view["link"], headers=them, follow_redirects=False).status_code == 303
    for refused in (
        client.patch(f"/api/views/{view['id']}", json={"name": "mine"}, headers=them),
        client.delete(f"/api/views/{view['id']}", headers=them),
    ):
        assert refused.status_code == 422
        assert "belongs to API key" in refused.json()["error"]["message"]


def test_nobody_unknown_comes_in(client: TestClient) -> None:
    nobody = {"Authorization": ""}
    for path in ("/api/views", "/api/schedules"):
        assert client.get(path, headers=nobody).status_code == 401
        assert client.get(path, headers={"Authorization": "Bearer w"}).status_code == 403


def test_a_schedule_is_added_changed_and_removed(client: TestClient, services: Services) -> None:
    view = save(client)
    added = schedule(client, view["id"], recipients=[f"Anna <{ANNA}>", BORIS, ANNA], form="png")
    assert added["recipients"] == [ANNA, BORIS]
    assert (added["weekdays"], added["month_day"], added["hour"]) == ([1, 2, 3, 4, 5], None, 9)
    assert (added["when"], added["next_at"]) == ("Mon to Fri at 9:00", "2026-07-01T09:00:00+03:00")
    address = f"/api/schedules/{added['id']}"
    monthly = client.patch(address, json={"month_day": 31, "hour": 8}).json()
    assert (monthly["weekdays"], monthly["month_day"], monthly["next_at"]) == ([], 31, "2026-07-31T08:00:00+03:00")
    weekly = client.patch(address, json={"weekdays": [1]}).json()
    assert (weekly["month_day"], weekly["hour"], weekly["next_at"]) == (None, 8, "2026-07-06T08:00:00+03:00")
    paused = client.patch(address, json={"paused": True}).json()
    assert (paused["paused"], paused["next_at"]) == (True, None)
    assert client.get("/api/schedules").json()["items"] == [paused]
    them = other(services, "another")
    assert client.get("/api/schedules", headers=them).json()["items"] == []
    assert client.delete(address, headers=them).status_code == 404
    refused = client.delete(f"/api/views/{view['id']}")
    assert "schedules send it by mail, 1 of them" in refused.json()["error"]["message"]
    assert client.delete(address).status_code == 204
    assert client.delete(f"/api/views/{view['id']}").status_code == 204


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({"recipients": []}, "recipients"), ({"recipients": ["anna"]}, "recipients"),
        ({"recipients": [f"a{n}@example.com" for n in range(51)]}, "recipients"), ({"form": "pdf"}, "form"),
        ({"weekdays": [0]}, "weekdays"), ({"weekdays": [1, 1]}, "weekdays"), ({"month_day": 32}, "month_day"),
        ({"weekdays": [1], "month_day": 1}, "weekdays"), ({"hour": 24}, "hour"),
    ],
)  # fmt: skip
def test_what_cannot_be_scheduled_is_told(client: TestClient, told: dict[str, Any], where: str) -> None:
    view = save(client)
    answer = client.post("/api/schedules", json={"view": view["id"], "recipients": [ANNA]} | told)
    assert (answer.status_code, answer.json()["error"]["where"]) == (422, where)
    assert answer.json()["error"]["help"]


def test_no_view_of_nobody_is_scheduled(client: TestClient) -> None:
    answer = client.post("/api/schedules", json={"view": "x", "recipients": [ANNA]})
    assert (answer.status_code, answer.json()["error"]["where"]) == (404, "view")


def test_it_is_sent_now_and_the_list_tells_what_became_of_it(
    client: TestClient, services: Services, postfix: Postfix
) -> None:
    added = schedule(client, save(client, address="/overview", period="last_month")["id"])
    asked = client.post(f"/api/schedules/{added['id']}/send")
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    post(services)
    ((mail,),) = (each["mails"] for each in client.get("/api/schedules").json()["items"])
    assert (mail["state"], mail["delivered"], mail["waiting_for"]) == ("sent", [ANNA], [])
    (letter,) = postfix.letters("anna", 1)
    assert letter["Subject"] == "January · 1 Jun 2026 – 30 Jun 2026"
