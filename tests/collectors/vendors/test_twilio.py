"""Twilio: signed status callbacks."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.bootstrap import Services
from collectors.deliveries import Delivery
from collectors.sources.source import Source
from collectors.vendors.twilio import VENDOR, signature
from infra.errors import NotAllowed
from tests.collectors.vendors.desk import Desk
from tests.collectors.vendors.golden import golden

TOKEN = "twiliotesttoken"  # of the documented sample
ADDRESS = "https://collect.example.com/v1/in/twilio/tnt_1"
COMPLETED = golden("twilio/completed.txt").decode()
PAIRS = parse_qsl(COMPLETED)
DOCUMENTED = "4oXCFiqZhPdgNiiptSDBelMcBP0="
SOURCE = Source("north", "twilio", "", ZoneInfo("UTC"), secrets={"auth_token": TOKEN, "shared_key": "shared"})


@pytest.fixture
def public(january: Desk) -> Iterator[Desk]:
    """A desk that vendors know by another address than the request's."""
    settings = january.services.settings.model_copy(update={"public_url": "https://collect.example.com/"})
    services = Services(settings, january.services.clock)
    with TestClient(create_app(services)) as client:
        yield Desk(services, client)
    services.close()


def connected(desk: Desk) -> Source:
    return desk.connect("twilio", secrets=SOURCE.secrets)


def deliver(desk: Desk, source: Source, **changed: str) -> int:
    pairs = list((dict(PAIRS) | changed).items())
    signed = signature(TOKEN, f"https://collect.example.com/hooks/twilio/{source.token}", pairs)
    return desk.deliver(source, urlencode(pairs), headers={"X-Twilio-Signature": signed}).status_code


def delivery(address: str, body: str, signed: str, **headers: str) -> Delivery:
    named = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signed, **headers}
    query = address.partition("?")[2]
    return Delivery("north", "POST", address, "", query, named, body.encode(), datetime(2025, 1, 18, tzinfo=UTC))


def test_the_documented_vectors() -> None:
    assert signature(TOKEN, ADDRESS, PAIRS) == DOCUMENTED
    told = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
            "To": "+18005551212"}  # fmt: skip
    address = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", address, told.items()) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    VENDOR.check(SOURCE, delivery(ADDRESS, COMPLETED, DOCUMENTED))


@pytest.mark.parametrize("body", [COMPLETED.replace("CallDuration=62", "CallDuration=63"), COMPLETED + "&Blank=", ""])
def test_a_signature_of_something_else_is_wrong(body: str) -> None:
    with pytest.raises(NotAllowed):
        VENDOR.check(SOURCE, delivery(ADDRESS, body, DOCUMENTED))


def test_blank_values_count_and_repeated_ones_count_once() -> None:
    body = "b=2&a=&b=1&b=2&a="
    signed = signature(TOKEN, f"{ADDRESS}ab1b2", [])
    VENDOR.check(SOURCE, delivery(ADDRESS, body, signed))


@pytest.mark.parametrize(("received", "signed"), [
    (ADDRESS, "https://collect.example.com:443/v1/in/twilio/tnt_1"),
    ("https://collect.example.com:8443/hook", "https://collect.example.com/hook"),
    ("https://collect.example.com:8443/hook?a=1", "https://collect.example.com:8443/hook?a=1"),
    ("http://collect.example.com/hook", "http://collect.example.com:80/hook"),
])  # fmt: skip
def test_an_address_is_signed_with_its_port_or_without_it(received: str, signed: str) -> None:
    VENDOR.check(SOURCE, delivery(received, COMPLETED, signature(TOKEN, signed, PAIRS)))


