"""Jivo: chats, messages left, callbacks."""

from typing import Any

import orjson
import pytest

from collectors.sources.source import Source
from tests.collectors.vendors.desk import Desk

CHAT: dict[str, Any] = {
    "event_name": "chat_finished", "widget_id": "xyz",
    "visitor": {"number": "5000", "name": "Иван", "email": "ivan@example.com", "phone": "+79000000001",
                "description": "", "chats_count": 1},
    "agents": [{"id": "1", "name": "Олег", "email": "oleg@example.com", "phone": ""}],
    "chat": {"messages": [
        {"message": "Есть Monjaro?", "timestamp": 1737128400, "type": "visitor"},
        {"message": "Да", "timestamp": 1737128460, "type": "agent", "agent_id": "1"},
    ]},
    "session": {"geoip": {"city": "Moscow"}, "utm": "source=yandex|medium=cpc|campaign=12345678",
                "utm_json": {"source": "yandex", "medium": "cpc", "campaign": "12345678", "term": "", "content": ""}},
    "page": {"url": "https://dealer.example/", "title": "Дилер"},
}  # fmt: skip
CALL = {
    "event_name": "call_event", "widget_id": "xyz",
    "call": {"type": "callback", "phone": "+79000000001", "status": "end", "reason": "", "record_url": ""},
    "visitor": {"number": 5000, "name": "", "phone": "+79000000001"}, "session": {"utm": "source=vk|medium=cpc"},
}  # fmt: skip


def deliver(desk: Desk, source: Source, told: Any) -> None:
    answer = desk.deliver(source, orjson.dumps(told), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.content) == (200, b'{"result":"ok"}')


def test_the_documented_chat_is_a_lead(desk: Desk) -> None:
    source = desk.connect("jivo")
    deliver(desk, source, CHAT)
    desk.read()
    assert desk.events("leads") == [
        {
            "id": "north:chat:xyz:5000:1737128400", "created_at": "2025-01-17T15:40:00Z", "kind": "chat",
            "name": "Иван", "phone": "+79000000001", "email": "ivan@example.com", "source": "yandex", "medium": "cpc",
            "campaign": "12345678", "manager": "Олег",
            "properties": {
                "url": "https://dealer.example/", "messages": 2, "chat_event": "chat_finished", "visit": "5000",
                "collected_from": "north",
            },
        }
    ]  # fmt: skip


def test_what_comes_of_a_chat_later_replaces_what_came_before(desk: Desk) -> None:
    source = desk.connect("jivo")
    visitor = {"number": 5000, "name": "", "email": "", "phone": "+79000000001"}
    deliver(desk, source, CHAT | {"event_name": "chat_updated", "visitor": visitor})
    deliver(desk, source, CHAT)
    deliver(desk, source, CHAT)
    desk.read()
    (lead,) = desk.events("leads")
    assert lead["email"] == "ivan@example.com"


def test_a_chat_without_a_contact_is_something_done(desk: Desk) -> None:
    deliver(desk, desk.connect("jivo"), CHAT | {"visitor": {"number": 5000}})
    desk.read()
    assert desk.events("leads") == []
    (action,) = desk.events("actions")
    assert (action["name"], action["url"]) == ("Chat", "https://dealer.example/")


def test_a_message_left_and_a_callback_are_leads(desk: Desk) -> None:
    source = desk.connect("jivo")
    left = {"event_name": "offline_message", "widget_id": "xyz", "message": "Позвоните", "visitor": CHAT["visitor"]}
    deliver(desk, source, left)
    deliver(desk, source, left)
    deliver(desk, source, CALL)
    deliver(desk, source, CALL | {"call": CALL["call"] | {"status": "start"}})  # type: ignore[operator]
    desk.read()
    assert [(lead["kind"], lead.get("source")) for lead in desk.events("leads")] == [("call", "vk"), ("chat", None)]


@pytest.mark.parametrize(
    "told", [{}, {"event_name": "client_updated"}, CHAT | {"chat": None, "session": 7, "agents": "x"}]
)
def test_other_events_and_odd_ones_do_no_harm(desk: Desk, told: dict[str, Any]) -> None:
    deliver(desk, desk.connect("jivo"), told)
    desk.read()
    assert desk.rejections() == []


def test_what_is_no_object_is_kept(desk: Desk) -> None:
    source = desk.connect("jivo")
    deliver(desk, source, [1])
    desk.read()
    assert len(desk.rejections()) == 1
