"""Segment's HTTP API: what is taken, and in which words it is refused."""

import base64
import gzip
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from infra.log.base import NewRecord
from infra.settings import read_settings
from tests.api.ailing import Ailing
from tests.api.cli.closedloop import closedloop_process
from tests.api.live import listening
from tests.api.stored import stored
from tests.migrated import lay_warehouse

BASIC = {"Authorization": f"Basic {base64.b64encode(b'w:').decode()}"}
READ = {"Authorization": "Bearer r"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def message(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "type": "track", "messageId": f"m-{number}", "anonymousId": "a-1", "event": "Product Viewed",
        "timestamp": "2026-01-31T09:00:00Z", "sentAt": "2026-01-31T09:00:01Z",
    } | fields  # fmt: skip


def send(client: TestClient, body: object, call: str = "batch", headers: dict[str, str] | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(f"/v1/{call}", content=content, headers=BASIC if headers is None else headers)


def batch(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"batch": list(messages), **more}


@pytest.mark.parametrize(
    ("call", "letter", "family"),
    [
        ("identify", "i", "profiles"), ("track", "t", "actions"), ("page", "p", "touches"), ("screen", "s", "touches"),
        ("group", "g", "actions"), ("alias", "a", "profiles"),
    ],
)  # fmt: skip
def test_every_call_is_taken(client: TestClient, services: Services, call: str, letter: str, family: str) -> None:
    for number, address in enumerate((call, letter)):
        told = {name: value for name, value in message(number).items() if name != "type"}
        answer = send(client, told, address)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert {name: [each["id"] for each in events] for name, events in stored(services.log).items()} == {
        family: ["m-0", "m-1"]
    }


@pytest.mark.parametrize("call", ["batch", "import", "b"])
def test_every_way_of_a_batch_is_taken(client: TestClient, services: Services, call: str) -> None:
    assert send(client, batch(message(1), message(2, type="page")), call).status_code == 200
    assert {family: len(events) for family, events in stored(services.log).items()} == {"actions": 1, "touches": 1}


@pytest.mark.parametrize(
    ("headers", "in_body"),
    [
        (BASIC, {}),
        ({"Authorization": "Bearer w"}, {}),
        ({}, {"writeKey": "w"}),
        ({}, {"api_key": "w"}),
        ({"Authorization": "Bearer token-of-oauth"}, {"writeKey": "w"}),
    ],
)
def test_the_key_may_stand_in_several_places(client: TestClient, headers: dict[str, str], in_body: Any) -> None:
    assert send(client, batch(message(), **in_body), headers=headers).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(json.dumps(batch(message())).encode()),
        json.dumps(batch(message())).encode(),
        b"data=" + base64.b64encode(json.dumps(batch(message())).encode()),
        b'{"batch": [' + json.dumps(message()).encode()[:-1] + b', "properties": {"price": NaN, "text": "\\ud83d"}}]}',
    ],
)
def test_json_is_read_whatever_is_around_it(client: TestClient, services: Services, body: bytes) -> None:
    packed = {"Content-Encoding": "gzip"} if body[:2] == b"\x1f\x8b" else {}
    for headers in (FORM | packed, packed, {"Content-Type": "text/plain"}):
        assert send(client, body, headers=BASIC | headers).status_code == 200
    assert len(stored(services.log)["actions"]) == 1


