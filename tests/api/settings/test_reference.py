"""Tables of reference data are edited on pages, and the whole of it as one document."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from attribution.reference import newest_reference, reference_document
from infra.access.rights import UserRole
from infra.audit import find_changes
from tests.api.forms import come_as, come_as_admin, post, token

TABLES = (
    "dealers", "tracking_numbers", "tracking_addresses", "promo_codes", "target_calls", "self_reported",
    "offline_media",
)  # fmt: skip
COLUMNS = {
    "dealers": ("id", "name", "brand", "city", "group", "holding", "opened", "closed", "weight"),
    "tracking_numbers": ("number", "dealer", "source", "medium", "campaign", "contractor", "from", "to"),
    "target_calls": ("dealer", "talk_s", "tags", "without_tags", "believe_sender"),
}


def send(services: Services, client: TestClient, name: str, *lines: dict[str, str], action: str = "keep") -> Any:
    told: dict[str, Any] = {column: [line.get(column, "") for line in lines] for column in COLUMNS[name]}
    based_on = str(newest_reference(services.database))
    return post(client, f"/settings/reference/{name}", {**told, "do": action, "based_on": based_on})


@pytest.mark.parametrize("name", TABLES)
def test_each_table_opens(client: TestClient, name: str) -> None:
    come_as_admin(client)
    page = client.get(f"/settings/reference/{name}")
    assert page.status_code == 200
    assert page.text.count("<h1>") == 1
    assert client.get("/settings/reference/lizards").status_code == 404


def test_dealers_are_kept_and_the_rest_of_the_document_stays(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    document = {"contractors": [{"id": "a", "fees": [{"percent": 10}]}], "tracking_numbers": [{"number": "101"}]}
    headers = {"X-CSRF-Token": token(client)}
    assert client.put("/api/reference", json=document, headers=headers).status_code == 200
    answer = send(services, client, "dealers", {"id": "north", "name": "Север", "weight": "2.5"}, {}, {"id": "south"})
    assert "A new run is asked for" in answer.text
    assert 'value="Север"' in answer.text
    known = reference_document(services.database)
    assert [(each.id, each.weight) for each in known.dealers] == [("north", 2.5), ("south", 1)]
    assert [each.id for each in known.contractors] == ["a"]
    assert [each.number for each in known.tracking_numbers] == ["101"]
    newest, _ = find_changes(services.database, what="reference")
    assert newest[0].who == "admin link"


def test_what_is_wrong_is_marked_at_its_cell(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    lines = (
        {"number": "+74951234567"},
        {"number": "12345678"},
        {"number": "102", "from": "2026-02-01", "to": "2026-01-01"},
    )
    answer = send(services, client, "tracking_numbers", *lines)
    assert answer.status_code == 422
    assert "is no phone number" in answer.text
    assert 'aria-describedby="wrong-1-number"' in answer.text
    assert 'aria-describedby="wrong-0-number"' not in answer.text
    assert "before it begins" in answer.text
    twice = send(services, client, "dealers", {"id": "x"}, {"id": "x"})
    assert "listed 2 times" in twice.text
    assert reference_document(services.database).dealers == ()


def test_words_and_yes_or_no_are_read(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    send(services, client, "target_calls", {"talk_s": "45", "tags": "sale, test drive", "believe_sender": "no"})
    (rule,) = reference_document(services.database).target_calls
    assert (rule.talk_s, rule.tags, rule.believe_sender) == (45, ("sale", "test drive"), False)
    page = client.get("/settings/reference/target_calls").text
    assert 'value="sale, test drive"' in page
    assert '<option value="no" selected>' in page


def test_a_button_adds_a_line_and_keeps_nothing(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    answer = send(services, client, "dealers", {"id": "north"}, action="add 1")
    assert answer.text.count('name="id"') == 2
    assert reference_document(services.database).dealers == ()


def test_nobody_overwrites_what_changed_meanwhile(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    told = dict.fromkeys(COLUMNS["dealers"], "") | {"id": "x", "do": "keep", "based_on": "0"}
    send(services, client, "dealers", {"id": "north"})
    answer = post(client, "/settings/reference/dealers", told)
    assert answer.status_code == 422
    assert "Somebody changed the settings" in answer.text


def test_an_analyst_looks_only(services: Services, client: TestClient) -> None:
    come_as(client, services.users, UserRole.ANALYST)
    assert "disabled" in client.get("/settings/reference/dealers").text
    assert send(services, client, "dealers", {"id": "north"}).status_code == 403
    assert client.get("/api/reference").status_code == 200
    assert client.put("/api/reference", json={}, headers={"X-CSRF-Token": token(client)}).status_code == 403


def test_a_document_that_is_wrong_changes_nothing(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    headers = {"X-CSRF-Token": token(client)}
    wrong = client.put("/api/reference", json={"dealers": [{"name": "x"}]}, headers=headers)
    assert wrong.status_code == 422
    assert "dealers.0.id" in wrong.json()["error"]["message"]
    assert client.put("/api/reference", content=b"{", headers=headers).status_code == 422
    assert newest_reference(services.database) == 0
