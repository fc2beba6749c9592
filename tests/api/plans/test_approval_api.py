"""Plans are submitted, agreed to and sent back over HTTP, by whoever may."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.credentials import COOKIE
from infra.access.keys import Key
from infra.access.rights import Right
from planning.approval.default_process import DEFAULT_PROCESS
from planning.plans import PlanVersion
from tests.api.plans.approving import Come, come, items, planned, tell_holding


@pytest.fixture
def draft(services: Services) -> PlanVersion:
    tell_holding(services)
    return planned(services)


@pytest.fixture
def who(services: Services, client: TestClient) -> Come:
    return lambda name: come(client.app, services, name)  # type: ignore[arg-type]


@pytest.fixture
def place(draft: PlanVersion, who: Come) -> str:
    """Of the version, which is submitted."""
    found = f"/api/plans/{draft.plan}/versions/1"
    answer = who("director").post(f"{found}/submit")
    assert (answer.status_code, answer.json()["state"]) == (200, "submitted"), answer.text
    return found


def asked(client: TestClient, place: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(each["stage"], each["scope"]): each for each in items(client, f"{place}/approvals")}


def test_everybody_agrees_and_it_is_approved(place: str, who: Come, services: Services, draft: PlanVersion) -> None:
    for name, stage, scope in (
        ("anna", "dealers", "north"), ("boris", "dealers", "south"), ("vera", "dealers", "east"),
        ("lada", "brands", "Lada"), ("chery", "brands", "Chery"), ("director", "director", ""),
    ):  # fmt: skip
        client = who(name)
        (waiting,) = items(client, "/api/inbox")
        key = asked(client, place)[stage, scope]["id"]
        assert waiting["link"] == f"/plans/approvals/{key}"
        answer = client.post(f"{place}/approvals/{key}/agree", json={"revision": waiting["revision"]})
        assert (answer.status_code, answer.json()["state"]) == (200, "agreed"), answer.text
        assert items(client, "/api/inbox") == []
    assert services.plans.version(draft.id).state == "approved"
    again = who("director").post(f"{place}/submit")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")


def test_one_is_sent_back_with_a_number_and_redrafted(place: str, who: Come, draft: PlanVersion) -> None:
    anna, director = who("anna"), who("director")
    key = asked(anna, place)["dealers", "north"]["id"]
    number = {"measure": "budget", "dealer": "north", "direction": "new_car", "month": 5, "value": 1400.5}
    told = {"comment": "Less.", "numbers": [number]}
    assert anna.post(f"{place}/approvals/{key}/return", json={**told, "comment": ""}).status_code == 422
    answer = anna.post(f"{place}/approvals/{key}/return", json=told)
    assert answer.json()["proposed"] == [{**number, "channel": "", "contractor": "", "was": 1500.5}]
    assert [each["kind"] for each in items(director, "/api/inbox")] == ["sent_back"]
    assert director.post(f"{place}/rework", json={"why": "ok"}).json()["state"] == "returned"
    assert [each["kind"] for each in items(director, "/api/inbox")] == ["redraft"]
    (proposal,) = items(director, f"{place}/proposals")
    assert items(who("boris"), f"{place}/proposals") == []
    assert anna.post(f"{place}/redraft", json={"apply": []}).status_code == 403
    made = director.post(f"{place}/redraft", json={"apply": [proposal["id"]]})
    assert (made.status_code, made.json()["number"], made.json()["state"]) == (201, 2, "draft")
    lines = items(director, f"/api/plans/{draft.plan}/versions/2/cells?measure=budget")
    assert lines[0]["months"][4] == 1400.5


def test_comments_and_numbers_are_for_those_who_see_all_of_it(place: str, who: Come) -> None:
    anna, key = who("anna"), asked(who("anna"), place)["dealers", "north"]["id"]
    anna.post(f"{place}/approvals/{key}/return", json={"comment": "Secret of the north"})
    assert set(asked(who("boris"), place)) == {("dealers", "south"), ("brands", "Lada"), ("director", "")}
    assert "Secret" not in who("boris").get(f"{place}/approvals").text
    assert asked(who("lada"), place)["dealers", "north"]["comment"] == "Secret of the north"
    assert asked(who("boris"), place)["brands", "Lada"]["dealers"] == ["south"]
    assert who("boris").post(f"{place}/approvals/{key}/agree").status_code == 404


def test_many_at_once_say_which_were_refused(place: str, who: Come) -> None:
    vera = who("vera")
    found = asked(who("director"), place)
    told = {"approvals": [{"id": found["dealers", "east"]["id"]}, {"id": found["dealers", "north"]["id"]}]}
    answer = vera.post("/api/plans/approvals/agree", json=told).json()
    assert answer["agreed"] == [found["dealers", "east"]["id"]]
    assert [(each["id"], each["error"]["code"]) for each in answer["refused"]] == [
        (found["dealers", "north"]["id"], "not_found")
    ]
    (again,) = vera.post("/api/plans/approvals/agree", json={"approvals": told["approvals"][:1]}).json()["refused"]
    assert again["error"]["message"] == "vera@example.com agreed to this just now."


def test_keys_do_not_approve_and_the_admin_link_may(
    services: Services, client: TestClient, place: str, who: Come
) -> None:
    key = asked(who("director"), place)["dealers", "north"]["id"]
    _, secret = services.keys.add(Key("robot", frozenset({Right.PLANS, Right.REPORTS, Right.TASKS})), author="t")
    for bearer in (secret, "r"):
        headers = {"Authorization": f"Bearer {bearer}"}
        answer = client.post(f"{place}/approvals/{key}/agree", headers=headers)
        assert answer.status_code == 403
        assert "approved by people" in answer.text
        assert client.get(f"{place}/approvals", headers=headers).json()["total"] == 6
        assert client.get("/api/inbox", headers=headers).json()["total"] == 0
    token = services.sessions.begin(None)
    session = services.sessions.find(token)
    assert session
    admin = who("director")
    admin.cookies.clear()
    admin.cookies.set(COOKIE, token)
    admin.headers["X-CSRF-Token"] = session.csrf
    assert admin.post(f"{place}/approvals/{key}/agree").json()["decided_by"] == "admin link"


def test_an_approval_of_another_version_is_not_found(place: str, who: Come, services: Services) -> None:
    other = planned(services, 2028)
    key = asked(who("director"), place)["dealers", "north"]["id"]
    where = f"/api/plans/{other.plan}/versions/1/approvals/{key}/agree"
    assert who("anna").post(where).status_code == 404


def test_who_may_submit_and_withdraw(draft: PlanVersion, who: Come) -> None:
    place = f"/api/plans/{draft.plan}/versions/1"
    assert who("anna").post(f"{place}/submit").status_code == 403
    assert who("analyst").post(f"{place}/submit").status_code == 403
    assert who("director").post(f"{place}/submit", json={"accept_differences": True}).status_code == 200
    assert who("lada").post(f"{place}/withdraw", json={"why": "x"}).status_code == 403
    assert who("director").post(f"{place}/withdraw", json={"why": "a mistake"}).json()["state"] == "withdrawn"


def test_the_process_is_read_and_changed(services: Services, draft: PlanVersion, who: Come) -> None:
    director = who("director")
    found = director.get("/api/plans/process").json()
    assert (found["number"], found["process"]) == (0, DEFAULT_PROCESS.as_dict())
    assert found["warnings"] == []
    told = found["process"]
    told["month"] = [{"id": "boss", "title": "Boss", "people": ["boss@example.com"]}]
    put = {"process": told, "based_on": 0}
    assert who("anna").put("/api/plans/process", json=put).status_code == 403
    kept = director.put("/api/plans/process", json=put)
    assert (kept.status_code, kept.json()["number"]) == (200, 1), kept.text
    assert kept.json()["warnings"] == ["«Boss» asks boss@example.com, who is no active user that works on plans."]
    again = director.put("/api/plans/process", json=put)
    assert (again.status_code, again.json()["error"]["where"]) == (409, "based_on")
    told["month"][0]["after"] = ["nobody"]
    wrong = director.put("/api/plans/process", json={"process": told, "based_on": 1})
    assert (wrong.status_code, wrong.json()["error"]["where"]) == (422, "month")


def test_stages_that_ask_nobody_are_told(services: Services, draft: PlanVersion, who: Come) -> None:
    for name in ("boris", "chery", "lada"):
        user = services.users.by_email(f"{name}@example.com")
        assert user
        services.users.change(type(user)(**{**_fields(user), "is_active": False}), author="t")
    assert who("director").get("/api/plans/process").json()["warnings"] == [
        "«Dealers agree» asks the role Dealer's marketer, and nobody who has it sees Юг.",
        "«Brand managers agree» asks the role Brand manager, which no active user has.",
    ]


def _fields(user: Any) -> dict[str, Any]:
    return {name: getattr(user, name) for name in ("email", "role", "dealers", "brands", "id")}


def test_a_deputy_is_named_and_acts(place: str, who: Come, services: Services) -> None:
    anna, boris = who("anna"), who("boris")
    day = services.today.isoformat()
    made = anna.post("/api/delegations", json={"deputy": "boris@example.com", "from": day, "to": day})
    assert made.status_code == 201, made.text
    assert anna.post("/api/delegations", json={"deputy": "x", "from": "2027-13-01", "to": day}).status_code == 422
    mine = {(each["title"], each["for"]) for each in items(boris, "/api/inbox")}
    assert mine == {("Dealers agree: Север", "anna@example.com"), ("Dealers agree: Юг", "")}
    key = asked(boris, place)["dealers", "north"]["id"]
    assert boris.post(f"{place}/approvals/{key}/agree").json()["decided_for"] == "anna@example.com"
    assert [each["id"] for each in items(boris, "/api/delegations")] == [made.json()["id"]]
    assert boris.delete(f"/api/delegations/{made.json()['id']}").status_code == 404
    assert anna.delete(f"/api/delegations/{made.json()['id']}").status_code == 204
