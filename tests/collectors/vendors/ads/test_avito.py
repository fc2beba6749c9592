"""Avito: paid calls and chats, call tracking, spendings, and the messenger."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response

from collectors.sources.source import Source
from collectors.vendors.avito_events import phone_in
from infra.clock import FrozenClock
from tests.collectors.vendors.ads.fake_avito import FakeAvito
from tests.collectors.vendors.ads.golden import meant, sent
from tests.collectors.vendors.desk import Desk, serving_fake

CALL = orjson.loads(sent("avito", "cpa_calls.json"))["calls"][0]
CHAT = orjson.loads(sent("avito", "cpa_chats.json"))["chats"][0]
TRACKED = orjson.loads(sent("avito", "tracked_calls.json"))["calls"][0]
MESSAGE = orjson.loads(sent("avito", "message.json"))


@pytest.fixture
def avito() -> Iterator[FakeAvito]:
    fake = FakeAvito()
    with serving_fake(Starlette(routes=fake.routes())) as fake.url:
        yield fake


def connected(desk: Desk, avito: FakeAvito, **settings: str) -> Source:
    given = {"base_url": avito.url, "client_id": "c", "first_days": "30", **settings}
    return desk.connect("avito", secrets={"client_secret": "s"}, settings=given)


def call(number: int, moment: str = "2025-01-16T18:52:13+03:00", **changed: Any) -> dict[str, Any]:
    return {**CALL, "id": number, "startTime": moment, **changed}


def costs(desk: Desk) -> dict[str, str]:
    return {event["from"] + " " + event["campaign"]: event["cost"] for event in desk.events("spend")}


def test_the_documented_answers_are_calls_leads_and_spend(desk: Desk, avito: FakeAvito) -> None:
    avito.calls, avito.chats, avito.tracked = [CALL], [CHAT], [TRACKED]
    assert desk.pull(connected(desk, avito, parts="calls, chats, calltracking")).error == ""
    assert desk.events("calls") == meant("avito", "calls.json")
    assert desk.events("leads") == meant("avito", "leads.json")
    assert desk.events("spend") == meant("avito", "spend.json")


def test_calls_are_asked_for_once_a_minute_by_the_last_moment(desk: Desk, avito: FakeAvito) -> None:
    avito.calls = [call(number, f"2025-01-16T10:{number % 60:02}:00+03:00") for number in range(1000, 2300)]
    assert desk.pull(connected(desk, avito, parts="calls")).error == ""
    assert len(desk.events("calls")) == 1300
    assert [body["offset"] for body in avito.asked["callsByTime"]] == [0, 0]
    assert 60.0 in desk.pauses
    assert costs(desk) == {"2025-01-16 Автомобили · Новые": "4501900.0000"}


def test_calls_of_one_moment_are_asked_for_by_offset(desk: Desk, avito: FakeAvito) -> None:
    avito.calls = [call(number, "2024-12-19T00:00:00+03:00") for number in range(1000)]
    desk.pull(connected(desk, avito, parts="calls"))
    assert [body["offset"] for body in avito.asked["callsByTime"]] == [0, 1000]


def test_a_call_that_was_no_target_after_all_costs_nothing(desk: Desk, avito: FakeAvito, clock: FrozenClock) -> None:
    source = connected(desk, avito, parts="calls")
    avito.calls = [call(1, statusId=1)]
    desk.pull(source)
    assert costs(desk) == {"2025-01-16 Автомобили · Новые": "3463.0000"}
    clock.advance(timedelta(days=20))
    avito.calls = [call(1, statusId=3)]
    desk.pull(source)
    assert costs(desk) == {"2025-01-16 Автомобили · Новые": "0.0000"}
    (event,) = desk.events("calls")
    assert event["properties"]["cpa_status"] == "no target after moderation"


def test_a_missed_call_with_an_eight_and_missing_and_unknown_fields(desk: Desk, avito: FakeAvito) -> None:
    avito.calls = [{"id": 1, "startTime": "2025-01-16T18:52:13+03:00", "buyerPhone": "89000000001", "new": [1],
                    "virtualPhone": "84950000001", "waitingDuration": 9}]  # fmt: skip
    assert desk.pull(connected(desk, avito, parts="calls")).error == ""
    (event,) = desk.events("calls")
    assert (event["caller"], event["called"], event["status"]) == ("+79000000001", "+74950000001", "missed")
    assert desk.events("spend") == []


def test_chats_are_asked_for_by_a_hundred(desk: Desk, avito: FakeAvito) -> None:
    avito.chats = [
        CHAT | {"chat": CHAT["chat"] | {"actionId": number, "date": f"2025-01-17T12:{number % 60:02}:00+03:00"}}
        for number in range(150)
    ]
    assert desk.pull(connected(desk, avito, parts="chats")).error == ""
    assert len(desk.events("leads")) == 150


def test_tracked_calls_are_asked_for_by_months_and_hundreds(desk: Desk, avito: FakeAvito) -> None:
    avito.tracked = [TRACKED | {"callId": number} for number in range(1000, 1150)]
    avito.tracked.append(TRACKED | {"callId": 1, "callTime": "2024-11-20T15:52:13Z"})
    assert desk.pull(connected(desk, avito, parts="calltracking", first_days="80")).error == ""
    assert len(desk.events("calls")) == 151


@pytest.mark.parametrize(
    ("unit", "value", "cost"), [("kopecks", 1050, "10.5000"), ("roubles", 10.5, "10.5000"), ("roubles", 7, "7.0000")]
)
def test_spendings_of_the_account_are_spend_in_the_place_of_prices(
    desk: Desk, avito: FakeAvito, unit: str, value: float, cost: str
) -> None:
    avito.calls = [CALL]
    avito.spendings = {"2025-01-16": {"presence": value, "all": 2 * value, "promotion": value}}
    assert desk.pull(connected(desk, avito, parts="calls,spendings", spendings_in=unit)).error == ""
    assert costs(desk) == {"2025-01-16 presence": cost, "2025-01-16 promotion": cost}


def test_spendings_that_cannot_be_kopecks_are_not_taken_as_such(desk: Desk, avito: FakeAvito) -> None:
    avito.spendings = {"2025-01-16": {"presence": 123.95}}
    assert "in roubles" in desk.pull(connected(desk, avito, parts="spendings")).error
    assert desk.events("spend") == []


@pytest.mark.parametrize(("setting", "value"), [("parts", "calls,other"), ("spendings_in", "dollars")])
def test_a_wrong_setting_is_told(desk: Desk, avito: FakeAvito, setting: str, value: str) -> None:
    avito.spendings = {"2025-01-16": {"presence": 1}}
    source = connected(desk, avito, **{"parts": "spendings", setting: value})
    assert value.rpartition(",")[2] in desk.pull(source).error


@pytest.mark.parametrize(("code", "words"), [(1002, "refuses"), (1003, "out of order")])
def test_errors_come_with_status_200(desk: Desk, avito: FakeAvito, code: int, words: str) -> None:
    avito.answers = {"callsByTime": [JSONResponse({"error": {"code": code, "message": "of ivan@example.com"}})]}
    told = desk.pull(connected(desk, avito)).error
    assert words in told
    assert "example.com" not in told


def test_throttling_is_waited_for_and_a_token_is_kept_and_renewed(
    desk: Desk, avito: FakeAvito, clock: FrozenClock
) -> None:
    source = connected(desk, avito)
    avito.answers = {"callsByTime": [Response(status_code=429), Response(status_code=500)]}
    assert desk.pull(source).error == ""
    assert desk.pull(source).error == ""
    assert avito.tokens == 1
    avito.tokens = 2  # somebody took another one
    assert desk.pull(source).error == ""
    clock.advance(timedelta(days=1))
    assert desk.pull(source).error == ""
    assert avito.tokens == 4


def test_a_pull_that_dies_between_pages_loses_and_doubles_nothing(desk: Desk, avito: FakeAvito) -> None:
    source = connected(desk, avito)
    avito.calls, avito.chats = [CALL], [CHAT]
    avito.answers = {"chatsByTime": [JSONResponse({}, 403)]}
    assert "403" in desk.pull(source).error
    assert (len(desk.events("calls")), len(desk.events("leads")), len(desk.events("spend"))) == (1, 0, 0)
    assert desk.pull(source).error == ""
    assert (len(desk.events("calls")), len(desk.events("leads")), len(desk.events("spend"))) == (1, 1, 2)


def written(desk: Desk, source: Source, **changed: Any) -> None:
    value = MESSAGE["payload"]["value"] | changed
    body = orjson.dumps(MESSAGE | {"payload": {"type": "message", "value": value}})
    assert desk.deliver(source, body, headers={"content-type": "application/json"}).status_code == 200


def message(number: int, text: str, author: int = 3000001) -> dict[str, Any]:
    return {"id": f"m{number}", "author_id": author, "created": 1737117393 + number, "content": {"text": text}}


def with_a_chat(avito: FakeAvito) -> None:
    users = [{"id": 94235311, "name": "Dealer"}, {"id": 3000001, "name": "Дмитрий"}]
    item = {"type": "item", "value": {"id": 2000000001, "title": "Geely Monjaro", "url": "https://example.com/i"}}
    chat = {"id": "u2i-test", "created": 1737110000, "users": users, "context": item}
    avito.messenger = {"u2i-test": chat}
    avito.messages = {"u2i-test": [message(2, "8 495 000-00-01", 94235311), message(1, "Здравствуйте")]}


def test_a_message_brings_its_chat_which_is_one_lead(desk: Desk, avito: FakeAvito) -> None:
    source = connected(desk, avito)
    with_a_chat(avito)
    for _ in range(2):
        written(desk, source)
    desk.read()
    assert desk.events("leads") == []
    assert desk.pull(source).error == ""
    (lead,) = desk.events("leads")
    assert (lead["id"], lead["kind"], lead["name"]) == ("north:messenger:u2i-test", "messenger", "Дмитрий")
    assert (lead["product"], lead["user_id"], lead.get("phone")) == ("Geely Monjaro", "avito:3000001", None)
    assert datetime.fromisoformat(lead["created_at"]).timestamp() == 1737110000
    asked = len(avito.asked["callsByTime"])
    avito.messages["u2i-test"] = [message(9, "Мой номер 8 900 000-00-01"), *avito.messages["u2i-test"]]
    written(desk, source, id="msg9")
    desk.read()
    desk.pull(source)
    (lead,) = desk.events("leads")
    assert lead["phone"] == "+79000000001"
    assert len(avito.asked["callsByTime"]) == asked, "a message does not bring calls about at each pull"


def test_pings_own_messages_and_system_ones_are_dropped(desk: Desk, avito: FakeAvito) -> None:
    source = connected(desk, avito)
    assert desk.deliver(source, b"{}", headers={"content-type": "application/json"}).status_code == 200
    written(desk, source, author_id=94235311)
    written(desk, source, type="system")
    desk.deliver(source, b'{"payload":{"type":"other","value":{}},"new":1}')
    desk.read()
    assert desk.services.progress.wanted(source.id) == []
    assert desk.rejections() == []
    desk.deliver(source, b"[1]")
    desk.read()
    assert len(desk.rejections()) == 1


def test_a_chat_that_is_no_more_is_forgotten_and_a_refused_one_stays_wanted(desk: Desk, avito: FakeAvito) -> None:
    source = connected(desk, avito)
    with_a_chat(avito)
    written(desk, source, chat_id="u2i-gone")
    written(desk, source)
    desk.read()
    avito.answers = {"u2i-test": [JSONResponse({}, 403)]}
    assert "403" in desk.pull(source).error
    assert [wanted.key for wanted in desk.services.progress.wanted(source.id)] == ["94235311/u2i-test"]
    assert desk.pull(source).error == ""
    assert len(desk.events("leads")) == 1


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("Перезвоните 8 900 000-00-01, жду", "+79000000001"),
        ("+7(900)0000001", "+79000000001"),
        ("цена 2 349 000, год 2024", ""),
        ("", ""),
    ],
)
def test_phones_are_found_in_texts(text: str, phone: str) -> None:
    assert phone_in(text) == phone
