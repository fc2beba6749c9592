"""PostHog, GA4 and Snowplow over HTTP: addresses, keys and answers."""

import base64
import gzip
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from tests.api.stored import stored

READ = {"Authorization": "Bearer r"}
EVENT = {
    "event": "opened", "uuid": "e-1", "distinct_id": "u-1", "timestamp": "2026-01-31T09:00:00Z", "properties": {},
}  # fmt: skip
GA4 = {"client_id": "1.2", "timestamp_micros": 1769850000000000, "events": [{"name": "page_view", "params": {}}]}
SNOWPLOW = {"e": "pv", "eid": "e-1", "p": "web", "tv": "js-3", "dtm": "1769850000000", "duid": "d-1",
            "url": "https://dealer.example/?utm_source=vk"}  # fmt: skip


def counts(services: Services) -> dict[str, int]:
    return {family: len(events) for family, events in stored(services.log).items()}


@pytest.mark.parametrize("address", ["/batch/", "/capture/", "/e/", "/i/v0/e/"])
@pytest.mark.parametrize(
    "body",
    [
        {"api_key": "w", "batch": [EVENT], "sent_at": "2026-01-31T09:00:00Z"},
        {"api_key": "w", **EVENT},
        [{**EVENT, "properties": {"token": "w"}}],
        {**EVENT, "properties": {"token": "w"}},
    ],
)
def test_posthog_is_taken(client: TestClient, services: Services, address: str, body: Any) -> None:
    plain = json.dumps(body).encode()
    for content in (plain, gzip.compress(plain), b"data=" + base64.b64encode(plain)):
        answer = client.post(address, content=content)
        assert (answer.status_code, answer.json()) == (200, {"status": 1})
    assert counts(services) == {"actions": 1}
    assert "token" not in stored(services.log)["actions"][0].get("properties", {})


def test_posthogs_second_protocol_names_each_event(client: TestClient) -> None:
    body = {"created_at": "2026-01-31T09:00:00Z", "batch": [EVENT]}
    answer = client.post("/i/v1/analytics/events", json=body, headers={"Authorization": "Bearer w"})
    assert (answer.status_code, answer.json()) == (200, {"results": {"e-1": {"result": "ok"}}})


def test_posthog_without_the_key_is_refused(client: TestClient) -> None:
    other = {**EVENT, "properties": {"token": "x"}}
    mixed = [{**EVENT, "properties": {"token": "w"}}, other]
    bodies: list[Any] = [[], {"batch": []}, {"api_key": "x", "batch": [EVENT]}, mixed]
    for body in bodies:
        answer = client.post("/batch/", json=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_allowed")


@pytest.mark.parametrize("address", ["/flags/?v=4", "/decide/?v=3"])
def test_there_are_no_flags(client: TestClient, address: str) -> None:
    answer = client.post(address, json={"api_key": "w", "distinct_id": "u-1"})
    assert answer.status_code == 200
    assert answer.json()["featureFlags"] == answer.json()["flags"] == {}


def test_ga4_is_taken(client: TestClient, services: Services) -> None:
    for _ in range(2):
        answer = client.post("/mp/collect?measurement_id=G-1&api_secret=w", json=GA4)
        assert (answer.status_code, answer.content) == (204, b"")
    assert counts(services) == {"touches": 1}


def test_ga4_events_without_a_time_are_different_ones(client: TestClient, services: Services) -> None:
    timeless = {name: value for name, value in GA4.items() if name != "timestamp_micros"}
    for _ in range(2):
        assert client.post("/mp/collect?api_secret=w", json=timeless).status_code == 204
    assert counts(services) == {"touches": 2}


@pytest.mark.parametrize(
    ("query", "body", "status"), [("", b"{}", 401), ("api_secret=x", b"{}", 401), ("api_secret=w", b"{", 400)]
)
def test_ga4_refusals(client: TestClient, query: str, body: bytes, status: int) -> None:
    for address in ("/mp/collect", "/debug/mp/collect"):
        answer = client.post(f"{address}?{query}", content=body)
        assert (answer.status_code, set(answer.json())) == (status, {"success", "code", "message"})


def test_ga4_can_be_checked(client: TestClient, services: Services) -> None:
    told = client.post("/debug/mp/collect?api_secret=w", json=GA4).json()
    assert told == {"validationMessages": []}
    wrong = {"client_id": "1.2", "timestamp_micros": "soon", "events": [{"name": "scroll"}, {"params": {}}]}
    found = client.post("/debug/mp/collect?api_secret=w", json=wrong).json()["validationMessages"]
    assert [each["fieldPath"] for each in found] == ["occurred_at", "occurred_at", "name"]
    nobody = client.post("/debug/mp/collect?api_secret=w", json={**GA4, "client_id": ""}).json()
    assert "neither userId nor anonymousId" in nobody["validationMessages"][0]["description"]
    assert counts(services) == {}


@pytest.mark.parametrize("prefix", ["/snowplow/w", ""])
@pytest.mark.parametrize("key", ["?key=w", ""])
def test_snowplow_is_taken_where_the_key_stands_somewhere(
    client: TestClient, services: Services, prefix: str, key: str
) -> None:
    app = "dealer" if prefix or key else "w"
    event = SNOWPLOW | {"aid": app}
    answer = client.post(f"{prefix}/com.snowplowanalytics.snowplow/tp2{key}", json={"data": [event]})
    assert (answer.status_code, answer.text) == (200, "ok")
    pixel = client.get(f"{prefix}/i{key}", params={**event, "eid": "e-2"} | ({"key": "w"} if key else {}))
    assert (pixel.status_code, pixel.headers["Content-Type"]) == (200, "image/gif")
    assert pixel.content.startswith(b"GIF89a")
    touches = stored(services.log)["touches"]
    assert [each["id"] for each in touches] == ["e-1", "e-2"]
    assert all('"w"' not in json.dumps(each) for each in touches), "the key is not stored"


def test_snowplow_without_the_key_is_refused(client: TestClient) -> None:
    data = {"data": [SNOWPLOW | {"aid": "w"}, SNOWPLOW | {"aid": "x"}]}
    for address, body in (
        ("/com.snowplowanalytics.snowplow/tp2", data),
        ("/com.snowplowanalytics.snowplow/tp2", {"data": []}),
        ("/snowplow/x/com.snowplowanalytics.snowplow/tp2", data),
    ):
        answer = client.post(address, json=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_allowed")
    assert client.get("/i", params=SNOWPLOW).status_code == 401


def test_what_is_no_event_is_kept(client: TestClient) -> None:
    client.post("/batch/", json={"api_key": "w", "batch": [7, {"event": "x"}]})
    client.post("/mp/collect?api_secret=w", json={"events": [{"name": "x"}]})
    client.post("/snowplow/w/com.snowplowanalytics.snowplow/tp2", json={"data": ["x", {"e": "pv"}]})
    assert client.get("/api/rejections", headers=READ).json()["total"] == 5
