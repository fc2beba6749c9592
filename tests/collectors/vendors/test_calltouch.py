"""Calltouch: its webhook, whose names can be changed, its diary of calls and its journal of requests."""

from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.responses import JSONResponse

from collectors.preset import preset_text
from collectors.sources.source import Source
from collectors.vendors.calltouch_journals import call_of
from tests.collectors.vendors.call_fakes import CalltouchFake
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_api import FakeApi
from tests.collectors.vendors.golden import expected, golden, golden_json

WEBHOOK = golden("calltouch/webhook.txt").decode()
PAIRS = dict(parse_qsl(WEBHOOK))
CALL = golden_json("calltouch/diary.json")["records"][0]
REQUEST = golden_json("calltouch/requests.json")[0]


def connected(desk: Desk, **settings: str) -> Source:
    told = {"site_id": "40001", "history_days": "1", "preset": "calltouch", **settings}
    return desk.connect("calltouch", settings=told, secrets={"api_token": "token"})


class OneDay(CalltouchFake):
    """The documented call, and the documented request."""

    requests = (REQUEST,)

    def row(self, number: int) -> dict[str, object]:
        return dict(CALL)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_documented_webhook_is_a_call(january: Desk, method: str) -> None:
    source = connected(january)
    query, body = (WEBHOOK, "") if method == "GET" else ("", WEBHOOK)
    assert january.deliver(source, body, method=method, query=query).status_code == 200
    january.read()
    assert january.events("calls") == expected("calltouch/webhook")
    assert january.rejections() == []


def test_the_webhook_and_the_journals_make_one_call_and_one_request(january: Desk) -> None:
    at = january.services.clock.now().replace(day=17)
    with serving_fake(FakeApi(OneDay({900000001: at}).answer).app) as address:
        source = connected(january, base_url=address)
        january.deliver(source, method="GET", query=WEBHOOK)
        january.read()
        assert january.pull(source).error == ""
    assert january.events("calls") == expected("calltouch/diary")
    assert january.events("leads") == expected("calltouch/requests")


def test_a_webhook_that_comes_after_the_diary_does_not_have_the_last_word(january: Desk) -> None:
    at = january.services.clock.now().replace(day=17)
    with serving_fake(FakeApi(OneDay({900000001: at}).answer).app) as address:
        source = connected(january, base_url=address)
        january.pull(source)
        january.deliver(source, method="GET", query=WEBHOOK)
        january.read()
        january.pull(source)
    assert january.events("calls") == expected("calltouch/diary")


def test_a_diary_that_answers_with_an_array_is_read_too(january: Desk) -> None:
    fake = OneDay({900000001: january.services.clock.now().replace(day=17)})
    fake.bare = True
    with serving_fake(FakeApi(fake.answer).app) as address:
        assert january.pull(connected(january, base_url=address)).error == ""
    assert january.events("calls") == expected("calltouch/diary")


def test_a_request_that_a_webhook_names_is_fetched_from_the_journal(january: Desk) -> None:
    fake = FakeApi(OneDay({}).answer)
    with serving_fake(fake.app) as address:
        source = connected(january, base_url=address)
        january.pull(source)
        january.deliver(source, urlencode({"requestId": "800000001", "phone": "79000000001"}))
        january.read()
        assert [each.key for each in january.services.progress.wanted(source.id)] == ["800000001"]
        assert january.state(source).next_pull_at == january.services.clock.now()
        january.pull(source)
    assert january.services.progress.wanted(source.id) == []
    assert january.events("leads") == expected("calltouch/requests")
    assert january.rejections() == []


@pytest.mark.parametrize(("query", "body"), [
    ("callId={callId}&callerphone={callerphone}&phonenumber={phonenumber}", ""), ("", ""), ("", "{}"),
])  # fmt: skip
def test_the_test_button_makes_no_call(january: Desk, query: str, body: str) -> None:
    source = connected(january)
    assert january.deliver(source, body, method="POST" if body else "GET", query=query).status_code == 200
    january.read()
    assert january.events("calls") == []
    assert january.rejections() == []


def test_a_call_that_goes_on_is_not_yet_told(january: Desk) -> None:
    source = connected(january)
    for phase, duration in (("calldisconnected", "95"), ("callconnected", "1")):
        january.deliver(source, urlencode(PAIRS | {"callphase": phase, "duration": duration}))
    january.read()
    (call,) = january.events("calls")
    assert call["duration_s"] == 95


@pytest.mark.parametrize(("written", "status"), [("successful", "answered"), ("true", "answered"), ("lost", "missed")])
def test_answered_and_missed(january: Desk, written: str, status: str) -> None:
    january.deliver(connected(january), urlencode(PAIRS | {"status": written}))
    january.read()
    assert january.events("calls")[0]["status"] == status


def test_names_of_ones_own(january: Desk) -> None:
    own = preset_text("calltouch").replace('["callerphone", "callerNumber"]', '"ct_from"')
    renamed = {"ct_from" if name == "callerphone" else name: value for name, value in PAIRS.items()}
    january.deliver(connected(january, preset=own), urlencode(renamed))
    january.read()
    assert january.events("calls") == expected("calltouch/webhook")


def test_parameters_that_are_unknown_are_kept_and_missing_ones_are_told(january: Desk) -> None:
    source = connected(january)
    january.deliver(source, urlencode(PAIRS | {"anew": "1", "comment": "<не указано>"}))
    january.deliver(source, urlencode({name: value for name, value in PAIRS.items() if name != "phonenumber"}))
    january.read()
    (call,) = january.events("calls")
    assert call["properties"]["anew"] == "1"
    assert "comment" not in call["properties"]
    (rejected,) = january.rejections()
    assert rejected.errors[0].field == "called"


def test_what_a_source_says_counts_where_there_are_no_marks(january: Desk) -> None:
    bare = CALL | {"utmSource": "<не указано>", "utmMedium": None, "utmCampaign": "", "medium": "organic"}
    call = call_of(connected(january), bare)
    assert (call["source"], call["medium"]) == ("yandex", "organic")
    assert "campaign" not in call
    hidden = call_of(connected(january), CALL | {"callerNumber": None, "timestamp": None, "callTags": None})
    assert (hidden["caller"], hidden["started_at"].isoformat()) == ("", "2025-01-17T18:52:13")


def test_an_answer_that_is_no_journal_is_told(january: Desk) -> None:
    api = FakeApi(CalltouchFake().answer)
    api.troubles = {0: JSONResponse({"errorCode": 7})}
    with serving_fake(api.app) as address:
        state = january.pull(connected(january, base_url=address))
    assert "something other than a journal" in state.error
