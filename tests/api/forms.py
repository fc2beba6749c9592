"""Pages as a browser uses them, without one: sign in, send forms with their token."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.testclient import TestClient

from infra.access.rights import UserRole
from infra.access.users import User, UserRegister

PASSWORD = "four words in a row"


def come_as_admin(client: TestClient) -> None:
    """By the admin link."""
    client.cookies.clear()
    assert client.get("/", params={"key": "r"}).status_code == 200


def come_as(client: TestClient, users: UserRegister, role: UserRole, **limits: Any) -> User:
    """As a user of a role, who is added first."""
    user = users.add(User(f"{role.value}@example.com", role, **limits), PASSWORD, author="test")
    client.cookies.clear()
    told = {"email": user.email, "password": PASSWORD}
    assert client.post("/sign-in", data=told).status_code == 200
    return user


def post(client: TestClient, address: str, told: Mapping[str, str | Sequence[str]], **more: Any) -> Any:
    """The answer to a form of the page at /account or wherever the token stands."""
    return client.post(address, data={**told, "csrf": token(client)}, **more)


def token(client: TestClient) -> str:
    found = re.search(r'<meta name="csrf" content="([^"]+)"', client.get("/account").text)
    assert found is not None
    return found[1]
