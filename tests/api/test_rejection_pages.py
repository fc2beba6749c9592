"""What was refused is repaired on a page: grouped by reason, errors beside the fields, replayed or discarded."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from infra.access.rights import UserRole
from infra.audit import find_changes
from tests.api.forms import come_as, come_as_admin, post
from tests.api.test_collect import lead, send, stored

PAGE = "/sources/rejections"


def reject(client: TestClient, *items: Any) -> list[str]:
    return [each["id"] for each in send(client, list(items)).json()["rejected"]]


def test_items_are_grouped_by_reason(client: TestClient) -> None:
    come_as_admin(client)
    assert "Nothing waits for repair" in client.get(PAGE).text
    keys = reject(client, lead(1, kind="fax"), lead(2, kind="letter"), lead(3, created_at="yesterday"))
    text = client.get(PAGE).text
    assert "3 wait for repair" in text
    assert text.index('<td class="number">2</td>') < text.index('<td class="number">1</td>')
    alike = client.get(PAGE, params={"like": keys[0]}).text
    assert "2 rejected of leads" in alike
    assert "letter" in alike
    assert "yesterday" not in alike


def test_an_item_is_repaired_in_its_form(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    (key,) = reject(client, lead(1, kind="fax", properties={"loan": 3}, phone=None))
    page = client.get(f"{PAGE}/{key}").text
    assert page.index('value="fax"') < page.index("must be one of") < page.index("Name of another field")
    assert '<option value="messenger">' in page
    names = ["id", "created_at", "kind", "properties", "phone", "name"]
    texts = ["l-1", "2026-01-31T09:00:00+03:00", "letter", '{"loan":3}', "", "Anna"]
    answer = post(client, f"{PAGE}/{key}", {"field": names, "value": texts})
    assert answer.status_code == 422
    assert "It is rejected again" in answer.text
    assert 'value="letter"' in answer.text
    assert 'value="Anna"' in answer.text
    texts[2] = "form"
    answer = post(client, f"{PAGE}/{key}", {"field": names, "value": texts})
    assert "1 item is accepted" in answer.text
    assert "None is left for this reason" in answer.text
    (event,) = stored(services.log)
    assert (event["kind"], event["name"], event["properties"]) == ("form", "Anna", {"loan": 3})
    assert "it is replayed" in client.get(f"{PAGE}/{key}").text
    (change,), _ = find_changes(services.database, what="rejection")
    assert (change.who, change.after) == ("admin link", "repaired and replayed")


def test_a_missed_field_is_offered(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    (key,) = reject(client, {"id": "l-1", "kind": "form"})
    page = client.get(f"{PAGE}/{key}").text
    assert '<label for="f3">created_at</label>' in page
    told = {"field": ["id", "kind", "created_at"], "value": ["l-1", "form", "2026-01-31T09:00:00"]}
    assert "is accepted" in post(client, f"{PAGE}/{key}", told).text
    assert stored(services.log)[0]["created_at"] == "2026-01-31T06:00:00Z"


def test_what_is_no_json_is_written_anew(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    send(client, json.dumps(lead(2)).encode() + b"\n{broken <b>")
    ((kept,), _) = services.rejections.list_open()
    page = client.get(f"{PAGE}/{kept.id}").text
    assert "{broken &lt;b&gt;" in page
    assert "no JSON object" in post(client, f"{PAGE}/{kept.id}", {"document": "{broken still"}).text
    told = {"document": json.dumps(lead(9))}
    assert "is accepted" in post(client, f"{PAGE}/{kept.id}", told).text
    assert services.rejections.count_open() == {}


def test_all_of_a_reason_are_replayed_or_discarded(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    keys = reject(client, lead(1, kind="fax"), lead(2, kind="fax"), lead(3, created_at="yesterday"))
    answer = post(client, f"{PAGE}/{keys[0]}/replay-alike", {})
    assert "2 are rejected again" in answer.text
    assert services.rejections.count_open() == {"leads": 3}
    assert "2 items are discarded" in post(client, f"{PAGE}/{keys[0]}/discard-alike", {}).text
    assert services.rejections.count_open() == {"leads": 1}
    assert "1 item is discarded" in post(client, f"{PAGE}/{keys[2]}/discard", {}).text
    assert services.rejections.count_open() == {}


def test_events_that_the_warehouse_refused_are_replayed_together(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    send(client, [lead(1), lead(2)])
    services._quarantine("leads", [json.dumps(each).encode() for each in stored(services.log)], "does not fit")
    ((first, _), _) = services.rejections.list_open()
    assert "2 items are accepted" in post(client, f"{PAGE}/{first.id}/replay-alike", {}).text
    assert services.rejections.count_open() == {}


@pytest.mark.parametrize("role", [UserRole.ANALYST, UserRole.DEALER_MARKETER])
def test_rejected_items_name_people_so_not_everybody_sees_them(
    services: Services, client: TestClient, role: UserRole
) -> None:
    (key,) = reject(client, lead(1, kind="fax"))
    come_as(client, services.users, role, dealers=("north",))
    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}/{key}").status_code == 403


def test_a_director_looks_and_does_not_repair(services: Services, client: TestClient) -> None:
    (key,) = reject(client, lead(1, kind="fax"))
    come_as(client, services.users, UserRole.MARKETING_DIRECTOR)
    assert "Replay it" not in client.get(f"{PAGE}/{key}").text
    for address in (
        f"{PAGE}/{key}",
        f"{PAGE}/{key}/discard",
        f"{PAGE}/{key}/replay-alike",
        f"{PAGE}/{key}/discard-alike",
    ):
        assert post(client, address, {}).status_code == 403
    assert services.rejections.count_open() == {"leads": 1}
    assert client.get(f"{PAGE}/none").status_code == 404
