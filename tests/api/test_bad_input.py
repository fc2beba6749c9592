"""Whatever is sent: never an error of ours, every item accounted for, and a reason that names its place."""

import gzip
import json
import random
import zlib
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.bootstrap import Services
from collectors.events import FAMILIES
from tests.api.test_collect import READ, WRITE, lead, send, stored
from tests.collectors.readings import SMALLEST

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SEND_MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@st.composite
def _almost_events(draw: st.DrawFn, family: str) -> dict[str, Any]:
    """Events of the family, some of whose fields hold anything."""
    names = [field.alias or name for name, field in FAMILIES[family].model_fields.items()]
    odd = draw(st.dictionaries(st.sampled_from(names) | st.text(), _JSON, max_size=4))
    return SMALLEST[family] | odd


@pytest.mark.parametrize("family", FAMILIES)
@_SEND_MANY
@given(data=st.data())
def test_every_item_is_accounted_for(client: TestClient, family: str, data: st.DataObject) -> None:
    items = data.draw(st.lists(_JSON | _almost_events(family), max_size=6))
    answer = send(client, items, family)
    if answer.status_code == 400:
        assert "JSON" in answer.json()["error"]["message"]
        return
    assert answer.status_code == 202, answer.text
    found = answer.json()
    assert found["accepted"] + found["duplicates"] + len(found["rejected"]) == len(items)
    assert [each["index"] for each in found["rejected"]] == sorted({each["index"] for each in found["rejected"]})
    assert all(error["message"] for each in found["rejected"] for error in each["errors"])


@_SEND_MANY
@given(
    body=st.binary(max_size=200),
    said=st.sampled_from(["", "text/csv", "application/json", "application/x-ndjson", _WORKBOOK]),
)
def test_any_body_is_answered(client: TestClient, body: bytes, said: str) -> None:
    answer = send(client, body, headers={"Content-Type": said})
    assert answer.status_code in (202, 400, 422)
    if answer.status_code != 202:
        assert answer.json()["error"]["message"].endswith(".")


@pytest.mark.parametrize("value", [[1, 2], "text", 5, 1.5, True, None, [[{"id": 1}]]])
def test_what_is_no_object_is_rejected_in_its_place(client: TestClient, value: object) -> None:
    found = send(client, [lead(1), value, lead(2)]).json()
    assert found["accepted"] == 2
    assert found["rejected"][0]["index"] == 1
    assert found["rejected"][0]["errors"][0]["message"].startswith("an event is a JSON object, and this is ")


def test_nesting_without_end_is_refused_as_a_whole(client: TestClient) -> None:
    deep = "[" * 600 + "]" * 600
    for body in (f"[{json.dumps(lead(1))}, {deep}]", json.dumps(lead(1))[:-1] + f', "own": {deep}}}'):
        answer = send(client, body.encode())
        assert answer.status_code == 400
        assert "neither taken nor kept" in answer.text or "nested too deep" in answer.text
    assert client.get("/api/rejections", headers=READ).json()["total"] == 0


def test_ndjson_with_blank_lines_and_a_broken_one(client: TestClient) -> None:
    good, other = json.dumps(lead(1)), json.dumps(lead(2))
    found = send(
        client, f"\r\n{good}\r\n\r\n  \n{{broken\n{other}".encode(), headers={"Content-Type": "application/x-ndjson"}
    )
    assert found.json()["accepted"] == 2
    (rejected,) = found.json()["rejected"]
    assert rejected["index"] == 1
    assert rejected["errors"][0]["message"].startswith("the line is no JSON: ")
    assert client.get("/api/rejections", headers=READ).json()["items"][0]["item"] == "{broken"


def test_a_line_in_windows_1251_is_kept_readable(client: TestClient) -> None:
    line = '{"id": "1", "name": "Иван"}'.encode("cp1251")
    send(client, json.dumps(lead(1)).encode() + b"\n" + line)
    assert client.get("/api/rejections", headers=READ).json()["items"][0]["item"] == '{"id": "1", "name": "Иван"}'


