"""Ringostat: a webhook of the user's own names, and the export that makes up for what it lost."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from starlette.responses import JSONResponse

from collectors.deliveries import TOPIC, Delivery
from collectors.preset import preset_text
from collectors.sources.source import Source
from tests.collectors.vendors.call_fakes import RingostatFake
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_api import FakeApi
from tests.collectors.vendors.golden import expected, golden, golden_json

CALL: dict[str, Any] = golden_json("ringostat/call.json")
JSON = {"content-type": "application/json"}


def connected(desk: Desk, webhook_key: str = "", **settings: str) -> Source:
    secrets = {"auth_key": "key"} | ({"webhook_key": webhook_key} if webhook_key else {})
    told = {"history_days": "1", "preset": "ringostat", **settings}
    return desk.connect("ringostat", settings=told, secrets=secrets, timezone="Europe/Kyiv")


def test_the_documented_call_is_a_call(january: Desk) -> None:
    january.deliver(connected(january), golden("ringostat/call.json"), headers=JSON)
    january.read()
    assert january.events("calls") == expected("ringostat/call")


def test_as_a_form_it_is_the_same(january: Desk) -> None:
    source = connected(january)
    january.deliver(source, urlencode(CALL))
    january.deliver(source, method="GET", query=urlencode(CALL))
    january.read()
    (call,) = january.events("calls")
    (wanted,) = expected("ringostat/call")
    flags = {"repeated_flag": "0", "has_recording": "1"}
    assert call == wanted | {"properties": wanted["properties"] | flags}


def test_the_header_is_checked_where_one_was_named(january: Desk) -> None:
    source = connected(january, webhook_key="s3cret")
    body = golden("ringostat/call.json")
    for headers in (JSON, JSON | {"Auth-Key": "guessed"}):
        assert january.deliver(source, body, headers=headers).status_code == 401
    assert january.deliver(source, body, headers=JSON | {"Auth-Key": "s3cret"}).status_code == 200
    january.read()
    assert len(january.events("calls")) == 1


def test_the_header_is_not_kept(january: Desk) -> None:
    january.deliver(connected(january, webhook_key="s3cret"), "a=1", headers={"Auth-Key": "s3cret"})
    reader = january.services.log.consumer("look", [TOPIC])
    (record,) = reader.poll(1, 10)
    reader.close()
    assert "auth-key" not in Delivery.from_line(record.value).headers


@pytest.mark.parametrize(("changed", "status"), [
    ({"billsec": 0}, "missed"), ({"billsec": 0, "disposition": "BUSY"}, "missed"), ({"billsec": "5"}, "answered"),
    ({"billsec": None, "disposition": "PROPER"}, "answered"), ({"billsec": None, "disposition": "BUSY"}, "busy"),
    ({"billsec": None, "disposition": "NO ANSWER"}, "missed"),
])  # fmt: skip
def test_a_call_was_missed_where_nobody_talked(january: Desk, changed: dict[str, Any], status: str) -> None:
    january.deliver(connected(january), orjson.dumps(CALL | changed), headers=JSON)
    january.read()
    assert january.events("calls")[0]["status"] == status


def test_phones_are_written_as_the_sources_country_does(january: Desk) -> None:
    local = CALL | {"caller": "0500000001", "dst": "0440000001"}
    january.deliver(connected(january), orjson.dumps(local), headers=JSON)
    january.read()
    (call,) = january.events("calls")
    assert (call["caller"], call["called"]) == ("+380500000001", "+380440000001")
    polish = january.connect(
        "ringostat", key="pl", settings={"country": "pl", "preset": "ringostat"}, secrets={"auth_key": "key"}
    )
    january.deliver(polish, orjson.dumps(CALL | {"dst": "221234567"}), headers=JSON)
    january.read()
    assert {call["called"] for call in january.events("calls")} == {"+380440000001", "+48221234567"}


def test_a_call_of_an_employee_is_outgoing(january: Desk) -> None:
    january.deliver(connected(january), orjson.dumps(CALL | {"call_type": "out"}), headers=JSON)
    january.read()
    assert [call["direction"] for call in january.events("calls")] == ["out"]


@pytest.mark.parametrize("changed", [
    {"call_type": "internal"}, {"disposition": None, "billsec": None, "duration": None},
])  # fmt: skip
def test_calls_within_the_exchange_and_calls_under_way_are_none(january: Desk, changed: dict[str, Any]) -> None:
    january.deliver(connected(january), orjson.dumps(CALL | changed), headers=JSON)
    january.read()
    assert january.events("calls") == []
    assert january.rejections() == []


def test_a_webhook_of_other_names_and_the_export_make_one_call(january: Desk) -> None:
    own = preset_text("ringostat").replace('"billsec"', '"talked"').replace('["uniqueid", "call_id"]', '"number"')
    with serving_fake(FakeApi(export).app) as address:
        source = connected(january, preset=own, base_url=address)
        sent = {"talked" if name == "billsec" else name: value for name, value in CALL.items()}
        sent["number"] = sent.pop("call_id")
        january.deliver(source, orjson.dumps(sent), headers=JSON)
        january.read()
        assert january.events("calls") == expected("ringostat/call")
        assert january.pull(source).error == ""
    assert january.events("calls") == expected("ringostat/call")


def export(_: object) -> JSONResponse:
    row = dict(CALL)
    return JSONResponse([row | {"uniqueid": row.pop("call_id")}])


def test_an_answer_that_is_no_list_and_a_call_without_an_id_are_told(january: Desk) -> None:
    api = FakeApi(RingostatFake().answer)
    api.troubles = {0: JSONResponse({"error": "no rights"})}
    with serving_fake(api.app) as address:
        source = connected(january, base_url=address)
        assert "something other than calls" in january.pull(source).error
    january.deliver(source, orjson.dumps(CALL | {"call_id": None}), headers=JSON)
    january.deliver(source, b"{}", headers=JSON)
    january.read()
    (rejected,) = january.rejections()
    assert [error.field for error in rejected.errors] == ["id"]
