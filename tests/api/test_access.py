"""Who may come in where: every route, asked as every role."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute

from api.app import create_app
from api.auth import Needs, may_write
from api.bootstrap import Services
from api.credentials import COOKIE
from api.viewer import viewer_of_session
from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from infra.access.keys import Key
from infra.access.rights import Right, UserRole
from infra.access.users import User

READ = {"Authorization": "Bearer r"}
WRITE = {"Authorization": "Bearer w"}
LIMITED = (UserRole.BRAND_MANAGER, UserRole.DEALER_MARKETER, UserRole.CONTRACTOR, UserRole.SALES)

NEEDS_NOBODY = {
    "/healthz": "says that the process lives",
    "/": "leads to where the visitor may go",
    "/sign-in": "is where one says who one is",
    "/sign-in/single": "leads to the provider that says so",
    "/sign-in/single/back": "is where the provider sends one back to",
    "/calendar/{token}.ics": "is a feed whose address is a secret",
    "/visits/card/{signed}": "is opened by a signed link that ends",
    "/i": "takes what a tracker of Snowplow sends, and checks its key",
    "/t.js": "is the tracker, which every visitor of a site fetches",
    "/t": "takes what the tracker sends, and checks its site",
    "/flags/": "has no answer but none",
    "/decide/": "has no answer but none",
}
CHECKS_ITS_OWN_KEY = (
    "/hooks/",
    "/v1/",
    "/batch/",
    "/capture/",
    "/e/",
    "/i/",
    "/mp/",
    "/debug/mp/",
    "/snowplow/",
    "/com.",
)


def routes(services: Services) -> list[APIRoute]:
    return list(_within(create_app(services).routes))


def _within(found: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Those of routers, too, which FastAPI keeps as they were included."""
    for each in found:
        if isinstance(each, APIRoute):
            yield each
        else:
            router = getattr(each, "original_router", None)
            yield from _within(router.routes if router else [])


def methods_of(route: APIRoute) -> set[str]:
    return set(route.methods or ())


def needs_of(route: APIRoute) -> list[Needs]:
    return [each.call for each in route.dependant.dependencies if isinstance(each.call, Needs)]


@pytest.fixture
def people(services: Services) -> Mapping[UserRole, str]:
    """A session's token for a user of each role: of the dealer north, or the contractor acme, where that limits it."""
    return {
        role: services.sessions.begin(
            services.users.add(
                User(f"{role}@example.com", role, dealers=("north",), contractors=("acme",), brands=("Lada",)),
                author="t",
            )
        )
        for role in UserRole
    }


def test_every_route_says_whom_it_needs(services: Services) -> None:
    """A route that nobody thought about is a hole."""
    assert {"/api/reports/romi", "/collect/{family}", "/overview", "/odata/{entity_set}"} <= {
        route.path for route in routes(services)
    }
    for route in routes(services):
        known = needs_of(route) or any(each.call is may_write for each in route.dependant.dependencies)
        open_to_all = route.path in NEEDS_NOBODY or route.path.startswith(CHECKS_ITS_OWN_KEY)
        assert bool(known) != open_to_all, route.path


def test_every_route_that_changes_something_needs_more_than_reading(services: Services) -> None:
    may_ask_by_post = {"/api/models", "/api/calculator"}
    own_account = {"/sign-out", "/account/password", "/account/language"}
    own_views = ("/api/views", "/api/schedules", "/views", "/schedules")
    for route in routes(services):
        of_ones_own = route.path in own_account or route.path.startswith(own_views)
        if (
            methods_of(route) - {"GET", "HEAD"}
            and needs_of(route)
            and not of_ones_own | (route.path in may_ask_by_post)
        ):
            assert {each.right for each in needs_of(route)} - {Right.REPORTS, Right.PERSONAL}, route.path


def asked(route: APIRoute) -> Iterator[tuple[str, str]]:
    path = route.path
    for name in route.param_convertors:
        path = path.replace(f"{{{name}}}", "1").replace(f"{{{name}:path}}", "1")
    for method in sorted(methods_of(route) - {"HEAD"}):
        yield method, path


def is_shut(answer: Any) -> bool:
    """By the guard: a report of one's own part may itself say that it knows no parts."""
    said = ("Your role does not include this", "This shows the whole holding", "This key has no scope")
    return answer.status_code == 403 and any(text in answer.text for text in said)


