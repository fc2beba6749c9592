"""CallRail: signed webhooks that come again when a call is changed, and its list of calls."""

from typing import Any

import orjson
import pytest
from starlette.responses import JSONResponse

from collectors.sources.source import Source
from collectors.vendors.callrail import signature
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_api import FakeApi
from tests.collectors.vendors.golden import expected, golden, golden_json

KEY = "callrailtestkey"  # of the documented sample
CALL: dict[str, Any] = golden_json("callrail/call.json")
FORM: dict[str, Any] = {
    "resource_id": "FRM1", "submitted_at": "2025-01-17T10:52:05.000-05:00", "customer_name": "TEST IVAN",
    "customer_email": "ivan@example.com", "customer_phone_number": "+12025550123", "form_url": "https://dealer.example/",
    "form_data": {"model": "SUV"}, "utm_source": "google", "medium": "cpc", "session_uuid": "u-1", "gclid": "Cj0",
}  # fmt: skip


def connected(desk: Desk, **settings: str) -> Source:
    told = {"account": "ACC1", "history_days": "1", **settings}
    return desk.connect(
        "callrail", settings=told, secrets={"signing_key": KEY, "api_key": "key"}, timezone="America/New_York"
    )


def deliver(desk: Desk, source: Source, told: Any) -> None:
    body = orjson.dumps(told)
    headers = {"Signature": signature(KEY, body), "content-type": "application/json"}
    assert desk.deliver(source, body, headers=headers).status_code == 200


def test_the_documented_vector() -> None:
    body = b'{"resource_id":"CAL0190000000000000000000000000001","answered":true}'
    assert signature(KEY, body) == "Cz/sl2odmma+yD8qLYCBPkwbWBQ="


def test_the_documented_call_is_a_call(january: Desk) -> None:
    body = golden("callrail/call.json")
    assert january.deliver(connected(january), body, headers={"Signature": signature(KEY, body)}).status_code == 200
    january.read()
    assert january.events("calls") == expected("callrail/call")


@pytest.mark.parametrize("signed", [None, "", "Cz/sl2odmma+yD8qLYCBPkwbWBQ="])
def test_a_wrong_signature_is_refused_and_nothing_is_kept(january: Desk, signed: str | None) -> None:
    source = connected(january)
    headers = {} if signed is None else {"Signature": signed}
    assert january.deliver(source, golden("callrail/call.json"), headers=headers).status_code == 401
    january.read()
    assert january.events("calls") == []


def test_a_changed_call_replaces_itself(january: Desk) -> None:
    source = connected(january)
    deliver(january, source, CALL | {"answered": None, "duration": None})
    deliver(january, source, CALL)
    deliver(january, source, CALL | {"tags": [{"name": "test drive"}, "hot"], "lead_status": "not_a_lead", "anew": [1]})
    january.read()
    (call,) = january.events("calls")
    assert call["tags"] == ["test drive", "hot"]
    assert call["properties"]["lead_status"] == "not_a_lead"


def test_the_list_has_the_last_word(january: Desk) -> None:
    row = {name: value for name, value in CALL.items() if name != "resource_id"} | {"id": CALL["resource_id"]}
    api = FakeApi(lambda _: JSONResponse({"page": 1, "total_pages": 1, "calls": [row]}))
    with serving_fake(api.app) as address:
        source = connected(january, base_url=address)
        deliver(january, source, CALL | {"lead_status": "not_scored"})
        january.read()
        assert january.pull(source).error == ""
    assert january.events("calls") == expected("callrail/call")
    assert {"gclid", "utm_source", "tags"} <= set(api.asked[0].query["fields"].split(","))


@pytest.mark.parametrize(("changed", "status"), [
    ({"answered": False}, "missed"), ({"answered": True, "voicemail": True}, "missed"), ({}, "answered"),
])  # fmt: skip
def test_answered_and_missed(january: Desk, changed: dict[str, Any], status: str) -> None:
    deliver(january, connected(january), CALL | changed)
    january.read()
    assert january.events("calls")[0]["status"] == status


def test_a_source_without_marks_counts(january: Desk) -> None:
    bare = CALL | {"utm_source": None, "utm_medium": None, "utm_campaign": None}
    deliver(january, connected(january), bare)
    january.read()
    (call,) = january.events("calls")
    assert (call["source"], call["medium"], call["campaign"]) == ("Google Ads", "cpc", "brand")


def test_a_form_is_a_lead(january: Desk) -> None:
    deliver(january, connected(january), FORM)
    january.read()
    assert january.events("leads") == [
        {
            "id": "north:lead:FRM1", "created_at": "2025-01-17T15:52:05Z", "kind": "form", "name": "TEST IVAN",
            "email": "ivan@example.com", "phone": "+12025550123", "session_id": "callrail:u-1", "source": "google",
            "medium": "cpc",
            "properties": {
                "form_url": "https://dealer.example/", "form_data": {"model": "SUV"}, "gclid": "Cj0",
                "collected_from": "north",
            },
        }
    ]  # fmt: skip


def test_a_call_of_an_employee_is_outgoing(january: Desk) -> None:
    source = connected(january)
    deliver(january, source, CALL | {"direction": "outbound"})
    january.read()
    (call,) = january.events("calls")
    assert (call["direction"], call["called"]) == ("out", CALL["customer_phone_number"])


def test_text_messages_are_no_calls_and_what_is_missing_is_told(january: Desk) -> None:
    source = connected(january)
    deliver(january, source, {"resource_id": "SMT1", "content": "Hello"})
    deliver(january, source, {"answered": True})
    deliver(january, source, [1])
    january.read()
    assert january.events("calls") == []
    problems = {(each.family, error.field) for each in january.rejections() for error in each.errors}
    assert problems == {("calls", "id"), ("calls", "started_at"), ("calls", "called"),
                        ("deliveries", "")}  # fmt: skip
