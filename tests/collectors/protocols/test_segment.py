"""One message of Segment's form: which events it becomes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.protocols import ga4, posthog, snowplow
from collectors.protocols.requests import messages_of
from infra.errors import ClosedLoopError, InvalidInput, InvalidSettings
from tests.collectors.protocols.hearing import NOW, SMALLEST, hear, reader

PAGE = {"url": "https://dealer.example/monjaro", "referrer": "https://ya.example/"}


def touch(**fields: Any) -> dict[str, Any]:
    return hear("page", **fields)["touches"]


def test_who_is_known_by_either_id() -> None:
    only_user = touch(anonymousId=None, userId=42)
    assert (only_user["visitor_id"], only_user["user_id"]) == ("user:42", "42")
    both = touch(userId="u-1")
    assert (both["visitor_id"], both["user_id"]) == ("a-1", "u-1")
    assert "user_id" not in touch()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"anonymousId": None}, "neither userId nor anonymousId"),
        ({"anonymousId": {}, "userId": ""}, "neither userId nor anonymousId"),
        ({"type": ""}, "no type"),
        ({"type": "shout"}, "'shout' is not known"),
    ],
)
def test_what_is_no_message(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        reader().read({**SMALLEST, "type": "page", **fields}, NOW)


def test_the_campaign_that_the_client_names_wins_over_the_address() -> None:
    found = touch(context={
        "page": {"url": "https://dealer.example/?utm_source=a&utm_term=t&gclid=G"},
        "campaign": {"source": "yandex", "medium": "cpc", "name": "spring", "content": "{banner}"},
    })  # fmt: skip
    assert (found["source"], found["medium"], found["campaign"], found["term"]) == ("yandex", "cpc", "spring", "t")
    assert "content" not in found, "a macro that nobody filled in says nothing"
    assert found["click_ids"] == {"gclid": "G"}


def test_marks_and_click_ids_may_stand_in_the_properties() -> None:
    found = touch(properties={"utm_source": "vk", "utm_campaign": "spring", "yclid": 12})
    assert (found["source"], found["campaign"], found["click_ids"]) == ("vk", "spring", {"yclid": "12"})


@pytest.mark.parametrize(
    ("referrer", "kept"),
    [
        ("https://ya.example/search", True),
        ("https://dealer.example/", False),
        ("http://www.dealer.example/x?y", False),
        ("https://shop.dealer.example/", True),
        ("https://[broken", True),
        ("", False),
    ],
)
def test_a_page_of_the_same_host_is_no_referrer(referrer: str, kept: bool) -> None:
    page = {"url": f"{PAGE['url']}?utm_source=vk", "referrer": referrer}
    assert touch(context={"page": page}).get("referrer", "") == (referrer if kept else "")


def test_a_further_page_of_a_visit_is_no_touch() -> None:
    inner = {"url": "https://dealer.example/price", "referrer": "https://www.dealer.example/"}
    action = hear("page", name="Price", context={"page": inner})["actions"]
    assert (action["name"], action["url"]) == ("page", "https://dealer.example/price")
    assert action["properties"] == {"name": "Price"}
    for page in ({**inner, "url": inner["url"] + "?yclid=1"}, {**inner, "referrer": ""}, PAGE):
        assert list(hear("page", context={"page": page})) == ["touches"]
    assert list(hear("page", context={"page": inner, "campaign": {"source": "vk"}})) == ["touches"]


def test_the_query_may_stand_beside_the_address() -> None:
    found = touch(context={"page": {"url": "https://dealer.example/", "search": "?utm_source=vk"}})
    assert (found["source"], found["url"]) == ("vk", "https://dealer.example/?utm_source=vk")


@pytest.mark.parametrize(
    ("fields", "session"),
    [
        ({"context": {"sessionId": "s-1"}}, "s-1"),
        ({"context": {"sessionId": 1737128400000}}, "a-1:1737128400000"),
        ({"context": {"session": {"id": "s-2"}}}, "s-2"),
        ({"properties": {"$session_id": "s-3"}}, "s-3"),
        ({"timestamp": "2026-02-28T20:59:59Z"}, "a-1:2026-02-28"),
        ({"timestamp": "2026-02-28T21:00:00Z"}, "a-1:2026-03-01"),
    ],
)
def test_the_session(fields: dict[str, Any], session: str) -> None:
    assert touch(**fields)["session_id"] == session


@pytest.mark.parametrize(
    ("context", "device"),
    [
        ({"device": {"type": "iOS"}}, "ios"),
        ({"userAgent": "Mozilla/5.0 (Linux; Android 15; Pixel) Mobile Safari"}, "mobile"),
        ({"userAgent": "Mozilla/5.0 (Linux; Android 15; SM-X) Safari"}, "tablet"),
        ({"userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64)"}, "desktop"),
        ({"userAgent": "curl/8"}, ""),
    ],
)
def test_the_device(context: dict[str, Any], device: str) -> None:
    assert touch(context=context).get("device", "") == device


def test_an_identity_ties_all_keys() -> None:
    found = hear("identify", userId="u-1", traits={
        "firstName": "Иван", "lastName": "Иванов", "phone": "8 900 000-00-01", "email": "I@X.example", "crmId": 7,
        "city": "Казань",
    })  # fmt: skip
    assert found["profiles"] == {
        "id": "m-1", "occurred_at": "2026-03-01T11:00:00Z", "visitor_id": "a-1", "user_id": "u-1", "crm_id": "7",
        "name": "Иван Иванов", "phone": "+79000000001", "email": "i@x.example",
        "properties": {"firstName": "Иван", "lastName": "Иванов", "crmId": 7, "city": "Казань"},
    }  # fmt: skip


def test_traits_may_stand_in_the_context() -> None:
    assert hear("identify", context={"traits": {"email": "i@x.example"}})["profiles"]["email"] == "i@x.example"


def test_a_lead_takes_its_fields() -> None:
    found = hear(
        "track", event="Lead Submitted", userId="u-1", context={"campaign": {"source": "vk"}, "page": PAGE},
        properties={"lead_id": "l-7", "name": "Иван", "phone": "89000000001", "model": "Monjaro", "dealer": "North",
                    "status": "Qualified", "manager": "Пётр", "comment": "red"},
    )  # fmt: skip
    assert found["leads"] == {
        "id": "l-7", "created_at": "2026-03-01T11:00:00Z", "kind": "form", "name": "Иван", "phone": "+79000000001",
        "visitor_id": "a-1", "user_id": "u-1", "session_id": "a-1:2026-03-01", "source": "vk", "dealer": "North",
        "product": "Monjaro", "status": "qualified", "manager": "Пётр",
        "properties": {"lead_id": "l-7", "name": "Иван", "model": "Monjaro", "dealer": "North", "status": "Qualified",
                       "manager": "Пётр", "comment": "red", "event": "Lead Submitted"},
    }  # fmt: skip
    assert "phone" not in found["actions"]["properties"], "how to reach somebody stands in the lead alone"


def test_a_sale_takes_its_fields() -> None:
    found = hear("track", event="order_completed", properties={
        "order_id": 7, "revenue": "1 234,50", "currency": "RUB", "kind": "used_car", "lead_id": "l-7", "margin": 100,
        "email": "i@x.example", "products": [{"name": "Monjaro"}, {"name": "Mats"}, "?"],
    })  # fmt: skip
    deal = found["deals"]
    assert (deal["deal_id"], deal["stage"], deal["kind"], deal["lead_id"]) == ("7", "sale", "used_car", "l-7")
    assert (deal["amount"], deal["margin"], deal["currency"]) == ("1234.5000", "100.0000", "RUB")
    assert (deal["contact"], deal["product"]) == ({"email": "i@x.example"}, "Monjaro, Mats")


def test_a_sale_without_a_number_is_a_sale() -> None:
    assert hear("track", event="Order Completed")["deals"]["deal_id"] == "m-1"


def test_a_call_takes_its_fields() -> None:
    found = hear("track", event="Call Received", properties={
        "call_id": "c-1", "caller": "89000000001", "to": "+79000000002", "status": "Missed", "duration": "1:35",
    })  # fmt: skip
    call = found["calls"]
    assert (call["id"], call["caller"], call["called"]) == ("c-1", "+79000000001", "+79000000002")
    assert (call["status"], call["duration_s"]) == ("missed", 95)


@pytest.mark.parametrize(
    ("properties", "amount"),
    [
        ({"price": 7, "currency": "rub"}, "7.0000"),
        ({"value": 7}, "7.0000"),
        ({"value": 7, "currency": "USD"}, None),
        ({"value": "free"}, None),
        ({"value": -7}, None),
        ({"value": "NaN"}, None),
    ],
)
def test_an_action_is_never_refused_for_its_amount(properties: dict[str, Any], amount: str | None) -> None:
    action = hear("track", event="Product Viewed", properties=properties)["actions"]
    assert action.get("amount") == amount
    assert action["properties"] == properties


@pytest.mark.parametrize("name", ["Заявка на тест-драйв", "заявка_на_тест-драйв", "ЗАЯВКА НА ТЕСТ ДРАЙВ"])
def test_own_names_have_meanings(name: str) -> None:
    own = {"Заявка на тест-драйв": "lead:form", "Order Completed": "action"}
    assert hear("track", own, event=name)["leads"]["kind"] == "form"
    assert list(hear("track", own, event="Order Completed")) == ["actions"], "own names win"


def test_a_meaning_that_there_is_not_is_told() -> None:
    with pytest.raises(InvalidSettings, match="'Paid' cannot mean 'deal:paid'"):
        reader({"Paid": "deal:paid"})


def test_a_message_without_an_id_is_known_by_its_content() -> None:
    one = touch(messageId=None, sentAt="2026-03-01T11:00:01Z")["id"]
    assert one == touch(messageId="", sentAt="2026-03-01T11:59:00Z")["id"]
    assert one != touch(messageId=None, name="Other")["id"]


def test_a_group_is_an_action() -> None:
    action = hear("group", groupId="g-1", traits={"plan": "fleet"})["actions"]
    assert (action["name"], action["properties"]) == ("Group Joined", {"group_id": "g-1", "traits": {"plan": "fleet"}})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=20)
    | st.sampled_from(["track", "page", "identify", "Order Completed", "https://[x", "%zz", "data:,"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([
        "type", "event", "userId", "anonymousId", "messageId", "timestamp", "originalTimestamp", "sentAt", "context",
        "properties", "traits", "page", "url", "referrer", "search", "campaign", "name", "products", "session",
        "sessionId", "device", "location", "phone", "revenue", "batch", "channel", "distinct_id", "$set", "uuid",
        "events", "params", "client_id", "timestamp_micros", "user_data", "e", "eid", "dtm", "stm", "ue_pr", "cx",
        "co", "duid", "se_ac", "data",
    ]) | st.text(max_size=5), inner, max_size=8),
    max_leaves=30,
)  # fmt: skip
json_objects = json_values.filter(lambda value: isinstance(value, dict))


@given(told=json_objects, kind=st.sampled_from(["page", "screen", "track", "identify", "alias", "group"]))
def test_no_object_breaks_the_reader(told: dict[str, Any], kind: str) -> None:
    for message in (told, {**told, "anonymousId": "a-1", "type": kind}):
        try:
            events = reader().read(message, NOW)
        except InvalidInput:
            continue
        assert events


@given(told=json_objects)
def test_no_object_breaks_the_protocols(told: dict[str, Any]) -> None:
    assert isinstance(posthog.as_segment(told, told.get("sentAt")), dict)
    assert isinstance(snowplow.as_segment(told), dict)
    assert all(isinstance(each, dict) for each in ga4.as_segment(told, NOW))
    for call in ("batch", "track"):
        try:
            found, _ = messages_of(call, told, 100)
        except ClosedLoopError:
            continue
        assert isinstance(found, list)