@pytest.mark.parametrize("role", UserRole)
def test_every_route_lets_in_whom_it_should(
    services: Services, client: TestClient, people: Mapping[UserRole, str], role: UserRole
) -> None:
    client.cookies.set(COOKIE, people[role])
    session = services.sessions.find(people[role])
    assert session
    token = {"X-CSRF-Token": session.csrf}
    limited = role in LIMITED
    for route in routes(services):
        wanted = needs_of(route)
        if not wanted or route.path == "/sign-out":
            continue
        allowed = all(
            (each.right is None or each.right in role.rights)
            and (not limited or (each.narrowed and (each.of_contractors or role is not UserRole.CONTRACTOR)))
            for each in wanted
        )
        for method, path in asked(route):
            answer = client.request(method, path, headers=token, follow_redirects=False)
            assert answer.status_code < 500, (method, path, answer.text)
            assert answer.status_code != 401, (method, path)
            assert is_shut(answer) != allowed, (method, path, answer.text)


def test_nobody_known_gets_nowhere(services: Services, client: TestClient) -> None:
    for route in routes(services):
        if needs_of(route):
            for method, path in asked(route):
                assert client.request(method, path, follow_redirects=False).status_code == 401, (method, path)


def test_a_write_key_only_writes(services: Services, client: TestClient) -> None:
    made, secret = services.keys.add(Key("site", frozenset({Right.SEND})), author="t")
    for headers in (WRITE, {"Authorization": f"Bearer {secret}"}):
        for route in routes(services):
            wanted = needs_of(route)
            if wanted and all(each.right not in (Right.SEND, None) for each in wanted):
                for method, path in asked(route):
                    assert client.request(method, path, headers=headers).status_code == 403, (method, path)
        lead = {
            "id": secret[:9] if headers is not WRITE else "l1",
            "created_at": "2026-01-01T10:00:00Z",
            "kind": "form",
        }
        assert client.post("/collect/leads", json=lead, headers=headers).status_code == 202
    services.keys.revoke(made.id, author="t")
    again = client.post("/collect/leads", json={}, headers={"Authorization": f"Bearer {secret}"})
    assert again.status_code == 401


def test_a_key_has_its_scopes_and_no_others(services: Services, client: TestClient) -> None:
    _, secret = services.keys.add(Key("power bi", frozenset({Right.REPORTS})), author="t")
    as_key = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/measures", headers=as_key).status_code == 200
    refused = client.get("/api/rejections", headers=as_key)
    assert refused.status_code == 403
    assert refused.json()["error"]["help"] == "Ask an administrator for the right to see personal data."
    assert client.put("/api/measures/x", json={"formula": "sales"}, headers=as_key).status_code == 403
    assert client.post("/collect/leads", json={}, headers=as_key).status_code == 401


