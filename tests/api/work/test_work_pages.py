"""Pages of contractor work: what they show to whom, what their forms do, and what is wrong in its place."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.work.conftest import ACT, PNG, TASK, People, added, decide, hand_in

BRIEF_FORM: dict[str, Any] = {
    "title": "Summer", "text": "# Big\n<script>alert(1)</script> **bold**", "dealers": ["north"],
    "contractor": "agency", "month": "2027-03", "budget": "120 000,50", "deadline": "2027-03-20", "needs_brand": "1",
}  # fmt: skip


def lands(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_brief_is_written_and_given_tasks(people: People) -> None:
    assert "Write the first brief" in people.director.get("/tasks").text
    place = lands(people.director.post("/briefs/new", data=BRIEF_FORM))
    page = people.director.get(place).text
    assert "The brief is written. Add its tasks below." in page
    assert "120 000.50 RUB" in page
    assert "<strong>bold</strong>" in page
    assert "&lt;script&gt;alert(1)" in page
    task = {"title": "Banner", "kind": "banner", "formats": "240×400\n728×90", "due": "2027-02-27"}
    lands(people.director.post("/briefs/1/tasks", data=task))
    page = people.contractor.get("/briefs/1").text
    assert "Bright agency" in page
    board = people.director.get("/tasks").text
    assert "2 days late" in board
    assert "1 open task" in board


def test_what_a_form_lacks_is_told_beside_the_field(people: People, brief: int) -> None:
    wrong = {**BRIEF_FORM, "title": "", "month": "soon", "budget": "much", "dealers": []}
    answer = people.director.post("/briefs/new", data=wrong)
    assert answer.status_code == 422
    for text in ("Fill this in.", "Write a month as 2027-03.", "Write an amount such as", 'value="much"'):
        assert text in answer.text, text
    answer = people.director.post("/briefs/new", data={**BRIEF_FORM, "dealers": []})
    assert "Choose a dealer, or a brand, whose dealers it is of." in answer.text
    answer = people.director.post(f"/briefs/{brief}/tasks", data={"title": ""})
    assert (answer.status_code, "Fill this in." in answer.text) == (422, True)
    answer = people.director.post(f"/briefs/{brief}/tasks", data={"title": "x", "assignee": "eve@rival.com"})
    assert (answer.status_code, "is no user who sees this task" in answer.text) == (422, True)
    assert people.director.get("/api/tasks").json()["total"] == 0
    act = {**ACT, "number": "", "line_what": ["Banner", ""], "line_about": ["", ""], "line_net": ["many", ""]}
    answer = people.contractor.post("/acts/new", data={**act, "line_vat": ["", ""], **EMPTY_LINES})
    assert answer.status_code == 422
    for text in ("Fill this in.", "Write an amount above 0", 'value="many"'):
        assert text in answer.text, text


EMPTY_LINES = {"line_media_item": ["", ""], "line_purchase_order": ["", ""]}


def test_a_stale_form_is_told_who_was_there(people: People, brief: int) -> None:
    lands(people.marketer.post(f"/briefs/{brief}/edit", data={**BRIEF_FORM, "revision": "1"}))
    answer = people.director.post(f"/briefs/{brief}/edit", data={**BRIEF_FORM, "title": "Autumn", "revision": "1"})
    assert answer.status_code == 409
    assert "anna@x.com has changed the brief meanwhile" in answer.text
    assert 'value="Autumn"' in answer.text
    assert 'name="revision" value="1"' in answer.text


def test_versions_stand_side_by_side_and_are_decided_on(people: People, task: int) -> None:
    place = f"/tasks/{task}"
    assert "Nothing was handed in yet. Hand the first version in below" in people.contractor.get(place).text
    empty = people.contractor.post(f"{place}/versions", data={"note": "x"})
    assert (empty.status_code, "A version has from 1 to 20 files." in empty.text) == (422, True)
    for number in (1, 2, 3):
        files = {"file": (f"banner-{number}.png", PNG + bytes([number]))}
        assert lands(people.contractor.post(f"{place}/versions", files=files, data={"note": "*new*"}))
    page = people.marketer.get(place).text
    assert page.count("<img") == 2
    assert "banner-2.png of version 2" in page
    assert "banner-3.png of version 3" in page
    page = people.marketer.get(f"{place}?left=1&right=3").text
    assert ("banner-1.png" in page, "banner-2.png" in page) == (True, False)
    assert "Decide on version 3 as dealer&#39;s marketer" in page
    assert "Agree to it" not in people.brand.get(place).text
    told = {"verdict": "return", "version": "3", "revision": "4", "comment": ""}
    answer = people.marketer.post(f"{place}/decisions", data=told)
    assert (answer.status_code, "This needs a comment." in answer.text) == (422, True)
    stale = people.marketer.post(f"{place}/decisions", data={**told, "version": "2", "comment": "no"})
    assert (stale.status_code, "Version 3 was handed in meanwhile" in stale.text) == (409, True)
    lands(people.marketer.post(f"{place}/decisions", data={**told, "comment": "Logo"}))
    assert "returned it" in people.contractor.get(place).text


def test_comments_lead_to_whom_they_mention(people: People, task: int) -> None:
    place = f"/tasks/{task}"
    comment = lands(people.contractor.post(f"{place}/comments", data={"text": "Which logo, @анна?"}))
    assert comment.endswith("#comment-1")
    page = people.marketer.get(place).text
    assert "You are mentioned in a comment." in page
    assert "you are mentioned" in people.marketer.get("/tasks").text
    lands(people.marketer.post("/tasks/mentions/1/seen", data={"task": str(task)}))
    assert "You are mentioned" not in people.marketer.get(place).text
    empty = people.contractor.post(f"{place}/comments", data={"text": " "})
    assert (empty.status_code, "The comment is empty." in empty.text) == (422, True)


def test_steps_are_offered_to_whose_they_are(people: People, task: int) -> None:
    place = f"/tasks/{task}"
    assert "Take it on" in people.contractor.get(place).text
    assert "Cancel the task" not in people.contractor.get(place).text
    lands(people.contractor.post(f"{place}/steps", data={"step": "take", "revision": "1"}))
    answer = people.contractor.post(f"{place}/steps", data={"step": "cancel", "revision": "2", "comment": "x"})
    assert (answer.status_code, "The holding does this." in answer.text) == (403, True)
    answer = people.director.post(f"{place}/steps", data={"step": "fly", "revision": "2"})
    assert answer.status_code == 422
    lands(people.contractor.post(f"{place}/assignee", data={"assignee": "dan@agency.com", "revision": "2"}))
    lands(people.director.post(f"{place}/edit", data={"title": "Big banner", "kind": "video", "revision": "3"}))
    page = people.director.get("/tasks", params={"mine": "1"}).text
    assert ("No task fits" in page, "Big banner" in people.contractor.get("/tasks?mine=1").text) == (True, True)
    lands(people.director.post(f"{place}/steps", data={"step": "cancel", "revision": "4", "comment": "Not needed"}))
    assert "Done and cancelled" in people.director.get("/tasks").text


def test_an_act_is_written_handed_in_and_accepted(people: People, brief: int, task: int) -> None:
    page = people.contractor.get("/acts/new").text
    assert f'value="task-{task}"' in page
    assert 'value="agency" selected' in page
    lines = {"line_what": ["Banner", "Text", ""], "line_about": [f"task-{task}", f"brief-{brief}", ""]}
    lines |= {"line_net": ["70 000", "40000,50", ""], "line_vat": ["14000", "", ""]}
    lines |= {"line_media_item": ["7", "", ""], "line_purchase_order": ["", "9", ""]}
    place = lands(people.contractor.post("/acts/new", data={**ACT, **lines})).partition("?")[0]
    page = people.contractor.get(place).text
    assert ("110 000.50 RUB" in page, "124 000.50 RUB" in page) == (True, True)
    assert "item 7 of the media plan" in page
    assert "Attach the signed act first." in page
    lands(people.contractor.post(f"{place}/files", files={"file": ("act.pdf", b"%PDF-1.7")}, data={"purpose": "act"}))
    lands(people.contractor.post(f"{place}/edit", data={**ACT, **lines, "invoice": "I-1", "revision": "1"}))
    for client, step, revision in ((people.contractor, "hand_in", 2), (people.marketer, "check", 3)):
        lands(client.post(f"{place}/steps", data={"step": step, "revision": str(revision)}))
    answer = people.director.post(f"{place}/steps", data={"step": "accept", "revision": "4"})
    assert (answer.status_code, "too much" in answer.text) == (422, True)
    told = {"step": "accept", "revision": "4", "comment": "Extra text"}
    lands(people.director.post(f"{place}/steps", data=told))
    assert "More is accepted than was ordered: Extra text" in people.director.get(place).text
    lands(people.director.post(f"{place}/steps", data={"step": "pay", "revision": "5", "payment": "PP 1"}))
    page = people.director.get("/acts").text
    assert "accepted 110 000.50 of 100 000.50" in page
    assert "Paid" in people.contractor.get(f"/briefs/{brief}").text


PLACES = ("/briefs/{brief}", "/tasks/{task}", "/acts/{act}", "/acts/{act}/edit")
CHANGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/tasks/{task}/versions", {}), ("/tasks/{task}/steps", {"step": "take"}), ("/tasks/{task}/assignee", {}),
    ("/tasks/{task}/comments", {"text": "x"}), ("/briefs/{brief}/comments", {"text": "x"}),
    ("/acts/{act}/edit", {}), ("/acts/{act}/steps", {"step": "hand_in", "revision": "1"}), ("/acts/{act}/files", {}),
    ("/acts/{act}/steps", {}), ("/tasks/mentions/1/seen", {}),
)  # fmt: skip


@pytest.mark.parametrize("name", ["rival", "other_marketer", "other_brand"])
def test_strangers_find_no_page(people: People, brief: int, task: int, name: str) -> None:
    act = added(people.contractor, "/api/acts", {**ACT, "lines": [{"what": "x", "task": task, "net": 5}]})["id"]
    client: TestClient = getattr(people, name)
    for place in PLACES:
        assert client.get(place.format(brief=brief, task=task, act=act)).status_code == 404, place
    lines = {f"line_{each}": ["x" if each == "what" else "1"] for each in ("what", "net", "vat")}
    lines |= {f"line_{each}": [""] for each in ("about", "media_item", "purchase_order")}
    for place, data in CHANGES:
        told = {**ACT, **lines, **data} if place.endswith("act}/edit") else data
        answer = client.post(place.format(brief=brief, task=task, act=act), data=told)
        assert answer.status_code == 404, (place, answer.text)
    for place in ("/tasks", "/briefs", "/acts", "/acts/new"):
        page = client.get(place)
        assert page.status_code == 200
        for word in ("Spring", "Banner", "agency", "A-1") if name == "rival" else ("Spring", "Banner", "A-1"):
            assert word not in page.text, (place, word)


def test_a_contractor_reads_no_name_of_another_on_pages(people: People, brief: int, task: int) -> None:
    theirs = added(people.director, f"/api/briefs/{brief}/tasks", {**TASK, "contractor": "rival", "title": "Film"})
    decide(people.marketer, hand_in(people.contractor, task).json(), "agree")
    for place in ("/tasks", "/briefs", f"/briefs/{brief}", f"/tasks/{theirs['id']}", "/acts", "/acts/new"):
        page = people.rival.get(place)
        assert page.status_code == 200, place
        for word in ("agency", "dan@", "100 000"):
            assert word not in page.text, (place, word)


def test_the_navigation_leads_those_who_work_there(people: People) -> None:
    assert 'href="/tasks"' in people.contractor.get("/tasks").text
    assert people.contractor.get("/briefs/new").status_code == 403
