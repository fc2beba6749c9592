"""`POST /collect/{family}`: what is taken, what is refused, and in which words."""

import gzip
import io
import json
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from infra.log.base import EventLog

WRITE = {"Authorization": "Bearer w"}
READ = {"Authorization": "Bearer r"}


def lead(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id": f"l-{number}", "created_at": "2026-01-31T09:00:00+03:00", "kind": "form"} | fields


def send(client: TestClient, body: object, family: str = "leads", **more: Any) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(f"/collect/{family}", content=content, headers=WRITE | more.pop("headers", {}), **more)


def stored(log: EventLog, family: str = "leads") -> list[dict[str, Any]]:
    consumer = log.consumer("test", [family])
    try:
        return [json.loads(line) for record in consumer.poll(0.2, 10**6) for line in record.value.split(b"\n")]
    finally:
        consumer.close()


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(lead()).encode(),
        json.dumps([lead()]).encode(),
        json.dumps(lead()).encode() + b"\n",
        b"\xef\xbb\xbfid,created_at,kind\nl-1,2026-01-31T09:00:00+03:00,form\n",
        "id;created_at;kind;name\nl-1;31.01.2026 09:00;form;Иван\n".encode("cp1251"),
        "id\tcreated_at\tkind\nl-1\t2026-01-31 09:00\tform\n".encode("utf-16"),
    ],
)
def test_every_format_is_taken(client: TestClient, services: Services, body: bytes) -> None:
    answer = send(client, body)
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert stored(services.log)[0]["created_at"] == "2026-01-31T06:00:00Z"


def test_a_workbook_is_taken_with_its_dates(client: TestClient, services: Services) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["date", "cost", "source", "clicks"])
    sheet.append(["01.02.2026", "1 234,50", "yandex", 7])
    buffer = io.BytesIO()
    book.save(buffer)
    assert send(client, buffer.getvalue(), "spend").json()["accepted"] == 1
    row = stored(services.log, "spend")[0]
    assert (row["from"], row["to"], row["cost"], row["clicks"]) == ("2026-02-01", "2026-02-01", "1234.5000", 7)


def test_gzip_is_unpacked(client: TestClient) -> None:
    body = gzip.compress(json.dumps(lead()).encode())
    assert send(client, body, headers={"Content-Encoding": "gzip"}).json()["accepted"] == 1


@pytest.mark.parametrize(
    ("fields", "field", "word"),
    [
        ({"created_at": "2026-01-31T09:00:00"}, "created_at", "no zone"),
        ({"created_at": "1990-01-01T00:00:00Z"}, "created_at", "before"),
        ({"created_at": "2090-01-01T00:00:00Z"}, "created_at", "future"),
        ({"created_at": 12}, "created_at", "text"),
        ({"kind": "fax"}, "kind", "form"),
        ({"kind": None}, "kind", "missing"),
        ({"id": ""}, "id", "missing"),
        ({"name": ["a"]}, "name", "text"),
        ({"name": "a\x00b"}, "name", "NUL"),
        ({"properties": "x"}, "properties", "object"),
        ({"note": "x" * 1_000_000}, "", "KiB"),
    ],
)
def test_a_wrong_field_is_rejected_and_kept(client: TestClient, fields: dict[str, Any], field: str, word: str) -> None:
    answer = send(client, [lead(1), lead(2, **fields)])
    assert answer.status_code == 202
    found = answer.json()
    assert found["accepted"] == 1
    assert found["rejected"][0]["index"] == 1
    assert found["rejected"][0]["errors"][0]["field"] == field
    assert word in found["rejected"][0]["errors"][0]["message"]
    kept = client.get("/api/rejections", headers=READ).json()
    assert kept["total"] == 1
    assert json.loads(kept["items"][0]["item"]).get("id", "") in ("l-2", "")


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"cost": -1}, "negative"),
        ({"currency": "XXQ"}, "ISO 4217"),
        ({"cost": "x"}, "number"),
    ],
)
def test_wrong_money_is_rejected(client: TestClient, fields: dict[str, Any], word: str) -> None:
    answer = send(client, {"date": "2026-01-31", "cost": 1} | fields, "spend").json()
    assert word in answer["rejected"][0]["errors"][0]["message"]


def test_a_repaired_rejection_is_replayed_once(client: TestClient) -> None:
    key = send(client, lead(1, kind="fax")).json()["rejected"][0]["id"]
    again = client.post(f"/api/rejections/{key}/replay", json=lead(1), headers=WRITE)
    assert again.json()["accepted"] == 1
    assert client.get("/api/rejections", headers=READ).json()["total"] == 0


@pytest.mark.parametrize(
    ("family", "body", "status"),
    [("leads", b"{broken", 400), ("leads", b"", 400), ("leads", b"{a}\n{b}", 400), ("faxes", b"{}", 404)],
)
def test_what_is_no_event_at_all(client: TestClient, family: str, body: bytes, status: int) -> None:
    answer = send(client, body, family, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message", "where", "help"}


def test_a_wrong_key_is_told(client: TestClient) -> None:
    answer = client.post("/collect/leads", content=b"{}", headers={"Authorization": "Bearer no"})
    assert answer.status_code == 401
    assert "write key" in answer.json()["error"]["message"]


def test_too_large_a_body_is_told(client: TestClient, services: Services) -> None:
    services.environment.max_body_mb = 1
    bomb = gzip.compress(b" " * 3 * 1024**2)
    assert send(client, b" " * 3 * 1024**2).status_code == 413
    assert send(client, bomb, headers={"Content-Encoding": "gzip"}).status_code == 413


def test_the_same_request_twice_counts_once(client: TestClient) -> None:
    assert send(client, [lead(1), lead(1)]).json() == {"accepted": 1, "duplicates": 1, "rejected": []}
    assert send(client, lead(1)).json()["duplicates"] == 1
    assert send(client, lead(1, status="junk")).json()["accepted"] == 1
    assert send(client, lead(1)).json()["accepted"] == 1, "a change taken back is a change"


@pytest.mark.parametrize(
    "phone",
    ["+7 900 000-00-01", "8 (900) 000-00-01", "89000000001", "9000000001", "7.9000000001E+10", "79000000001.0",
     "+7 900 000 00 01 доб. 12", "007 900 000 00 01", "+7(900)0000001", " 8-900-000-00-01 "],
)  # fmt: skip
def test_phones_are_kept_in_e164(client: TestClient, services: Services, phone: str) -> None:
    send(client, lead(1, phone=phone, email=" Ivan@Example.COM "))
    row = stored(services.log)[0]
    assert (row["phone"], row["email"]) == ("+79000000001", "ivan@example.com")


@pytest.mark.parametrize("text", ["🚗 new car", "سيارة جديدة", "\u202eabc", "a\nb"])
def test_every_script_is_kept(client: TestClient, services: Services, text: str) -> None:
    send(client, lead(1, name=text, own_field=text, phone="anonymous"))
    row = stored(services.log)[0]
    assert row["name"] == text.strip()
    assert row["properties"] == {"own_field": text, "unread_phone": "anonymous"}


def test_a_visit_is_read_from_its_address(client: TestClient, services: Services) -> None:
    url = "https://d.example/?UTM_Source=yandex&utm_source=vk&utm_campaign=%EF%F0%E0%E9%F1&utm_term={keyword}&yclid=12"
    send(client, {"id": "t", "occurred_at": "2026-01-31T09:00:00Z", "visitor_id": "v", "url": url}, "touches")
    row = stored(services.log, "touches")[0]
    assert (row["source"], row["campaign"], row["click_ids"]) == ("yandex", "прайс", {"yclid": "12"})
    assert "term" not in row