@pytest.mark.parametrize(
    ("body", "said", "words"),
    [
        (b"hello", "", "None of the columns is a field of leads: hello."),
        ("имя;телефон\nИван;1".encode(), "text/csv", "None of the columns is a field of leads: имя, телефон."),
        (b"\xef\xbb\xbf \r\n", "text/csv", "The body is empty."),
        (b"PAR1....", "", "This is Parquet, which is not read here."),
        (b"PK\x03\x04", "", "This is no XLSX workbook"),
        (b"{broken", "application/x-ndjson", "The body is no JSON."),
        (b"{broken", "", "This is no JSON: "),
    ],
)
def test_a_body_that_holds_no_event_is_refused_in_words(client: TestClient, body: bytes, said: str, words: str) -> None:
    answer = send(client, body, headers={"Content-Type": said})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["message"].startswith(words)
    assert answer.json()["error"]["help"]


@pytest.mark.parametrize(("encoding", "word"), [("br", "'br' is not understood"), ("gzip, br", "not understood")])
def test_an_unknown_packing_is_refused(client: TestClient, encoding: str, word: str) -> None:
    answer = send(client, lead(1), headers={"Content-Encoding": encoding})
    assert answer.status_code == 400
    assert word in answer.json()["error"]["message"]


def test_gzip_of_several_members_is_whole(client: TestClient) -> None:
    members = b"".join(gzip.compress(json.dumps(lead(number)).encode() + b"\n") for number in range(3))
    assert send(client, members, headers={"Content-Encoding": "GZIP"}).json()["accepted"] == 3


def test_gzip_that_breaks_off_or_is_none_is_refused(client: TestClient, services: Services) -> None:
    lines = "\n".join(json.dumps(lead(number, name=random.Random(number).randbytes(40).hex())) for number in range(500))
    packed = gzip.compress(lines.encode())
    for body, words in (
        (packed[:-5000], "breaks off"),
        (b"no gzip", "is no gzip"),
        (zlib.compress(b"x"), "is no gzip"),
    ):
        answer = send(client, body, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 400
        assert words in answer.json()["error"]["message"]
    assert stored(services.log) == []


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer w", 202), ("bearer  w ", 202), ("Basic dzo=", 202), ("Bearer r", 401), ("", 401), ("Basic !", 401),
        ("Bearer ключ", 401),
    ],
)  # fmt: skip
def test_keys(client: TestClient, header: str, status: int) -> None:
    headers = {b"Authorization": header.encode()} if header else {}
    answer = client.post("/collect/leads", json=lead(1), headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["error"]["code"] == "not_allowed"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_unknown_family_lists_the_families(client: TestClient) -> None:
    answer = client.post("/collect/faxes", json={}, headers=WRITE)
    assert answer.status_code == 404
    families = "touches, calls, leads, deals, spend, messages, actions, profiles"
    assert answer.json()["error"]["help"] == f"The families are {families}."


def test_an_unknown_zone_or_rule_is_refused(client: TestClient) -> None:
    body = b"id,created_at,kind\n1,2026-01-31,form\n"
    assert send(client, body, params={"timezone": "Mars/Olympus"}).json()["error"]["where"] == "timezone"
    assert send(client, body, params={"timezone": "../../etc/passwd"}).status_code == 422
    answer = send(client, body, params={"map": ["id=nummer"]})
    assert answer.status_code == 422
    assert answer.json()["error"]["help"] == "The columns are id, created_at, kind."


def test_naive_times_of_json_need_the_requests_zone(client: TestClient, services: Services) -> None:
    naive = lead(1, created_at="2026-01-31T09:00:00")
    assert "no zone" in send(client, naive).text
    assert send(client, naive, params={"timezone": "Asia/Novosibirsk"}).json()["accepted"] == 1
    assert stored(services.log)[0]["created_at"] == "2026-01-31T02:00:00Z"


def test_the_later_version_replaces_the_earlier_in_the_warehouse(client: TestClient, services: Services) -> None:
    for status in ("new", "new", "qualified", "new", "junk"):
        send(client, [lead(1, status=status), lead(2, status=status), lead(2, status=status)])
    send(client, [lead(3, status="new"), lead(3, status="junk")])
    loader = services.new_loader()
    loader.drain()
    loader.close()
    rows = services.warehouse.rows("select id, status from leads final order by id")
    assert rows == [{"id": f"l-{number}", "status": "junk"} for number in (1, 2, 3)]
