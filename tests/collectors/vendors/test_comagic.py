"""CoMagic and UIS: notifications by our template, and reports of the Data API."""

from datetime import datetime
from typing import Any

import orjson
import pytest

from collectors.deliveries import TOPIC
from collectors.sources.source import Source
from collectors.vendors.comagic import TEMPLATE, VENDOR
from tests.collectors.vendors.call_fakes import ComagicFake
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_api import Asked, FakeApi
from tests.collectors.vendors.golden import expected, golden, golden_json

FINISHED: dict[str, Any] = golden_json("comagic/notification.json")
JSON = {"content-type": "application/json"}
VISIT = {"ym_client_id": "1735640000123456789", "visitor_session_id": 8001, "utm_source": "yandex", "utm_medium": "cpc"}


def connected(desk: Desk, **settings: str) -> Source:
    told = {"history_days": "1", **settings}
    return desk.connect("comagic", settings=told, secrets={"access_token": "token"})


def deliver(desk: Desk, source: Source, **changed: str) -> None:
    assert desk.deliver(source, orjson.dumps(FINISHED | changed), headers=JSON).status_code == 200


def test_the_template_is_the_one_that_is_read() -> None:
    assert golden("comagic/template.txt").decode() == TEMPLATE
    assert TEMPLATE in VENDOR.guide
    assert set(orjson.loads(TEMPLATE)) == set(FINISHED)


def test_the_documented_notification_is_a_call(january: Desk) -> None:
    source = connected(january)
    january.deliver(source, golden("comagic/notification.json"), headers=JSON)
    january.read()
    assert january.events("calls") == expected("comagic/notification")


@pytest.mark.parametrize("reverse", [False, True])
def test_of_several_notifications_of_a_call_the_last_makes_it(january: Desk, reverse: bool) -> None:
    source = connected(january)
    told = [
        {"event": "incoming_call", "talk": "0", "total": "0"},
        {"event": "call_answer_waiting", "talk": "0"},
        {"event": "talk_started", "talk": "0"},
        {"event": "talk_finished", "time": "2025-01-17 18:53:40"},
        {"event": "call_finished"},
        {"event": "recording_completed", "time": "2025-01-17 18:59:00", "record": "https://app.uiscom.ru/r.mp3"},
    ]
    for changed in reversed(told) if reverse else told:
        deliver(january, source, **changed)
    january.read()
    assert january.events("calls") == expected("comagic/notification")
    assert january.rejections() == []


@pytest.mark.parametrize("changed", [
    {"event": "lost_call", "lost": "true", "talk": "0"}, {"event": "call_lost", "lost": "1"}, {"talk": ""},
])  # fmt: skip
def test_a_lost_call_was_missed(january: Desk, changed: dict[str, str]) -> None:
    deliver(january, connected(january), **changed)
    january.read()
    assert january.events("calls")[0]["status"] == "missed"


def test_a_name_with_a_quote_breaks_the_body_which_is_kept(january: Desk) -> None:
    source = connected(january)
    broken = golden("comagic/notification.json").replace("Петров Пётр".encode(), 'ООО "Ромашка"'.encode())
    assert january.deliver(source, broken, headers=JSON).status_code == 200
    deliver(january, source, session="2")
    january.read()
    assert [call["id"] for call in january.events("calls")] == ["north:call:2"]
    (rejected,) = january.rejections()
    assert rejected.family == TOPIC
    assert "no JSON" in rejected.errors[0].message


@pytest.mark.parametrize("body", [TEMPLATE, "{}"])
def test_a_template_that_was_not_filled_in_is_a_test(january: Desk, body: str) -> None:
    assert january.deliver(connected(january), body, headers=JSON).status_code == 200
    january.read()
    assert january.rejections() == []


def test_a_call_of_an_employee_is_outgoing(january: Desk) -> None:
    source = connected(january)
    deliver(january, source, session="1")
    deliver(january, source, session="2", direction="out")
    january.read()
    incoming, outgoing = january.events("calls")
    assert "direction" not in incoming
    assert (outgoing["direction"], outgoing["called"], outgoing["caller"]) == (
        "out", incoming["caller"], incoming["called"],
    )  # fmt: skip


