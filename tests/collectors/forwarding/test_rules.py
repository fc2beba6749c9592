"""Which leads go where: by kind, dealer and source; never what came from a CRM, never the past, never junk."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attribution.reference import replace_reference
from attribution.reference_document import read_document
from collectors.sources.register import new_token
from collectors.sources.source import Source
from infra.errors import InvalidInput
from tests.collectors.forwarding.crms import Lost, OwnCrm
from tests.collectors.forwarding.office import Office

LINE = "+79000000777"


@pytest.mark.parametrize(("told", "fields", "goes"), [
    ({}, {}, True),
    ({}, {"kind": "offline"}, False),
    ({"kinds": "chat"}, {}, False),
    ({"kinds": "chat, form"}, {}, True),
    ({"dealers": "north,south"}, {"dealer": "north"}, True),
    ({"dealers": "north,south"}, {"dealer": "west"}, False),
    ({"dealers": "north"}, {}, False),
    ({"sources": "site"}, {"properties": {"collected_from": "site"}}, True),
    ({"sources": "site"}, {"properties": {"collected_from": "chat"}}, False),
    ({"source": "own"}, {"properties": {"collected_from": "own"}}, False),
    ({}, {"properties": {"collected_from": "bitrix"}}, False),
    ({}, {"properties": {"closedloop_lead": "l0"}}, False),
    ({"junk": "yes"}, {"status": "junk"}, True),
])  # fmt: skip
def test_leads_are_chosen(own: Office, told: dict[str, str], fields: dict[str, Any], goes: bool) -> None:
    for key, vendor in (("bitrix", "bitrix24"), ("site", "site"), ("chat", "jivo"), ("own", "webhook")):
        source = Source(key, vendor, new_token(), ZoneInfo("UTC"), secrets={"address": "a", "application_token": "t"})
        own.services.sources.connect(source, author="test", next_pull_at=None)
    own.connect(**told)
    own.tell("leads", own.lead("l1", **fields))
    own.forward()
    assert own.marks() == (["l1"] if goes else [])
    assert own.states() == ({"l1": "sent"} if goes else {})


def test_what_was_before_it_was_connected_or_long_ago_is_not_forwarded(own: Office) -> None:
    own.tell("leads", own.lead("l1"))
    own.read()
    own.connect()
    early = (own.clock.now() - timedelta(minutes=1)).isoformat()
    own.tell("leads", own.lead("l2", created_at=early))
    own.forward()
    own.clock.advance(timedelta(days=5))
    old = (own.clock.now() - timedelta(days=3)).isoformat()
    own.tell("leads", own.lead("l3", created_at=old))
    own.forward()
    assert own.states() == {}


def test_junk_is_skipped_with_its_reason_and_goes_once_it_is_none(own: Office) -> None:
    own.connect()
    own.tell("leads", own.lead("l1", status="junk"))
    own.forward()
    assert (own.rows()["l1"].state, own.rows()["l1"].reason) == ("skipped", "it is junk")
    own.tell("leads", own.lead("l1", status="new"))
    own.forward()
    assert own.marks() == ["l1"]


def test_one_form_that_two_senders_tell_is_one_lead(own: Office) -> None:
    own.connect(repeat_minutes="30")
    own.tell("leads", own.lead("l1", dealer="north"), own.lead("l2", dealer="north"), own.lead("l3", dealer="south"))
    own.forward()
    assert own.states() == {"l1": "sent", "l2": "skipped", "l3": "sent"}
    assert own.rows()["l2"].reason == "the same person asked a moment before: l1"
    own.clock.advance(timedelta(minutes=31))
    own.tell("leads", own.lead("l4", dealer="north"))
    own.forward()
    assert own.marks() == ["l1", "l3", "l4"]


@pytest.mark.parametrize(("calls", "goes"), [
    ("none", []), ("missed", ["call:c2"]), ("answered", ["call:c1", "call:c4"]),
    ("all", ["call:c1", "call:c2", "call:c4"]),
])  # fmt: skip
def test_calls_to_tracking_numbers_go_where_that_is_set(own: Office, calls: str, goes: list[str]) -> None:
    document = b'{"tracking_numbers": [{"number": "%s", "source": "yandex", "medium": "cpc"}]}' % LINE.encode()
    told = read_document(document, "RU")
    replace_reference(own.services.database, told, author="test", clock=own.clock)
    own.connect(calls=calls)
    at = own.clock.now().isoformat()
    own.tell(
        "calls",
        *(
            {"id": key, "started_at": at, "caller": f"+7900000010{place}", "called": called, "status": status, **more}
            for place, (key, called, status, more) in enumerate([
                ("c1", LINE, "answered", {}), ("c2", LINE, "missed", {}), ("c3", "+79000000999", "missed", {}),
                ("c4", "+79000000888", "answered", {"visitor_id": "v9"}),
            ])
        ),
    )  # fmt: skip
    own.read()
    own.later(timedelta(seconds=21))
    assert own.marks() == goes
    sources = {card["closedloop_lead"]: card["utm_source"] for card in own.crm.cards()}
    assert sources.get("call:c1", "yandex") == sources.get("call:c2", "yandex") == "yandex"


def test_a_lead_waits_for_its_visit_but_not_for_long(own: Office) -> None:
    own.connect()
    own.tell("leads", own.lead("l1", visitor_id="v7", session_id="s7"))
    own.forward()
    assert own.states() == {"l1": "waiting"}
    own.later(timedelta(seconds=21))
    (card,) = own.crm.cards()
    assert card["closedloop_visit"] == "v7"
    assert card["closedloop_number"]


def test_only_what_a_seller_needs_goes_out_and_is_kept_no_longer_than_needed(own: Office) -> None:
    own.connect(
        answers="no", template='{"id": {{ lead.id | tojson }}, "tel": {{ lead.phone | tojson }}}', idempotent="no"
    )
    own.tell("leads", own.lead("l1", properties={"answers": {"passport": "4500 000001"}, "secret": "x"}))
    own.forward()
    assert own.crm.taken == [{"id": "l1", "tel": "+79000000001"}]  # type: ignore[union-attr]
    with own.services.database.connect() as connection:
        stored = str(connection.exec_driver_sql("select * from forwards").all())
    assert "9000000001" not in stored
    assert "4500" not in stored


@pytest.mark.parametrize(("told", "where"), [
    ({"kinds": "form,fax"}, "kinds"), ({"calls": "some"}, "calls"), ({"template": "{{ lead.phone }"}, "template"),
    ({"template": '{"a": {{ lead.fax | tojson }}}'}, "template"), ({"template": "a: {{ lead.id }}"}, "template"),
    ({"url": "ftp://x"}, "url"), ({"idempotent": "maybe"}, "idempotent"), ({"colour": "red"}, "colour"),
    ({"repeat_minutes": "-1"}, "repeat_minutes"), ({"secret": ""}, "secret"), ({"template": "@/no/such"}, "template"),
])  # fmt: skip
def test_settings_that_cannot_work_are_said_at_once(own: Office, told: dict[str, str], where: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        own.connect(**told)
    assert caught.value.where == where
    assert caught.value.help


@pytest.mark.parametrize(("keeps_keys", "told", "after"), [
    (True, {"lookup": "", "idempotent": "yes"}, "sent"), (False, {"lookup": ""}, "uncertain"),
])  # fmt: skip
def test_a_crm_that_cannot_be_looked_into(own: Office, keeps_keys: bool, told: dict[str, str], after: str) -> None:
    assert isinstance(own.crm, OwnCrm)
    own.crm.keeps_keys = keeps_keys
    own.connect(**told)
    own.gate.troubles = [Lost.AFTER_TAKING]
    own.tell("leads", own.lead("l1"))
    own.forward()
    own.later(timedelta(minutes=2))
    assert own.states() == {"l1": after}
    own.later(timedelta(days=1))
    assert own.marks() == ["l1"]