def test_a_shared_key_signs_with_sha256() -> None:
    settings = {"x-twilio-webhooks-signature-settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
    right = signature("shared", ADDRESS, PAIRS, algorithm="sha256")
    VENDOR.check(SOURCE, delivery(ADDRESS, COMPLETED, right, **settings))
    for wrong in (signature(TOKEN, ADDRESS, PAIRS, algorithm="sha256"), signature("shared", ADDRESS, PAIRS)):
        with pytest.raises(NotAllowed):
            VENDOR.check(SOURCE, delivery(ADDRESS, COMPLETED, wrong, **settings))
    unset = Source("north", "twilio", "", ZoneInfo("UTC"), secrets={"auth_token": TOKEN})
    with pytest.raises(NotAllowed):
        VENDOR.check(unset, delivery(ADDRESS, COMPLETED, signature("", ADDRESS, PAIRS, algorithm="sha256"), **settings))


def test_of_a_json_body_the_address_holds_the_digest() -> None:
    body = orjson.dumps(dict(PAIRS)).decode()
    address = f"{ADDRESS}?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    signed, json = signature(TOKEN, address, []), {"content-type": "application/json"}
    VENDOR.check(SOURCE, delivery(address, body, signed, **json))
    with pytest.raises(NotAllowed):
        VENDOR.check(SOURCE, delivery(address, body + " ", signed, **json))
    (told,) = VENDOR.read(SOURCE, delivery(address, body, signed, **json))
    assert told.item["id"] == "north:call:CA00000000000000000000000000000001"


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=6), st.data())
def test_the_order_of_pairs_and_repetitions_do_not_matter(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations([*pairs, *pairs[:2]]))
    assert signature(TOKEN, ADDRESS, shuffled) == signature(TOKEN, ADDRESS, pairs)


def test_the_documented_callback_is_a_call(public: Desk) -> None:
    source = connected(public)
    assert deliver(public, source) == 204
    public.read()
    assert public.events("calls") == [
        {
            "id": "north:call:CA00000000000000000000000000000001", "started_at": "2025-01-01T09:00:38Z",
            "caller": "+79000000001", "called": "+74950000001", "status": "answered", "duration_s": 62, "talk_s": 62,
            "properties": {
                "account_sid": "AC00000000000000000000000000000001", "twilio_status": "completed",
                "collected_from": "north",
            },
        }
    ]  # fmt: skip


def test_a_wrong_signature_is_refused_and_nothing_is_kept(public: Desk) -> None:
    source = connected(public)
    for headers in ({}, {"X-Twilio-Signature": DOCUMENTED}):
        assert public.deliver(source, COMPLETED, headers=headers).status_code == 401
    public.read()
    assert public.events("calls") == []
    assert "refused" in public.state(source).error


def test_only_the_last_status_makes_a_call_whatever_the_order(public: Desk) -> None:
    source = connected(public)
    for number, status in ((2, "completed"), (0, "ringing"), (1, "in-progress"), (2, "completed")):
        assert deliver(public, source, CallStatus=status, SequenceNumber=str(number), Anew="1") == 204
    assert deliver(public, source, CallSid="CA2", ParentCallSid="CA1", Direction="outbound-dial") == 204
    public.read()
    (call,) = public.events("calls")
    assert (call["status"], call["duration_s"]) == ("answered", 62)
    assert public.rejections() == []


@pytest.mark.parametrize(("told", "status"), [
    ("busy", "busy"), ("failed", "failed"), ("no-answer", "missed"), ("canceled", "missed"),
])  # fmt: skip
def test_calls_that_nobody_answered(public: Desk, told: str, status: str) -> None:
    deliver(public, connected(public), CallStatus=told, CallDuration="", Timestamp="")
    public.read()
    (call,) = public.events("calls")
    assert (call["status"], call["talk_s"], call["started_at"]) == (status, 0, "2025-01-18T12:00:00Z")


def test_what_is_missing_or_no_time_is_told(public: Desk) -> None:
    source = connected(public)
    deliver(public, source, CallSid="", To="")
    deliver(public, source, Timestamp="soon")
    public.read()
    problems = {(each.family, error.field) for each in public.rejections() for error in each.errors}
    assert problems == {("calls", "id"), ("calls", "called"), ("deliveries", "")}
