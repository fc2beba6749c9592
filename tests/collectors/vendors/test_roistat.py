"""Roistat: webhooks of calls and of requests, and its lists of both."""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from starlette.responses import JSONResponse, Response

from collectors.sources.source import Source
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_api import Asked, FakeApi
from tests.collectors.vendors.golden import expected, golden, golden_json

CALL: dict[str, Any] = golden_json("roistat/call.json")
JSON = {"content-type": "application/json"}
DEAL = {
    "id": "2", "visit": "100500", "title": "Лид с формы заказать звонок", "text": "", "name": "Иван",
    "phone": "79000000001", "email": "ivan@example.com", "data": '{"model":"SUV"}',
    "created_date": "2025-01-17 15:54:00",
}  # fmt: skip


def connected(desk: Desk, **settings: str) -> Source:
    told = {"project": "7", "history_days": "1", **settings}
    return desk.connect("roistat", settings=told, secrets={"api_key": "key"})


def documented(asked: Asked) -> Response:
    """Both documented answers, in one page each."""
    if asked.path == "/project/proxy-leads":
        assert asked.query["period"] == "2025-01-16-2025-01-18"  # the first day begins in UTC the evening before
        return JSONResponse(golden_json("roistat/proxy_leads.json"))
    return JSONResponse(golden_json("roistat/calls.json"))


def test_the_documented_call_is_a_call(january: Desk) -> None:
    assert january.deliver(connected(january), golden("roistat/call.json"), headers=JSON).status_code == 200
    january.read()
    assert january.events("calls") == expected("roistat/call")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_deal_in_the_query_is_a_lead_whose_time_is_utc(january: Desk, method: str) -> None:
    january.deliver(connected(january), method=method, query=urlencode(DEAL))
    january.read()
    assert january.events("leads") == [
        {
            "id": "north:lead:2", "created_at": "2025-01-17T15:54:00Z", "kind": "form", "name": "Иван",
            "phone": "+79000000001", "email": "ivan@example.com", "visitor_id": "100500",
            "properties": {
                "title": "Лид с формы заказать звонок", "data": '{"model":"SUV"}', "collected_from": "north",
            },
        }
    ]  # fmt: skip


def test_the_lists_have_the_last_word(january: Desk) -> None:
    api = FakeApi(documented)
    with serving_fake(api.app) as address:
        source = connected(january, base_url=address)
        january.deliver(source, golden("roistat/call.json"), headers=JSON)
        january.deliver(source, query=urlencode(DEAL))
        january.read()
        assert january.pull(source).error == ""
    assert january.events("calls") == expected("roistat/calls")
    (lead,) = january.events("leads")
    assert lead["properties"] == {
        "title": "Лид с формы заказать звонок", "order_id": "30012345", "order_fields": {"1100001": "yandex"},
        "collected_from": "north",
    }  # fmt: skip
    assert all(asked.headers["use-http-code"] == "1" for asked in api.asked)


def test_the_beginning_of_a_call_makes_none(january: Desk) -> None:
    source = connected(january)
    for status in ("ACTIVE", None):
        january.deliver(source, orjson.dumps(CALL | {"status": status}), headers=JSON)
    january.read()
    assert january.events("calls") == []
    assert january.rejections() == []


@pytest.mark.parametrize(("told", "status"), [
    ("BUSY", "busy"), ("NOANSWER", "missed"), ("CANCEL", "missed"), ("CHANUNAVAIL", "failed"), ("ANEW", ""),
])  # fmt: skip
def test_what_its_statuses_mean(january: Desk, told: str, status: str) -> None:
    january.deliver(connected(january), orjson.dumps(CALL | {"status": told}), headers=JSON)
    january.read()
    assert january.events("calls")[0].get("status", "") == status


@pytest.mark.parametrize("changed", [{"id": 16769}, {"visit_id": 100500}, {"id": 16769, "visit_id": "100500"}])
def test_ids_are_text_however_they_come(january: Desk, changed: dict[str, Any]) -> None:
    january.deliver(connected(january), orjson.dumps(CALL | changed), headers=JSON)
    january.read()
    assert january.events("calls") == expected("roistat/call")


def test_a_call_that_comes_twice_counts_once_and_a_visit_of_zero_is_none(january: Desk) -> None:
    source = connected(january)
    for _ in range(2):
        january.deliver(source, orjson.dumps(CALL | {"visit_id": "0", "anew": 1}), headers=JSON)
    january.read()
    (call,) = january.events("calls")
    assert "visitor_id" not in call


def test_what_is_neither_is_told_and_an_empty_delivery_is_a_test(january: Desk) -> None:
    source = connected(january)
    january.deliver(source, b"{}", headers=JSON)
    january.deliver(source, method="GET")
    january.deliver(source, b'{"anew": 1}', headers=JSON)
    january.deliver(source, b'{"caller": "79000000001", "status": "ANSWER"}', headers=JSON)
    january.read()
    problems = {(each.family, error.field) for each in january.rejections() for error in each.errors}
    assert problems == {("deliveries", ""), ("calls", "id"), ("calls", "started_at"), ("calls", "called")}


@pytest.mark.parametrize(("error", "told"), [
    ("request_limit_error", "asks to wait"), ("internal_error", "asks to wait"), ("incorrect_request", "refuses"),
])  # fmt: skip
def test_an_error_with_status_200_is_one_all_the_same(january: Desk, error: str, told: str) -> None:
    api = FakeApi(lambda _: JSONResponse({"status": "error", "error": error}))
    with serving_fake(api.app) as address:
        state = january.pull(connected(january, base_url=address))
    assert told in state.error
    assert error in state.error
    assert state.cursor == {}
