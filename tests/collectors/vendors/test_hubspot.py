"""HubSpot: signed events that name records, and search for what changed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2 as httpx
import pytest

from collectors.deliveries import Delivery
from collectors.sources.source import Source
from collectors.vendors.hubspot import VENDOR, signature
from infra.errors import NotAllowed
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_hubspot import FakeHubSpot

GOLDEN = Path(__file__).parent / "golden" / "hubspot"
EVENTS = (GOLDEN / "events.json").read_text()
DEAL: dict[str, Any] = json.loads((GOLDEN / "deal.json").read_text())
CONTACT: dict[str, Any] = json.loads((GOLDEN / "contact.json").read_text())
SECRET = "hubspotsecret"
GOLDEN_BODY = b'[{"eventId":1,"subscriptionType":"deal.propertyChange"}]'
GOLDEN_SIGNATURE = "2ZjeFfyX2unt5RxHmcJSNvrjjV/Chryt8+vx5I+C55M="


@pytest.fixture
def portal() -> FakeHubSpot:
    return FakeHubSpot()


@pytest.fixture
def address(portal: FakeHubSpot) -> Iterator[str]:
    with serving_fake(portal.app()) as served:
        yield served


def connected(desk: Desk, address: str = "http://127.0.0.1:1", **settings: str) -> Source:
    secrets = {"access_token": "token", "client_secret": SECRET}
    return desk.connect("hubspot", settings={"base_url": address, **settings}, secrets=secrets)


def golden_delivery(**changed: Any) -> Delivery:
    told: dict[str, Any] = {
        "source": "north", "method": "POST", "address": "https://collect.example.com/v1/in/hubspot/tnt_1", "path": "",
        "query": "", "body": GOLDEN_BODY, "received_at": datetime(2025, 1, 1, 0, 1, tzinfo=UTC),
        "headers": {
            "x-hubspot-signature-v3": GOLDEN_SIGNATURE, "x-hubspot-request-timestamp": "1735689600123",
        },
    }  # fmt: skip
    return Delivery(**told | changed)


def deliver(desk: Desk, source: Source, body: str) -> httpx.Response:
    now = datetime.now(UTC)
    stamp = str(int(now.timestamp() * 1000))
    address = f"http://testserver/hooks/hubspot/{source.token}"
    signed = signature(SECRET, golden_delivery(address=address, body=body.encode()), stamp)
    headers = {"X-HubSpot-Signature-v3": signed, "X-HubSpot-Request-Timestamp": stamp}
    return desk.deliver(source, body, headers=headers | {"content-type": "application/json"})


def deal(key: int, **properties: Any) -> dict[str, Any]:
    return DEAL | {"id": str(key), "properties": DEAL["properties"] | properties}


KEYED = Source("north", "hubspot", "t", ZoneInfo("UTC"), secrets={"client_secret": SECRET})


def test_the_golden_signature_is_right() -> None:
    VENDOR.check(KEYED, golden_delivery())


@pytest.mark.parametrize(
    "changed",
    [
        {"body": GOLDEN_BODY + b" "},
        {"method": "GET"},
        {"address": "http://127.0.0.1:8000/v1/in/hubspot/tnt_1"},
        {"received_at": datetime(2025, 1, 1, 0, 6, tzinfo=UTC)},
        {"received_at": datetime(2024, 12, 31, 23, 54, tzinfo=UTC)},
        {"headers": {}},
        {"headers": {"x-hubspot-request-timestamp": "1735689600123"}},
        {"headers": {"x-hubspot-request-timestamp": "x", "x-hubspot-signature-v3": GOLDEN_SIGNATURE}},
    ],
)
def test_another_body_method_address_or_time_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        VENDOR.check(KEYED, golden_delivery(**changed))


def test_characters_of_the_address_are_decoded_before_it_is_signed() -> None:
    plain = golden_delivery(address="https://a.example/x?q=(1),@!")
    encoded = golden_delivery(address="https://a.example/x%3fq=%281%29%2C%40%21")
    assert signature(SECRET, plain, "1") == signature(SECRET, encoded, "1")
    other = golden_delivery(address="https://a.example/x?q=%20")
    assert signature(SECRET, other, "1") != signature(SECRET, golden_delivery(address="https://a.example/x?q= "), "1")


def test_an_unsigned_delivery_is_refused_and_nothing_is_kept(desk: Desk) -> None:
    source = connected(desk)
    assert desk.deliver(source, EVENTS, headers={"content-type": "application/json"}).status_code == 401
    desk.read()
    assert desk.services.progress.wanted(source.id) == []
    assert desk.events("deals") == []


def test_the_documented_events_tell_the_stage_and_what_to_fetch(desk: Desk) -> None:
    source = connected(desk)
    assert deliver(desk, source, EVENTS).status_code == 200
    assert deliver(desk, source, EVENTS).status_code == 200
    desk.read()
    (stage,) = desk.events("deals")
    assert (stage["deal_id"], stage["stage"], stage["occurred_at"]) == (
        "north:deal:50000001", "sale", "2025-01-01T00:00:00.123000Z",
    )  # fmt: skip
    assert {each.key for each in desk.services.progress.wanted(source.id)} == {"50000001", "50000002"}


def test_events_of_other_kinds_and_newer_names_are_understood(desk: Desk) -> None:
    source = connected(desk)
    events = [
        {"objectId": 7, "occurredAt": 1735689600123, "subscriptionType": "object.propertyChange",
         "objectTypeId": "0-3", "propertyName": "amount", "propertyValue": "1"},
        {"objectId": 8, "occurredAt": 1735689600123, "subscriptionType": "contact.creation"},
        {"objectId": 9, "occurredAt": 1735689600123, "subscriptionType": "company.creation"},
        {"objectId": 10, "occurredAt": 1735689600123, "subscriptionType": "deal.deletion"},
    ]  # fmt: skip
    deliver(desk, source, json.dumps(events))
    desk.read()
    assert {(each.kind, each.key) for each in desk.services.progress.wanted(source.id)} == {
        ("deal", "7"), ("contact", "8"),
    }  # fmt: skip
    (lost,) = desk.events("deals")
    assert (lost["deal_id"], lost["stage"]) == ("north:deal:10", "lost")


def test_a_body_that_is_no_list_of_events_is_kept(desk: Desk) -> None:
    source = connected(desk)
    for body in ("[1]", "{", '[{"subscriptionType": "deal.creation"}]'):
        deliver(desk, source, body)
    desk.read()
    assert len(desk.rejections()) == 3


def test_wanted_records_are_fetched_with_their_contact(desk: Desk, portal: FakeHubSpot, address: str) -> None:
    source = connected(desk, address, dealer_field="dealer")
    desk.pull(source)
    portal.deals, portal.contacts, portal.contact_of = [DEAL], [CONTACT], {"50000001": "60000001"}
    deliver(desk, source, EVENTS)
    desk.read()
    assert desk.pull(source).error == ""
    assert desk.services.progress.wanted(source.id) == []
    assert "dealer" in dict(portal.asked)["/crm/v3/objects/deals/search"]["properties"]
    for family in ("deals", "leads", "profiles"):
        assert desk.events(family) == json.loads((GOLDEN / f"fetched.{family}.json").read_text()), family


@pytest.mark.parametrize(
    ("properties", "stage"),
    [
        ({"dealstage": "closedlost", "hs_is_closed_won": "false"}, "lost"),
        ({"dealstage": "123", "hs_is_closed_won": "true"}, "sale"),
        ({"dealstage": "124", "hs_is_closed": "true", "hs_is_closed_won": "false"}, "lost"),
        ({"dealstage": "125", "hs_is_closed": "false", "hs_is_closed_won": "false"}, "lead"),
        ({"dealstage": "126", "hs_is_closed": "false", "hs_is_closed_won": "false"}, "test_drive"),
    ],
)
def test_a_stage_means_what_hubspot_or_the_settings_say(
    desk: Desk, portal: FakeHubSpot, address: str, properties: dict[str, str], stage: str
) -> None:
    portal.deals = [deal(1, **properties)]
    assert desk.pull(connected(desk, address, stages='{"default:126": "test_drive"}')).error == ""
    latest = max(desk.events("deals"), key=lambda event: event["occurred_at"])
    assert latest["stage"] == stage


def test_every_page_is_read_and_a_crash_between_them_loses_nothing(
    desk: Desk, portal: FakeHubSpot, address: str
) -> None:
    began = datetime(2025, 1, 1, tzinfo=UTC)
    times = [began, began, began, *(began + timedelta(hours=hour) for hour in range(1, 5))]
    portal.page_size = 2
    portal.deals = [deal(key, hs_lastmodifieddate=at.isoformat()) for key, at in enumerate(times)]
    portal.failing = [200, 200, 200, 403]
    source = connected(desk, address)
    assert "403" in desk.pull(source).error
    assert 0 < len(desk.events("leads")) < 7
    assert desk.pull(source).error == ""
    assert len(desk.events("leads")) == 7
    assert desk.state(source).cursor["deals"] == int(times[-1].timestamp() * 1000)


@pytest.mark.parametrize("status", [429, 500, 502])
def test_a_busy_api_is_asked_again(desk: Desk, portal: FakeHubSpot, address: str, status: int) -> None:
    portal.deals, portal.failing = [deal(1)], [status, status]
    assert desk.pull(connected(desk, address)).error == ""
    assert {1.0, 2.0} <= set(desk.pauses)
    assert len(desk.events("leads")) == 1


def test_an_empty_portal_brings_nothing_and_a_refused_token_is_said(
    desk: Desk, portal: FakeHubSpot, address: str
) -> None:
    assert desk.pull(connected(desk, address)).error == ""
    wrong = desk.connect("hubspot", key="b", settings={"base_url": address}, secrets={"access_token": "x"})
    assert "401" in desk.pull(wrong).error


def test_missing_and_unknown_properties_do_no_harm(desk: Desk, portal: FakeHubSpot, address: str) -> None:
    bare = DEAL | {"id": "3", "properties": {"hs_lastmodifieddate": "2025-01-01T10:05:00Z", "new": None}}
    portal.deals = [bare, deal(4, closedate="2099-01-01T00:00:00Z")]
    assert desk.pull(connected(desk, address)).error == ""
    assert {event["deal_id"] for event in desk.events("deals")} == {"north:deal:3", "north:deal:4"}
    assert desk.rejections() == []


def test_a_card_that_nobody_foresaw_is_kept_and_the_others_come(desk: Desk, portal: FakeHubSpot, address: str) -> None:
    portal.deals = [deal(1, createdate="soon"), deal(2)]
    state = desk.pull(connected(desk, address))
    assert (state.error, state.rejected) == ("", 1)
    assert {event["deal_id"] for event in desk.events("deals")} == {"north:deal:2"}
