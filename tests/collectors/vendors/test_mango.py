"""Mango Office: signed events of calls."""

import hashlib
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from collectors.sources.source import Source
from tests.collectors.vendors.desk import Desk

KEY, SALT = "testapikey000000000000000000000001", "testsalt00000000000000000000000001"
SIGNED_SUMMARY = (
    "vpbx_api_key=testapikey000000000000000000000001"
    "&sign=c6781c53d7f0d6c29e0c9c5a6ddbbf5ef69ca255c320ec91ba550d31cf4434e6"
    "&json=%7B%22entry_id%22%3A%22MTIzNDU2Nzg5OjE%3D%22%2C%22call_direction%22%3A1%2C%22from%22%3A%7B%22number%22%3A%22"
    "79000000001%22%7D%2C%22to%22%3A%7B%22extension%22%3A%22101%22%2C%22number%22%3A%22sip%3Asales%40dealer.mangosip.ru"
    "%22%7D%2C%22line_number%22%3A%2274950000001%22%2C%22create_time%22%3A1735689600%2C%22forward_time%22%3A1735689605"
    "%2C%22talk_time%22%3A1735689612%2C%22end_time%22%3A1735689700%2C%22entry_result%22%3A1%2C%22disconnect_reason%22"
    "%3A1110%2C%22sip_call_id%22%3A%22a1b2c3%22%7D"
)
SUMMARY: dict[str, Any] = {
    "entry_id": "e", "call_direction": 1, "from": {"number": "79000000001"}, "to": {"extension": 101},
    "line_number": "74950000001", "create_time": 1735689600, "forward_time": 1735689605, "talk_time": 1735689612,
    "end_time": 1735689700, "entry_result": 1,
}  # fmt: skip


def connected(desk: Desk, **settings: str) -> Source:
    return desk.connect("mango", secrets={"api_key": KEY, "api_salt": SALT}, settings=settings)


def signed(told: dict[str, Any]) -> str:
    text = orjson.dumps(told).decode()
    sign = hashlib.sha256(f"{KEY}{text}{SALT}".encode()).hexdigest()
    return urlencode({"vpbx_api_key": KEY, "sign": sign, "json": text})


def test_the_documented_summary_is_a_call(desk: Desk) -> None:
    source = connected(desk)
    assert desk.deliver(source, SIGNED_SUMMARY, path="events/summary").status_code == 200
    desk.read()
    assert desk.events("calls") == [
        {
            "id": "north:call:MTIzNDU2Nzg5OjE=", "started_at": "2025-01-01T00:00:00Z", "caller": "+79000000001",
            "called": "+74950000001", "status": "answered", "duration_s": 100, "talk_s": 88, "waiting_s": 12,
            "operator": "101",
            "properties": {"disconnect_reason": 1110, "sip_call_id": "a1b2c3", "collected_from": "north"},
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body", [SIGNED_SUMMARY.replace("sign=c", "sign=d"), SIGNED_SUMMARY.replace("1110", "1111"), "json=%7B%7D", ""]
)
def test_a_wrong_signature_is_refused_and_nothing_is_kept(desk: Desk, body: str) -> None:
    source = connected(desk)
    answer = desk.deliver(source, body, path="events/summary")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_allowed"
    desk.read()
    assert desk.events("calls") == []
    assert "refused" in desk.state(source).error


def test_the_same_summary_twice_is_one_call(desk: Desk) -> None:
    source = connected(desk)
    for _ in range(2):
        desk.deliver(source, SIGNED_SUMMARY, path="events/summary")
    desk.read()
    assert len(desk.events("calls")) == 1


def test_nobody_talked_so_it_was_missed_whatever_the_result_says(desk: Desk) -> None:
    desk.deliver(connected(desk), signed(SUMMARY | {"talk_time": 0}), path="events/summary")
    desk.read()
    (call,) = desk.events("calls")
    assert (call["status"], call["waiting_s"]) == ("missed", 100)
    assert call["talk_s"] == 0


def test_events_of_a_call_under_way_and_outgoing_calls_are_no_calls(desk: Desk) -> None:
    source = connected(desk)
    for seq in (2, 1):
        desk.deliver(source, signed({"entry_id": "e", "seq": seq, "call_state": "Connected"}), path="events/call")
    desk.deliver(source, signed(SUMMARY | {"call_direction": 2}), path="events/summary")
    desk.read()
    assert desk.events("calls") == []
    assert desk.rejections() == []


def test_times_that_are_ahead_are_set_right(desk: Desk) -> None:
    desk.deliver(connected(desk, offset_hours="3"), signed(SUMMARY), path="events/summary")
    desk.read()
    assert desk.events("calls")[0]["started_at"] == "2024-12-31T21:00:00Z"


def test_unknown_fields_do_no_harm_and_a_missing_one_is_told(desk: Desk) -> None:
    source = connected(desk)
    desk.deliver(source, signed(SUMMARY | {"new": {"deep": [1]}}), path="events/summary")
    desk.deliver(source, signed({"call_direction": 1}), path="events/summary")
    desk.read()
    assert len(desk.events("calls")) == 1
    (rejected,) = desk.rejections()
    assert rejected.family == "deliveries"