def test_a_limited_key_sees_no_whole_holding(services: Services, client: TestClient) -> None:
    _, secret = services.keys.add(Key("dealer's own", frozenset({Right.REPORTS}), dealers=("north",)), author="t")
    refused = client.get("/api/sources", headers={"Authorization": f"Bearer {secret}"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_permitted")


def test_a_brand_manager_sees_whoever_carries_the_brand_now(services: Services) -> None:
    manager = services.users.add(User("lada@example.com", UserRole.BRAND_MANAGER, brands=("Lada",)), author="t")
    session = services.sessions.find(services.sessions.begin(manager))
    assert session

    def seen_where(**brands: str) -> frozenset[str] | None:
        told = ReferenceDocument(dealers=tuple(Dealer(id=key, brand=brand) for key, brand in brands.items()))
        replace_reference(services.database, told, author="t", clock=services.clock)
        return viewer_of_session(session, services.database).seen.dealers

    assert seen_where(north="Lada", south="Chery") == frozenset({"north"})
    assert seen_where(north="Chery", south="Lada") == frozenset({"south"})
    assert seen_where(north="Chery", south="Chery") == frozenset()


def signed_in(client: TestClient, email: str, password: str, **more: str) -> Any:
    return client.post("/sign-in", data={"email": email, "password": password, **more}, follow_redirects=False)


PASSWORD = "correct horse battery staple"


@pytest.fixture
def director(services: Services) -> User:
    user = User("Director@Example.com", UserRole.MARKETING_DIRECTOR, "Anna")
    return services.users.add(user, PASSWORD, author="t")


def test_signing_in_and_out(client: TestClient, director: User) -> None:
    assert "Sign in" in client.get("/overview", headers={"Accept": "text/html"}).text
    answer = signed_in(client, " director@example.COM ", PASSWORD, next="/channels?by=dealer")
    assert (answer.status_code, answer.headers["location"]) == (303, "/channels?by=dealer")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = client.get("/account")
    assert "Anna" in page.text
    token = page.text.partition('name="csrf" content="')[2].partition('"')[0]
    assert client.post("/sign-out", follow_redirects=False).status_code == 403
    assert client.get("/account").status_code == 200
    assert client.post("/sign-out", data={"csrf": token}, follow_redirects=False).status_code == 303
    assert client.get("/account").status_code == 401


def test_a_cookie_alone_changes_nothing(services: Services, client: TestClient, people: Mapping[UserRole, str]) -> None:
    client.cookies.set(COOKIE, people[UserRole.ADMIN])
    assert client.put("/api/measures/x", json={"formula": "sales"}).status_code == 403
    wrong = {"X-CSRF-Token": "guessed"}
    assert client.put("/api/measures/x", json={"formula": "sales"}, headers=wrong).status_code == 403
    session = services.sessions.find(people[UserRole.ADMIN])
    assert session
    right = {"X-CSRF-Token": session.csrf}
    assert client.put("/api/measures/x", json={"formula": "sales"}, headers=right).status_code == 200
    assert client.get("/api/audit", headers=READ).json()["items"][0]["who"] == "admin@example.com"


def test_another_site_cannot_sign_somebody_in(client: TestClient, director: User) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        data = {"email": director.email, "password": PASSWORD}
        assert client.post("/sign-in", data=data, headers=headers, follow_redirects=False).status_code == 403


@pytest.mark.parametrize(
    "after", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(client: TestClient, director: User, after: str) -> None:
    assert signed_in(client, director.email, PASSWORD, next=after).headers["location"] == "/"


def test_passwords_cannot_be_tried_for_ever(client: TestClient, director: User) -> None:
    for _ in range(10):
        wrong = signed_in(client, director.email, "wrong")
        assert wrong.status_code == 401
        assert "do not belong together" in wrong.text
    told = signed_in(client, director.email, PASSWORD)
    assert told.status_code == 429
    assert "Wait 15 minutes" in told.text


def test_nobody_learns_who_is_a_user(client: TestClient, director: User) -> None:
    known, unknown = signed_in(client, director.email, "wrong"), signed_in(client, "nobody@example.com", "wrong")
    assert known.text.replace(director.email, "") == unknown.text.replace("nobody@example.com", "")


def test_who_is_taken_away_is_out_at_once(services: Services, client: TestClient, director: User) -> None:
    signed_in(client, director.email, PASSWORD)
    assert client.get("/account").status_code == 200
    services.users.change(User(director.email, director.role, id=director.id, is_active=False), author="t")
    assert client.get("/account").status_code == 401
    assert signed_in(client, director.email, PASSWORD).status_code == 401


def test_a_new_password_ends_other_sessions(services: Services, client: TestClient, director: User) -> None:
    elsewhere = services.sessions.begin(director)
    signed_in(client, director.email, PASSWORD)
    token = client.get("/account").text.partition('name="csrf" content="')[2].partition('"')[0]

    def change(former: str, password: str) -> int:
        told = {"former": former, "password": password, "csrf": token}
        return client.post("/account/password", data=told).status_code

    assert change("wrong", "four words of another kind") == 422
    assert change(PASSWORD, "aaaaaaaaaaaaaaaaa") == 422
    assert change(PASSWORD, "four words of another kind") == 200
    assert services.sessions.find(elsewhere) is None
    assert client.get("/account").status_code == 200
    assert signed_in(client, director.email, PASSWORD).status_code == 401


def test_too_many_questions_are_put_off(services: Services) -> None:
    services.environment.requests_per_minute = 5
    with TestClient(create_app(services), headers=READ) as client:
        answers = [client.get("/api/measures").status_code for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2


def test_pages_are_safe_from_strangers(client: TestClient) -> None:
    told = client.get("/sign-in").headers
    assert "script-src" not in told["content-security-policy"]
    assert "default-src 'self'" in told["content-security-policy"]
    assert "unsafe" not in told["content-security-policy"]
    assert "frame-ancestors 'none'" in told["content-security-policy"]
    assert told["x-content-type-options"] == "nosniff"
    assert told["cache-control"] == "private, no-store"


def test_the_audit_log_tells_who_changed_what(client: TestClient, services: Services, director: User) -> None:
    services.users.change(User(director.email, UserRole.ANALYST, "Anna", id=director.id), author="boss")
    page = client.get("/audit", headers=READ, params={"what": "user director"})
    assert page.status_code == 200
    assert "<del>marketing_director</del> <ins>analyst</ins>" in page.text
    found = client.get("/api/audit", headers=READ, params={"who": "BOSS"}).json()
    assert (found["total"], found["items"][0]["after"]["role"]) == (1, "analyst")
    assert "password" not in str(found).replace("has_password", "")
