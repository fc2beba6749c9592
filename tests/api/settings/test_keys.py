"""Keys are made, shown once, limited and revoked, on the page and as JSON."""

import re

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from infra.access.keys import Key
from infra.access.rights import Right
from tests.api.forms import come_as_admin, post, token


def test_a_secret_is_shown_once_and_opens_what_its_scopes_say(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    answer = post(client, "/settings/keys", {"name": "Power BI", "scopes": ["reports"]})
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "private, no-store"
    found = re.search(r'value="(clr_[^"]+)"', answer.text)
    assert found is not None
    secret = found[1]
    page = client.get("/settings/keys").text
    assert "Power BI" in page
    assert secret not in page
    client.cookies.clear()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/sources", headers=bearer).status_code == 200
    assert client.get("/api/rejections", headers=bearer).status_code == 403
    assert client.get("/api/keys", headers=bearer).status_code == 403
    assert client.post("/collect/leads", headers=bearer, json=[]).status_code == 401


def test_a_key_that_sends_does_nothing_else(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    answer = post(client, "/settings/keys", {"name": "site", "scopes": ["send", "reports"]})
    assert answer.status_code == 422
    assert "does nothing else" in answer.text
    assert 'value="site"' in answer.text
    assert services.keys.all() == []


def test_a_limited_key_is_told_as_such(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    post(client, "/settings/keys", {"name": "agency", "scopes": ["reports"], "other_contractors": "agency one\nb"})
    (key,) = services.keys.all()
    assert (key.dealers, key.contractors) == (None, ("agency one", "b"))
    assert "agency one, b" in client.get("/settings/keys").text


def test_a_revoked_key_is_refused(services: Services, client: TestClient) -> None:
    key, secret = services.keys.add(Key("site", frozenset({Right.REPORTS})), author="test")
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/sources", headers=bearer).status_code == 200
    come_as_admin(client)
    assert "is revoked" in post(client, f"/settings/keys/{key.id}/revoke", {}).text
    client.cookies.clear()
    assert client.get("/api/sources", headers=bearer).status_code == 401


def test_keys_as_json(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    headers = {"X-CSRF-Token": token(client)}
    made = client.post("/api/keys", json={"name": "site", "scopes": ["send"]}, headers=headers)
    assert made.status_code == 201
    secret = made.json().pop("secret")
    assert secret.startswith(made.json()["hint"])
    (listed,) = client.get("/api/keys").json()["items"]
    assert "secret" not in listed
    assert client.post("/collect/leads", headers={"Authorization": f"Bearer {secret}"}, json=[]).status_code == 202
    revoked = client.delete(f"/api/keys/{listed['id']}", headers=headers).json()
    assert revoked["revoked_at"]
    assert client.delete("/api/keys/99", headers=headers).status_code == 404


@pytest.mark.parametrize("told", [
    {"name": "x", "scopes": []}, {"name": "x", "scopes": ["users"]}, {"name": "", "scopes": ["send"]},
    {"name": "x", "scopes": ["reports"], "dealers": []},
])  # fmt: skip
def test_what_is_no_key_is_refused(client: TestClient, told: dict[str, object]) -> None:
    come_as_admin(client)
    assert client.post("/api/keys", json=told, headers={"X-CSRF-Token": token(client)}).status_code == 422
    assert client.get("/api/keys").json()["total"] == 0
