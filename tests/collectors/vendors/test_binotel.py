"""Binotel: bracketed forms that it repeats until it likes the answer, and its list of calls."""

from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.responses import JSONResponse

from collectors.sources.source import Source
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_api import Asked, FakeApi
from tests.collectors.vendors.golden import expected, golden

COMPLETED = golden("binotel/completed.txt").decode()
PAIRS = dict(parse_qsl(COMPLETED, keep_blank_values=True))
DETAILS: dict[str, Any] = {
    "companyID": "10001", "generalCallID": "5000000001", "callID": "5000000002", "startTime": "1735725600",
    "callType": "0", "internalNumber": "901", "externalNumber": "0500000001", "waitsec": "7", "billsec": "62",
    "disposition": "ANSWER", "recordingStatus": "uploaded", "isNewCall": "1", "whoHungUp": "external",
    "customerData": [], "employeeData": {"name": "Олена Тестова", "email": "olena@example.com"},
    "pbxNumberData": {"number": "0440000001", "name": "Сайт"},
    "linkToCallRecordInMyBusiness": "https://my.binotel.ua/?module=history&call=5000000001",
}  # fmt: skip


def connected(desk: Desk, **settings: str) -> Source:
    told = {"history_days": "18", **settings}
    return desk.connect(
        "binotel", settings=told, secrets={"key": "key", "secret": "secret"}, timezone="Europe/Kyiv"
    )  # fmt: skip


def completed(**changed: str) -> str:
    return urlencode(PAIRS | {f"callDetails[{name}]": value for name, value in changed.items()})


def test_the_documented_call_is_a_call_and_gets_the_answer_it_wants(january: Desk) -> None:
    answer = january.deliver(connected(january), COMPLETED)
    assert (answer.status_code, answer.json()) == (200, {"status": "success"})
    january.read()
    assert january.events("calls") == expected("binotel/completed")


def test_further_attempts_are_the_same_call(january: Desk) -> None:
    source = connected(january)
    for attempt in range(1, 4):
        january.deliver(source, urlencode(PAIRS | {"attemptsCounter": str(attempt)}))
    january.read()
    assert january.events("calls") == expected("binotel/completed")


@pytest.mark.parametrize("kind", ["apiCallSettings", "gettingCallSettings"])
def test_who_calls_is_answered_at_once_and_makes_no_call(january: Desk, kind: str) -> None:
    body = urlencode({"requestType": kind, "companyID": "10001", "externalNumber": "0500000001", "callType": "0"})
    answer = january.deliver(connected(january), body)
    assert answer.json() == {"customerData": {}}
    january.read()
    assert january.events("calls") == []
    assert january.rejections() == []


@pytest.mark.parametrize(("disposition", "status"), [
    ("TRANSFER", "answered"), ("BUSY", "busy"), ("NOANSWER", "missed"), ("CANCEL", "missed"), ("VM-SUCCESS", "missed"),
    ("CONGESTION", "failed"), ("ANEW", "answered"),
])  # fmt: skip
def test_what_its_dispositions_mean(january: Desk, disposition: str, status: str) -> None:
    january.deliver(connected(january), completed(disposition=disposition))
    january.read()
    assert january.events("calls")[0]["status"] == status


def test_a_call_of_an_employee_is_outgoing(january: Desk) -> None:
    january.deliver(connected(january), completed(callType="1"))
    january.read()
    (call,) = january.events("calls")
    (incoming,) = expected("binotel/completed")
    assert (call["direction"], call["called"], call["caller"]) == ("out", incoming["caller"], incoming["called"])


def test_calls_under_way_and_between_employees_are_none(january: Desk) -> None:
    source = connected(january)
    january.deliver(source, completed(callType="2"))
    january.deliver(source, completed(disposition="ONLINE"))
    january.deliver(source, "")
    january.read()
    assert january.events("calls") == []
    assert january.rejections() == []


def test_marks_of_its_call_tracking(january: Desk) -> None:
    tracking = {"utm_source": "google", "utm_medium": "cpc", "gaClientId": "111.222", "anew": "1"}
    body = completed() + "&" + urlencode({f"callDetails[callTrackingData][{k}]": v for k, v in tracking.items()})
    january.deliver(connected(january), body)
    january.read()
    (call,) = january.events("calls")
    assert (call["source"], call["medium"], call["visitor_id"]) == ("google", "cpc", "111.222")


def test_what_is_missing_is_told(january: Desk) -> None:
    source = connected(january)
    january.deliver(source, completed(generalCallID="", startTime=""))
    january.deliver(source, "requestType=anew")
    january.read()
    problems = {(each.family, error.field) for each in january.rejections() for error in each.errors}
    assert problems == {("calls", "id"), ("calls", "started_at"), ("deliveries", "")}


def test_the_webhook_and_the_list_make_one_call(january: Desk) -> None:
    with serving_fake(FakeApi(listing).app) as address:
        source = connected(january, base_url=address)
        january.deliver(source, COMPLETED)
        january.read()
        assert january.pull(source).error == ""
    assert january.events("calls") == expected("binotel/completed")


def listing(asked: Asked) -> JSONResponse:
    told = asked.json()
    there = told["startTime"] <= int(DETAILS["startTime"]) <= told["stopTime"]
    return JSONResponse({"status": "success", "callDetails": {"5000000001": DETAILS} if there else []})


def test_a_day_of_25_hours_is_asked_for_in_two_parts(january: Desk) -> None:
    api = FakeApi(lambda _: JSONResponse({"status": "success", "callDetails": []}))
    with serving_fake(api.app) as address:
        january.pull(connected(january, base_url=address, history_days="84"))
    spans = [(told["startTime"], told["stopTime"]) for told in (asked.json() for asked in api.asked)]
    assert len(spans) == 86
    assert all(stop - start < 24 * 3600 for start, stop in spans)
    assert all(after[0] == before[1] + 1 for before, after in pairwise(spans))


@pytest.mark.parametrize(("message", "told"), [
    ("Too many requests", "asks to wait"), ("Invalid key", "refuses the request: Invalid key"),
])  # fmt: skip
def test_an_error_with_status_200_is_one_all_the_same(january: Desk, message: str, told: str) -> None:
    api = FakeApi(lambda _: JSONResponse({"status": "error", "code": "1", "message": message}))
    with serving_fake(api.app) as address:
        assert told in january.pull(connected(january, base_url=address)).error
