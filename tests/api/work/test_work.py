"""Contractor work over HTTP: the whole chain, and what each of its people sees of it."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from infra.audit import find_changes
from tests.api.test_access import methods_of, routes
from tests.api.work.conftest import ACT, BRIEF, PNG, TASK, People, added, decide, hand_in


def test_a_banner_goes_from_the_brief_to_the_payment(people: People, brief: int, task: int) -> None:
    shown = hand_in(people.contractor, task, "240x400.png", "728x90.png", note="Both formats").json()
    assert (shown["state"], shown["decides"], len(shown["versions"][0]["files"])) == ("on_review", "marketer", 2)
    returned = decide(people.marketer, shown, "return", "Bigger logo").json()
    assert (returned["state"], returned["decides"]) == ("returned", None)
    shown = hand_in(people.contractor, task).json()
    agreed = decide(people.marketer, shown, "agree").json()
    assert (agreed["state"], agreed["decides"]) == ("on_review", "brand")
    approved = decide(people.brand, agreed, "agree").json()
    assert approved["state"] == "approved"
    assert [each["number"] for each in approved["versions"]] == [2, 1]
    act = added(people.contractor, "/api/acts", {**ACT, "lines": [{"what": "Banner", "task": task, "net": 80000}]})
    file = people.contractor.post(f"/api/acts/{act['id']}/files", files={"file": ("акт.pdf", b"%PDF-1.7")}).json()
    for client, step, told in (
        (people.contractor, "hand_in", {}), (people.marketer, "check", {}), (people.director, "accept", {}),
        (people.director, "pay", {"payment": "PP 1"}),
    ):  # fmt: skip
        told = {"step": step, "revision": act["revision"], **told}
        answer = client.post(f"/api/acts/{act['id']}/steps", json=told)
        assert answer.status_code == 200, answer.text
        act = answer.json()
    assert (act["state"], act["paid_on"], act["gross"]) == ("paid", "2027-03-01", 80000.0)
    assert people.brand.get(file["link"]).content == b"%PDF-1.7"
    chain = people.contractor.get(f"/api/briefs/{brief}").json()
    assert ([each["id"] for each in chain["tasks"]], [each["id"] for each in chain["acts"]]) == ([task], [act["id"]])
    assert [each["step"] for each in chain["story"]] == [
        "brief", "task", "hand_in", "return", "hand_in", "agree", "approve", "act", "hand_in", "check", "accept", "pay"
    ]  # fmt: skip
    (row,) = people.director.get("/api/acts/settlements").json()["items"]
    assert (row["ordered"], row["accepted"], row["paid"], row["spent"]) == (100000.5, 80000.0, 80000.0, None)


def test_settlements_are_exported(people: People, brief: int) -> None:
    answer = people.director.get("/api/acts/settlements", params={"format": "csv"})
    assert "agency,2027-03,RUB,100000.5" in answer.text
    assert "attachment" in answer.headers["content-disposition"]


def foreign_paths(brief: int, task: int, act: int, files: list[str]) -> list[tuple[str, str, dict[str, Any]]]:
    revised = {"revision": 1}
    return [
        ("GET", f"/api/briefs/{brief}", {}),
        ("POST", f"/api/briefs/{brief}/comments", {"json": {"text": "x"}}),
        ("GET", f"/api/tasks/{task}", {}),
        ("POST", f"/api/tasks/{task}/comments", {"json": {"text": "x"}}),
        ("POST", f"/api/tasks/{task}/assignee", {"json": {"assignee": "", **revised}}),
        ("POST", f"/api/tasks/{task}/steps", {"json": {"step": "take", **revised}}),
        ("POST", f"/api/tasks/{task}/steps", {"json": {"step": "cancel", "comment": "x", **revised}}),
        ("POST", f"/api/tasks/{task}/versions", {"files": [("file", ("a.png", PNG))]}),
        ("GET", f"/api/acts/{act}", {}),
        ("PUT", f"/api/acts/{act}", {"json": {**ACT, "lines": [{"what": "x", "net": 1}], **revised}}),
        ("POST", f"/api/acts/{act}/steps", {"json": {"step": "hand_in", **revised}}),
        ("POST", f"/api/acts/{act}/steps", {"json": {"step": "check", **revised}}),
        ("POST", f"/api/acts/{act}/files", {"files": {"file": ("a.pdf", b"%PDF-1.7")}}),
        ("POST", "/api/tasks/mentions/1/seen", {}),
        *(("GET", link, {}) for link in files),
    ]


OF_THE_HOLDING: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "/api/briefs/{brief}", {"json": {**BRIEF, "revision": 1}}),
    ("POST", "/api/briefs/{brief}/tasks", {"json": TASK}),
    ("POST", "/api/briefs/{brief}/files", {"files": {"file": ("a.pdf", b"%PDF-1.7")}}),
    ("PUT", "/api/tasks/{task}", {"json": {**TASK, "revision": 1}}),
    ("POST", "/api/tasks/{task}/decisions", {"json": {"version": 1, "revision": 1, "verdict": "agree"}}),
]


@pytest.fixture
def chain(people: People, brief: int, task: int) -> dict[str, Any]:
    """Everything that there can be of a brief, its files included."""
    guide = people.director.post(f"/api/briefs/{brief}/files", files={"file": ("guide.pdf", b"%PDF-1.7")}).json()
    shown = hand_in(people.contractor, task).json()
    people.director.post(f"/api/tasks/{task}/comments", json={"text": "@Dan, look"})
    act = added(people.contractor, "/api/acts", {**ACT, "lines": [{"what": "Banner", "task": task, "net": 5}]})
    proof = people.contractor.post(f"/api/acts/{act['id']}/files", files={"file": ("act.pdf", b"%PDF-1.7")}).json()
    files = [guide["link"], shown["versions"][0]["files"][0]["link"], proof["link"]]
    return {"brief": brief, "task": task, "act": act["id"], "files": files}


@pytest.mark.parametrize("name", ["rival", "other_marketer", "other_brand"])
def test_whoever_guesses_numbers_finds_nothing(people: People, chain: dict[str, Any], name: str) -> None:
    client: TestClient = getattr(people, name)
    before = people.director.get(f"/api/briefs/{chain['brief']}").json()
    for method, path, told in foreign_paths(**chain):
        answer = client.request(method, path, **told)
        assert answer.status_code == 404, (method, path, answer.text)
        assert answer.json()["error"]["help"]
    for method, path, told in OF_THE_HOLDING:
        answer = client.request(method, path.format(**chain), **told)
        assert answer.status_code == (403 if name == "rival" else 404), (method, path, answer.text)
    for path in ("/api/briefs", "/api/tasks", "/api/acts", "/api/acts/settlements", "/api/tasks/waiting"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["items"]) == (200, []), path
    assert people.director.get(f"/api/briefs/{chain['brief']}").json() == before


def test_every_route_of_work_is_walked_by_strangers(services: Services, chain: dict[str, Any]) -> None:
    """A route that is added later stands in the list above, or here because it is narrowed by itself."""
    narrowed = {"/api/briefs", "/api/tasks", "/api/acts", "/api/acts/settlements", "/api/tasks/waiting"}
    tried = {(method, path.format(**chain)) for method, path, _ in [*foreign_paths(**chain), *OF_THE_HOLDING]}
    for route in routes(services):
        if route.path.startswith(("/api/briefs", "/api/tasks", "/api/acts")) and route.path not in narrowed:
            kind = route.path.split("/")[2].removesuffix("s")
            path = route.path.replace("{key}", str(chain[kind])).replace("{comment}", "1")
            assert {(method, path) for method in methods_of(route)} <= tried, route.path


def test_a_contractor_reads_no_name_of_another(people: People, brief: int, task: int) -> None:
    """Not even in a brief in which both have a task."""
    people.director.post(f"/api/briefs/{brief}/comments", json={"text": "Bright agency does banners"})
    theirs = added(people.director, f"/api/briefs/{brief}/tasks", {**TASK, "contractor": "rival", "title": "Film"})
    hand_in(people.contractor, task)
    act = added(people.contractor, "/api/acts", {**ACT, "lines": [{"what": "Banner", "task": task, "net": 5}]})
    for path in (f"/api/briefs/{brief}", "/api/briefs", "/api/tasks", f"/api/tasks/{theirs['id']}", "/api/acts"):
        text = people.rival.get(path).text.lower()
        assert "agency" not in text, path
        assert "dan@" not in text, path
    chain = people.rival.get(f"/api/briefs/{brief}").json()
    assert ([each["title"] for each in chain["tasks"]], chain["acts"], chain["comments"]) == (["Film"], [], [])
    assert (chain["budget"], chain["contractor"]) == (None, "")
    answer = people.rival.post(f"/api/briefs/{brief}/comments", json={"text": "Hello"})
    assert (answer.status_code, answer.json()["error"]["help"]) == (422, "Comment on your task instead.")
    wrong = people.rival.post("/api/acts", json={**ACT, "contractor": "rival", "lines": [
        {"what": "x", "net": 1, "brief": brief}
    ]})  # fmt: skip
    assert (wrong.status_code, "agency" in wrong.text) == (422, False)
    assert people.rival.get(f"/api/acts/{act['id']}").status_code == 404


def test_each_side_takes_its_own_steps(people: People, brief: int, task: int) -> None:
    assert people.contractor.post("/api/briefs", json=BRIEF).status_code == 403
    shown = hand_in(people.contractor, task).json()
    assert decide(people.contractor, shown, "agree").status_code == 403
    answer = decide(people.brand, shown, "agree")
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, "The dealer's marketer decides now.")
    told = {"step": "cancel", "revision": shown["revision"], "comment": "No"}
    answer = people.contractor.post(f"/api/tasks/{task}/steps", json=told)
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, "The holding does this.")


def test_a_version_that_came_meanwhile_is_a_conflict(people: People, task: int) -> None:
    looked_at = hand_in(people.contractor, task).json()
    hand_in(people.contractor, task)
    answer = decide(people.marketer, looked_at, "agree")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert answer.json()["error"]["message"].startswith("Version 2 was handed in meanwhile")


def test_what_waits_for_whom(people: People, brief: int, task: int) -> None:
    def kinds(client: TestClient) -> list[tuple[str, str]]:
        return [(each["kind"], each["link"]) for each in client.get("/api/tasks/waiting").json()["items"]]

    place = f"/tasks/{task}"
    assert (kinds(people.contractor), kinds(people.marketer), kinds(people.rival)) == ([("do", place)], [], [])
    shown = hand_in(people.contractor, task).json()
    assert (kinds(people.contractor), kinds(people.marketer)) == ([], [("decide", place)])
    assert (kinds(people.brand), kinds(people.other_marketer), kinds(people.director)) == ([], [], [])
    agreed = decide(people.marketer, shown, "agree").json()
    assert (kinds(people.marketer), kinds(people.brand)) == ([], [("decide", place)])
    returned = decide(people.brand, agreed, "return", "Old logo").json()
    assert (kinds(people.brand), kinds(people.contractor)) == ([], [("correct", place)])
    assert returned["versions"][0]["decisions"][1]["side"] == "brand"
    comment = people.contractor.post(f"/api/tasks/{task}/comments", json={"text": "Which one, @анна? @lada@x.com @eve"})
    assert comment.json()["mentioned"] == ["anna@x.com", "lada@x.com"]
    assert kinds(people.marketer) == kinds(people.brand) == [("mention", f"{place}#comment-{comment.json()['id']}")]
    people.marketer.post(f"/api/tasks/{task}/comments", json={"text": "The new one"})
    assert kinds(people.marketer) == []
    assert people.brand.post(f"/api/tasks/mentions/{comment.json()['id']}/seen").status_code == 204
    assert kinds(people.brand) == []


def test_the_audit_log_has_every_change(services: Services, people: People, chain: dict[str, Any]) -> None:
    changes, _ = find_changes(services.database, most=1000)
    told = {(each.who, each.what) for each in changes}
    assert {
        ("boss@x.com", "brief 1"), ("boss@x.com", "task 1"), ("dan@agency.com", "task 1"),
        ("boss@x.com", "comment on task 1"), ("dan@agency.com", "act 1"), ("dan@agency.com", "file of work_act 1"),
        ("dan@agency.com", "file of work_task 1"),
    } <= told  # fmt: skip


@pytest.mark.parametrize(("path", "told", "where"), [
    ("/api/briefs", {**BRIEF, "dealers": []}, "body"),
    ("/api/briefs", {**BRIEF, "month": "2027-13"}, "body.month"),
    ("/api/briefs", {**BRIEF, "budget": -1}, "body.budget"),
    ("/api/briefs", {**BRIEF, "budget": 1.005}, "body.budget"),
    ("/api/briefs", {**BRIEF, "currency": "XXY"}, "body.currency"),
    ("/api/briefs", {**BRIEF, "dealers": ["nobody"]}, "dealers"),
    ("/api/acts", {**ACT, "lines": []}, "body.lines"),
    ("/api/acts", {**ACT, "last_day": "2027-04-01", "lines": [{"what": "x", "net": 1}]}, "body"),
    ("/api/acts", {**ACT, "lines": [{"what": "x", "net": 1, "vat": 2}]}, "body.lines.0"),
    ("/api/acts", {**ACT, "lines": [{"what": "x", "net": 1, "task": 99}]}, "task"),
])  # fmt: skip
def test_what_cannot_be_is_told_with_its_place(people: People, path: str, told: dict[str, Any], where: str) -> None:
    answer = people.director.post(path, json=told)
    assert (answer.status_code in (404, 422), answer.json()["error"]["where"]) == (True, where), answer.text
    assert people.director.get(path).json()["total"] == 0


def test_files_run_in_nobodys_browser(people: People, task: int) -> None:
    shown = hand_in(people.contractor, task, "banner.html", "banner.svg", content=b"<script>alert(1)</script>").json()
    for file in shown["versions"][0]["files"]:
        answer = people.director.get(file["link"])
        assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == (
            "application/octet-stream", "nosniff"
        )  # fmt: skip
        assert answer.headers["content-disposition"].startswith("attachment")
    assert hand_in(people.contractor, task, content=b"x" * (1024**2 + 1)).status_code == 413
    assert people.director.get(f"/api/tasks/{task}").json()["newest_version"] == 1
