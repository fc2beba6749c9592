"""WordPress Contact Form 7, in the form of our plugin."""

from typing import Any

import orjson

from collectors.sources.source import Source
from tests.collectors.vendors.desk import Desk

DOCUMENTED: dict[str, Any] = {
    "source": "cf7", "site": "https://dealer.example", "form_id": 5, "form_title": "Тест-драйв",
    "fields": {"your-name": "Иван", "your-phone": "8 900 000 00 01", "acceptance": "1"},
    "cookies": {"_ym_uid": "1735640000123456789", "roistat_visit": "100500"},
    "page": "https://dealer.example/test-drive?utm_source=yandex&yclid=7",
    "submitted_at": "2025-01-17T18:54:00+03:00", "posted_data_hash": "0123456789abcdef0123456789abcdef",
}  # fmt: skip


def connected(desk: Desk) -> Source:
    return desk.connect("cf7", settings={"preset": "cf7"})


def test_the_documented_form_is_a_lead(desk: Desk) -> None:
    source = connected(desk)
    for _ in range(2):
        desk.deliver(source, orjson.dumps(DOCUMENTED), headers={"content-type": "application/json"})
    desk.read()
    assert desk.events("leads") == [
        {
            "id": "north:form:5:0123456789abcdef0123456789abcdef", "created_at": "2025-01-17T15:54:00Z", "kind": "form",
            "name": "Иван", "phone": "+79000000001", "visitor_id": "1735640000123456789", "source": "yandex",
            "properties": {
                "form": "Тест-драйв", "source": "cf7", "site": "https://dealer.example", "form_id": 5,
                "fields.acceptance": "1", "page": "https://dealer.example/test-drive?utm_source=yandex&yclid=7",
                "yclid": "7", "ym_uid": "1735640000123456789", "roistat_visit": "100500", "collected_from": "north",
            },
        }
    ]  # fmt: skip


def test_fields_win_over_the_address_and_odd_parts_do_no_harm(desk: Desk) -> None:
    fields = {"your-phone": "89000000001", "utm_source": "vk", "closedloop_visit": "v-1"}
    desk.deliver(connected(desk), orjson.dumps(DOCUMENTED | {"fields": fields, "cookies": [], "page": None}))
    desk.read()
    (lead,) = desk.events("leads")
    assert (lead["source"], lead["visitor_id"]) == ("vk", "v-1")
