"""Users are added, changed and put out, on pages and as JSON."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from infra.access.rights import UserRole
from infra.access.users import User
from infra.audit import find_changes
from tests.api.forms import PASSWORD, come_as, come_as_admin, post, token

NEW = {"email": "Ann@Example.com", "name": "Ann", "role": "dealer_marketer", "dealers": ["north"], "password": PASSWORD}


def test_a_user_is_added_on_the_page_and_comes_in(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    assert "There are no users yet" in client.get("/settings/users").text
    told = {**NEW, "dealers": [], "other_dealers": "north\n south \n"}
    answer = post(client, "/settings/users/new", told)
    assert answer.url.path == "/settings/users"
    assert "The user is added" in answer.text
    assert "north, south" in answer.text
    client.cookies.clear()
    assert client.post("/sign-in", data={"email": "ann@example.com", "password": PASSWORD}).url.path != "/sign-in"
    (change,), _ = find_changes(services.database, what="user ann@example.com")
    assert change.who == "admin link"
    assert PASSWORD not in change.after


@pytest.mark.parametrize(("wrong", "message"), [
    ({"email": "ann"}, "is no e-mail address"),
    ({"dealers": []}, "Name one dealer at least"),
    ({"password": "short"}, "too easy to guess"),
])  # fmt: skip
def test_what_is_wrong_is_told_above_the_form_that_keeps_the_rest(
    services: Services, client: TestClient, wrong: dict[str, Any], message: str
) -> None:
    come_as_admin(client)
    answer = post(client, "/settings/users/new", NEW | wrong)
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="Ann"' in answer.text
    assert PASSWORD not in answer.text
    assert services.users.all() == []


def test_a_deactivated_user_is_out_at_once(services: Services, client: TestClient) -> None:
    ann = services.users.add(User("ann@example.com", UserRole.ANALYST), PASSWORD, author="test")
    session = services.sessions.begin(ann)
    come_as_admin(client)
    page = client.get(f"/settings/users/{ann.id}").text
    assert "ann@example.com" in page
    told = {"email": ann.email, "role": "analyst", "is_active": "no"}
    assert "The change is kept" in post(client, f"/settings/users/{ann.id}", told).text
    assert services.sessions.find(session) is None
    assert services.users.signed_in(ann.email, PASSWORD) is None
    assert "deactivated" in client.get("/settings/users").text


def test_a_password_that_is_set_ends_the_users_sessions(services: Services, client: TestClient) -> None:
    ann = services.users.add(User("ann@example.com", UserRole.ANALYST), PASSWORD, author="test")
    session = services.sessions.begin(ann)
    come_as_admin(client)
    assert post(client, f"/settings/users/{ann.id}/password", {"password": "short"}).status_code == 422
    assert services.sessions.find(session) is not None
    post(client, f"/settings/users/{ann.id}/password", {"password": "other words entirely"})
    assert services.sessions.find(session) is None
    assert services.users.signed_in(ann.email, "other words entirely") is not None


def test_nobody_takes_away_their_own_rights(services: Services, client: TestClient) -> None:
    user = come_as(client, services.users, UserRole.ADMIN)
    told = {"email": user.email, "role": "analyst", "is_active": "yes"}
    answer = post(client, f"/settings/users/{user.id}", told)
    assert answer.status_code == 422
    assert "another administrator" in answer.text
    assert services.users.get(user.id).role is UserRole.ADMIN


@pytest.mark.parametrize("role", [UserRole.MARKETING_DIRECTOR, UserRole.ANALYST, UserRole.SALES])
def test_others_than_administrators_do_not_come_near(services: Services, client: TestClient, role: UserRole) -> None:
    come_as(client, services.users, role, dealers=("north",))
    for address in ("/settings/users", "/settings/users/new", "/settings/users/1", "/settings/keys"):
        assert client.get(address).status_code == 403
    assert post(client, "/settings/users/new", NEW).status_code == 403
    headers = {"X-CSRF-Token": token(client)}
    assert client.post("/api/users", json=NEW, headers=headers).status_code == 403
    assert len(services.users.all()) == 1


def test_a_form_without_its_token_changes_nothing(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    assert client.post("/settings/users/new", data=NEW).status_code == 403
    assert services.users.all() == []


def test_users_as_json(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    headers = {"X-CSRF-Token": token(client)}
    made = client.post("/api/users", json=NEW, headers=headers)
    assert made.status_code == 201
    assert (made.json()["email"], made.json()["dealers"]) == ("ann@example.com", ["north"])
    assert "password" not in made.json()
    place = f"/api/users/{made.json()['id']}"
    changed = client.patch(place, json={"role": "analyst"}, headers=headers).json()
    assert (changed["name"], changed["role"], changed["dealers"]) == ("Ann", "analyst", [])
    assert (
        client.put(f"{place}/password", json={"password": "other words entirely"}, headers=headers).status_code == 204
    )
    assert client.get("/api/users").json()["items"] == [changed]
    assert client.post("/api/users", json=NEW, headers=headers).json()["error"]["where"] == "email"
    assert client.patch("/api/users/99", json={}, headers=headers).status_code == 404
    assert client.patch(place, json={"colour": "red"}, headers=headers).status_code == 422
    assert client.get("/api/users", headers={"Authorization": "Bearer w"}).status_code == 403