@pytest.mark.parametrize(
    ("call", "body", "headers", "status"),
    [
        ("batch", b"{broken", BASIC, 400),
        ("batch", b"", BASIC, 400),
        ("batch", b"[]", BASIC, 400),
        ("batch", b"{}", BASIC, 400),
        ("batch", b'{"batch": {}}', BASIC, 400),
        ("batch", b"\x1f\x8bbroken", BASIC, 400),
        ("batch", b"{}", BASIC | {"Content-Encoding": "zstd"}, 400),
        ("batch", b'{"a":' * 2000, BASIC, 400),
        ("batch", b"{}", {}, 401),
        ("batch", b'{"batch": [], "writeKey": "x"}', {}, 401),
        ("batch", b'{"batch": [], "writeKey": {"w": 1}}', {"Authorization": "Basic !"}, 401),
        ("shout", b"{}", BASIC, 404),
        ("batch", b" " * (9 << 20), BASIC, 400),
        ("batch", gzip.compress(b" " * (9 << 20)), BASIC, 400),
        ("batch", gzip.compress(b" " * (9 << 20)), BASIC | {"Content-Encoding": "gzip"}, 400),
        ("batch", json.dumps(batch(*[message(n) for n in range(2501)])).encode(), BASIC, 400),
        ("batch", json.dumps(batch(*[message(n, note="x" * 30_000) for n in range(18)])).encode(), BASIC, 400),
        ("track", json.dumps(message(note="x" * 33_000)).encode(), BASIC, 400),
    ],
)
def test_refusals_have_a_code_and_a_message(
    client: TestClient, services: Services, call: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = send(client, body, call, headers)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["success"] is False
    assert told["code"]
    assert told["message"]
    assert stored(services.log) == {}


def test_limits_let_in_what_lies_within(client: TestClient, services: Services) -> None:
    small = [message(n, properties={}) for n in range(2500)]
    assert send(client, batch(*small)).status_code == 200
    assert send(client, batch(message(5000, properties={"note": "x" * 32_000}))).status_code == 200
    assert len(stored(services.log)["actions"]) == 2501


def test_rudderstacks_clients_have_limits_of_their_own(client: TestClient, services: Services) -> None:
    large = [message(n, channel="server", properties={"note": "x" * 100_000}) for n in range(40)]
    assert send(client, batch(*large)).status_code == 200
    assert len(stored(services.log)["actions"]) == 40


def test_what_is_no_event_is_kept_and_the_others_go_on(client: TestClient, services: Services) -> None:
    found = [
        7, "x", None, {"type": "shout", "anonymousId": "a"}, message(1, anonymousId=None), message(2, event=None),
        message(3, timestamp="yesterday"), message(4, properties={"note": "x" * 33_000}),
    ]  # fmt: skip
    deep: Any = {}
    for _ in range(400):
        deep = {"a": deep}
    answer = send(client, batch(*found, message(5, properties=deep), message(6)))
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [each["id"] for each in stored(services.log)["actions"]] == ["m-6"]
    kept = client.get("/api/rejections", headers=READ).json()
    assert kept["total"] == len(found) + 1
    words = " ".join(error["message"] for each in kept["items"] for error in each["errors"])
    for reason in ("no object", "'shout'", "neither userId nor anonymousId", "missing", "neither RFC 3339", "KiB"):
        assert reason in words


def test_ids_may_be_null_and_times_without_a_zone(client: TestClient, services: Services) -> None:
    told = message(1, anonymousId=None, userId="u-1", timestamp="2026-01-31T09:00:00", sentAt=None)
    assert send(client, batch(told)).status_code == 200
    (action,) = stored(services.log)["actions"]
    assert (action["occurred_at"], action["visitor_id"]) == ("2026-01-31T09:00:00Z", "user:u-1")


def test_the_requests_context_is_merged_into_each_message(client: TestClient, services: Services) -> None:
    shared = {"campaign": {"source": "vk", "medium": "social"}, "dealer": "North"}
    own = {"campaign": {"source": "yandex"}}
    send(client, batch(message(1, type="page"), message(2, type="page", context=own), context=shared))
    first, second = stored(services.log)["touches"]
    assert (first["source"], first["medium"], first["dealer"]) == ("vk", "social", "North")
    assert (second["source"], second["medium"], second["dealer"]) == ("yandex", "social", "North")


def test_a_message_that_comes_again_counts_once(client: TestClient, services: Services) -> None:
    send(client, batch(message(1), message(1), sentAt="2026-01-31T09:00:01Z"))
    send(client, batch(message(1), sentAt="2026-01-31T09:00:59Z"))
    assert len(stored(services.log)["actions"]) == 1
    send(client, batch(message(1, properties={"colour": "red"})))
    assert len(stored(services.log)["actions"]) == 2, "a changed message is another version"


def test_a_log_that_fails_halfway_doubles_nothing(services: Services) -> None:
    """The events of one request go into several topics: those that were durable already are not written again."""
    services.__dict__["log"] = Ailing(services.log, 2, topics=["touches", "deals"])
    told = batch(message(1, event="Order Completed"), message(2, type="page"), message(3, type="identify"))
    with TestClient(create_app(services)) as client:
        for _ in range(2):
            answer = send(client, told)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert answer.json()["code"] == "log_unavailable"
        assert send(client, told).status_code == 200
    assert {family: len(events) for family, events in stored(services.log).items()} == {
        "touches": 1, "deals": 1, "actions": 1, "profiles": 1,
    }  # fmt: skip


def test_more_than_can_be_done_is_told_to_wait(services: Services) -> None:
    services.environment.max_requests = 1
    entered, release = threading.Event(), threading.Event()
    append = services.log.append

    def slow(topic: str, records: Sequence[NewRecord]) -> None:
        entered.set()
        release.wait(30)
        append(topic, records)

    services.log.append = slow  # type: ignore[method-assign]
    with listening(services) as host, ThreadPoolExecutor() as pool:
        first = pool.submit(httpx.post, f"{host}/v1/track", json=message(1), headers=BASIC)
        assert entered.wait(30)
        second = httpx.post(f"{host}/v1/track", json=message(2), headers=BASIC, timeout=60)
        assert (second.status_code, second.headers["Retry-After"], second.json()["code"]) == (429, "1", "busy")
        release.set()
        assert first.result().status_code == 200
        assert httpx.post(f"{host}/v1/track", json=message(2), headers=BASIC, timeout=60).status_code == 200
    assert len(stored(services.log)["actions"]) == 2


def test_own_names_come_from_the_settings(tmp_path: Path) -> None:
    own = {"Заявка": "lead:messenger"}
    lay_warehouse(tmp_path)
    services = Services(read_settings(data=tmp_path, write_key="w", api_key="r", track_events=own, _env_file=None))
    with TestClient(create_app(services)) as client:
        send(client, batch(message(1, event="заявка")))
        assert stored(services.log)["leads"][0]["kind"] == "messenger"
    services.close()


def test_a_meaning_that_there_is_not_stops_the_service(tmp_path: Path) -> None:
    ran = closedloop_process(tmp_path, "serve", CLOSEDLOOP_TRACK_EVENTS='{"Paid": "deal:paid"}', CLOSEDLOOP_PORT="0")
    assert ran.code == 1
    assert "'Paid' cannot mean 'deal:paid'" in ran.problems
