"""Any system with a webhook, by a preset; and what becomes of deliveries whatever the vendor."""

from collections.abc import Sequence
from urllib.parse import urlencode

import pytest

from api.bootstrap import Services
from collectors.deliveries import TOPIC, Delivery
from collectors.delivery_reader import DeliveryReader
from collectors.intake import Outcome
from collectors.sources.source import Source
from collectors.translation import Translator
from infra.errors import LogUnavailable
from infra.log.base import NewRecord
from tests.collectors.vendors.desk import Desk

PRESET = """
title = "Forms"
level = "A"
family = "leads"
tests = ["test"]
[fields]
id = "number"
created_at = "at"
phone = "contact.phone"
"properties.wish" = "wish"
[constants]
kind = "form"
"""
LEAD = {"number": "1", "at": "2026-01-31 09:00:00", "wish": "SUV"}


class DyingReader(DeliveryReader):
    """Dies once it has taken everything in, before anybody could note that."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.sources, services.progress, services.intake, services.rejections, services.clock)

    def take(self, lines: Sequence[bytes]) -> Outcome:
        super().take(lines)
        raise KeyboardInterrupt


def connected(desk: Desk, **fields: str) -> Source:
    return desk.connect("webhook", settings={"preset": PRESET}, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", ["json", "array", "form", "query"])
def test_a_payload_comes_in_however_it_is_sent(desk: Desk, way: str) -> None:
    source = connected(desk, dealer="north")
    if way == "query":
        pairs = urlencode({**LEAD, "contact[phone]": "89000000001"})
        answer = desk.deliver(source, method="GET", query=pairs)
    elif way == "form":
        answer = desk.deliver(source, urlencode({**LEAD, "contact[phone]": "89000000001"}))
    else:
        text = '{"number": 1, "at": "2026-01-31 09:00:00", "wish": "SUV", "contact": {"phone": "89000000001"}}'
        answer = desk.deliver(source, f"[{text}]" if way == "array" else text)
    assert answer.status_code == 200
    desk.read()
    assert desk.events("leads") == [
        {
            "id": "north:1", "created_at": "2026-01-31T06:00:00Z", "kind": "form", "phone": "+79000000001",
            "dealer": "north", "properties": {"wish": "SUV", "collected_from": "north"},
        }
    ]  # fmt: skip


def test_a_test_of_the_address_is_answered_and_leaves_nothing(desk: Desk) -> None:
    source = connected(desk)
    assert desk.deliver(source, "test=test").status_code == 200
    desk.read()
    assert desk.events("leads") == []
    assert desk.state(source).last_delivery_at is not None


def test_a_wrong_address_is_told_and_leaves_nothing(desk: Desk) -> None:
    source = connected(desk)
    for address in (f"/hooks/webhook/{source.token}x", f"/hooks/mango/{source.token}", "/hooks/nobody/t"):
        answer = desk.client.post(address, content=b"number=1")
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"


def test_what_cannot_be_read_is_kept_and_can_be_read_once_the_preset_has_learned(desk: Desk) -> None:
    source = connected(desk)
    assert desk.deliver(source, '{"number": "1", broken').status_code == 200
    desk.deliver(source, '{"number": "2", "at": "2026-01-31 09:00:00"}')
    desk.read()
    assert [event["id"] for event in desk.events("leads")] == ["north:2"]
    (kept,) = desk.rejections()
    assert (kept.family, kept.errors[0].message[:19]) == ("deliveries", "The body is no JSON")
    listed = desk.client.get("/api/rejections?family=deliveries", headers={"Authorization": "Bearer r"}).json()
    assert listed["total"] == 1
    again = desk.client.post(f"/api/rejections/{kept.id}/replay", headers={"Authorization": "Bearer w"}).json()
    assert (again["accepted"], len(again["rejected"])) == (0, 1)


def test_a_rejected_delivery_is_read_again_as_it_came(desk: Desk) -> None:
    source = connected(desk)
    desk.services.sources.connect(
        Source(source.id, "webhook", source.token, source.timezone, settings={"preset": "gone"}),
        author="test", next_pull_at=None,
    )  # fmt: skip
    desk.services.log.append(TOPIC, [NewRecord(delivered(desk, source), 1)])
    desk.read()
    (kept,) = desk.rejections()
    assert "no preset 'gone'" in kept.errors[0].message
    desk.services.sources.connect(source, author="test", next_pull_at=None)
    again = desk.client.post(f"/api/rejections/{kept.id}/replay", headers={"Authorization": "Bearer w"}).json()
    assert again["accepted"] == 1
    assert desk.rejections() == []
    assert [event["id"] for event in desk.events("leads")] == ["north:1"]


def delivered(desk: Desk, source: Source) -> bytes:
    body = b'{"number": "1", "at": "2026-01-31 09:00:00"}'
    return Delivery(source.id, "POST", "", "", "", {}, body, desk.services.clock.now()).to_line()


def test_a_raw_delivery_is_kept_with_its_headers_but_no_keys(desk: Desk) -> None:
    source = connected(desk)
    desk.deliver(source, urlencode(LEAD), headers={"X-Extra": "kept", "Authorization": "Bearer x", "Cookie": "y"})
    reader = desk.services.log.consumer("other", [TOPIC])
    (record,) = reader.poll(1, 10)
    reader.close()
    assert b'"x-extra":"kept"' in record.value
    assert b"authorization" not in record.value
    assert b"cookie" not in record.value
    assert b'"received_at":"' in record.value


def test_without_the_log_nothing_is_acknowledged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    source = connected(desk)

    def full(topic: str, records: object) -> None:
        raise LogUnavailable("The disk is full.")

    monkeypatch.setattr(desk.services.log, "append", full)
    answer = desk.deliver(source, urlencode(LEAD))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_body_that_is_too_large_is_refused(desk: Desk) -> None:
    assert desk.deliver(connected(desk), b"x" * (1024**2 + 1)).status_code == 413


def test_a_reader_that_died_reads_again_and_nothing_counts_twice(desk: Desk) -> None:
    source = connected(desk)
    for number in range(3):
        desk.deliver(source, urlencode(LEAD | {"number": number}))
    first = Translator(desk.services.log, DyingReader(desk.services))
    with pytest.raises(KeyboardInterrupt):
        first.step(1)
    first.close()
    assert len(desk.events("leads")) == 3
    desk.read()
    assert [event["id"] for event in desk.events("leads")] == [f"north:{number}" for number in range(3)]


def test_a_source_that_was_removed_leaves_its_deliveries_for_later(desk: Desk) -> None:
    source = connected(desk)
    desk.deliver(source, urlencode(LEAD))
    desk.services.sources.remove(source.id, author="test")
    desk.read()
    (kept,) = desk.rejections()
    assert "no source 'north'" in kept.errors[0].message