def test_another_body_is_told_and_calls_within_the_exchange_are_none_of_ours(january: Desk) -> None:
    source = connected(january)
    january.deliver(source, b'{"phone": "79000000001"}', headers=JSON)
    january.deliver(source, b"[1]", headers=JSON)
    deliver(january, source, direction="internal")
    january.read()
    assert january.events("calls") == []
    assert {each.errors[0].message for each in january.rejections()} == {"The body is not made by our template."}


def test_the_report_has_the_last_word_and_brings_the_recording(january: Desk) -> None:
    with serving_fake(FakeApi(reports().answer).app) as address:
        source = connected(january, base_url=address)
        deliver(january, source)
        january.read()
        assert january.pull(source).error == ""
    assert january.events("calls") == expected("comagic/calls_report")


def reports() -> ComagicFake:
    """The documented call, a request and a chat; and a call that an employee made."""
    fake = ComagicFake({4500000001: datetime.fromisoformat("2025-01-17T18:52:05+03:00")})
    fake.leads = {
        "get.offline_messages_report": [{
            "id": 5, "date_time": "2025-01-17 19:00:00", "text": "Перезвоните", "visitor_name": "Иван Тестов",
            "visitor_phone_number": "79000000001", "visitor_email": "ivan@example.com", "status": "not_processed",
            "form_type": "offline_message", "tags": [{"tag_id": 1, "tag_name": "тест-драйв"}], **VISIT,
        }],
        "get.chats_report": [{"id": 5, "date_time": "2025-01-17 19:05:00", "messages_count": 4, **VISIT}],
    }  # fmt: skip
    return fake


def test_requests_and_chats_are_leads_of_their_visits(january: Desk) -> None:
    with serving_fake(FakeApi(reports().answer).app) as address:
        january.pull(connected(january, base_url=address))
    chat, form = january.events("leads")
    visit = {"visitor_id": "1735640000123456789", "session_id": "comagic:8001", "source": "yandex", "medium": "cpc"}
    assert chat == {
        "id": "north:lead:chat:5", "created_at": "2025-01-17T16:05:00Z", "kind": "chat", **visit,
        "properties": {
            "ym_client_id": "1735640000123456789", "messages_count": 4, "collected_from": "north",
        },
    }  # fmt: skip
    assert form == {
        "id": "north:lead:form:5", "created_at": "2025-01-17T16:00:00Z", "kind": "form", "name": "Иван Тестов",
        "phone": "+79000000001", "email": "ivan@example.com", **visit,
        "properties": {
            "ym_client_id": "1735640000123456789", "text": "Перезвоните", "status": "not_processed",
            "form_type": "offline_message", "tags": ["тест-драйв"], "collected_from": "north",
        },
    }  # fmt: skip


def test_an_account_without_chats_has_none(january: Desk) -> None:
    fake = reports()
    fake.missing = frozenset({"get.chats_report"})
    with serving_fake(FakeApi(fake.answer).app) as address:
        assert january.pull(connected(january, base_url=address)).error == ""
    assert [lead["kind"] for lead in january.events("leads")] == ["form"]


def test_a_zone_that_is_not_the_accounts_is_told(january: Desk) -> None:
    fake = reports()
    fake.zone = "Asia/Novosibirsk"
    with serving_fake(FakeApi(fake.answer).app) as address:
        state = january.pull(connected(january, base_url=address))
    assert "--timezone Asia/Novosibirsk" in state.error
    assert january.events("calls") == []


def test_points_that_are_used_up_are_waited_for(january: Desk) -> None:
    fake = reports()
    api = FakeApi(lambda asked: limited(fake, asked))
    with serving_fake(api.app) as address:
        state = january.pull(connected(january, base_url=address))
    assert "asks to wait: limit_exceeded" in state.error
    assert state.next_pull_at is not None
    assert (state.next_pull_at - january.services.clock.now()).total_seconds() == 60


def limited(fake: ComagicFake, asked: Asked) -> Any:
    return fake.error("limit_exceeded") if asked.json()["method"] == "get.calls_report" else fake.answer(asked)
