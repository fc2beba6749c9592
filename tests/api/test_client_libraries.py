"""Unmodified client libraries, pointed at our address: all that they send stands in the log, each event once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.bootstrap import Services
from infra.log.base import EventLog
from infra.sql import Statements
from tests.api import client_libraries as libraries
from tests.api.ailing import Ailing
from tests.api.client_libraries import Call, Library
from tests.api.live import listening
from tests.api.stored import stored

_SQL = Statements("tests", "clients")
OF_SEGMENT_FORM = [
    libraries.SEGMENT_PYTHON, libraries.SEGMENT_PYTHON_GZIP, libraries.SEGMENT_NODE, libraries.RUDDERSTACK_PYTHON,
    libraries.RUDDERSTACK_NODE,
]  # fmt: skip
OF_POSTHOG = [libraries.POSTHOG, libraries.POSTHOG_SECOND]
OF_SNOWPLOW = [libraries.SNOWPLOW, libraries.SNOWPLOW_PIXEL]
EVERY = OF_SEGMENT_FORM + OF_POSTHOG + OF_SNOWPLOW
WHO = {"userId": "u-1", "anonymousId": "a-1"}
URL = "https://dealer.example/monjaro?utm_source=yandex&utm_medium=cpc&yclid=1234567890123456789"


def name_of(library: Library) -> str:
    return library.name


CALLS: list[Call] = [
    ("identify", {**WHO, "traits": {"email": " Ivan@Example.com", "phone": "8 900 000-00-01", "name": "Иван 🚗"}}),
    ("page", {**WHO, "name": "Monjaro", "properties": {"url": URL, "referrer": "https://ya.example/"}}),
    ("screen", {**WHO, "name": "Гараж"}),
    ("track", {**WHO, "event": "Order Completed", "properties": {"order_id": "o-1", "revenue": 100.5}}),
    ("group", {**WHO, "groupId": "g-1", "traits": {"plan": "fleet"}}),
    ("alias", {"userId": "u-1", "previousId": "a-0"}),
]


@pytest.mark.parametrize("library", OF_SEGMENT_FORM, ids=name_of)
def test_each_call_arrives_once(services: Services, library: Library) -> None:
    with listening(services) as host:
        assert library.send(host, CALLS) == []
    found = stored(services.log)
    assert {family: len(events) for family, events in found.items()} == {
        "touches": 2, "actions": 2, "deals": 1, "profiles": 2,
    }  # fmt: skip
    (known,) = [each for each in found["profiles"] if "previous_id" not in each]
    assert (known["visitor_id"], known["user_id"], known["name"]) == ("a-1", "u-1", "Иван 🚗")
    assert (known["phone"], known["email"]) == ("+79000000001", "ivan@example.com")
    (alias,) = [each for each in found["profiles"] if "previous_id" in each]
    assert (alias["previous_id"], alias["user_id"]) == ("a-0", "u-1")
    (page,) = [each for each in found["touches"] if each.get("url")]
    assert (page["source"], page["medium"], page["click_ids"]) == ("yandex", "cpc", {"yclid": "1234567890123456789"})
    assert page["referrer"] == "https://ya.example/"
    (sale,) = found["deals"]
    assert (sale["deal_id"], sale["stage"], sale["amount"], sale["visitor_id"]) == ("o-1", "sale", "100.5000", "a-1")
    assert {each["name"] for each in found["actions"]} == {"Order Completed", "Group Joined"}


@pytest.mark.parametrize("library", OF_POSTHOG, ids=name_of)
def test_posthogs_calls_arrive_once(services: Services, library: Library) -> None:
    with listening(services) as host:
        assert library.send(host, CALLS) == []
    found = stored(services.log)
    assert {family: len(events) for family, events in found.items()} == {
        "touches": 2, "actions": 2, "deals": 1, "profiles": 2,
    }  # fmt: skip
    (known,) = [each for each in found["profiles"] if "previous_id" not in each]
    assert (known["user_id"], known["email"], known["phone"]) == ("u-1", "ivan@example.com", "+79000000001")
    (alias,) = [each for each in found["profiles"] if "previous_id" in each]
    assert (alias["previous_id"], alias["user_id"]) == ("a-0", "u-1")
    (page,) = [each for each in found["touches"] if each.get("url")]
    assert (page["source"], page["visitor_id"], page["user_id"]) == ("yandex", "user:u-1", "u-1")


@pytest.mark.parametrize("library", OF_SNOWPLOW, ids=name_of)
def test_snowplows_events_arrive_once(services: Services, library: Library) -> None:
    with listening(services) as host:
        assert library.send(host, CALLS) == []
    found = stored(services.log)
    assert {family: len(events) for family, events in found.items()} == {"touches": 2, "actions": 1, "deals": 1}
    (page,) = [each for each in found["touches"] if each.get("url")]
    assert (page["source"], page["visitor_id"], page["user_id"]) == ("yandex", "a-1", "u-1")
    (sale,) = found["deals"]
    assert (sale["deal_id"], sale["amount"]) == ("o-1", "100.5000")


def tracks(prefix: str, count: int) -> list[Call]:
    """So many different events, in several scripts."""
    words = ["Просмотр", "Перегляд", "閲覧", "عرض", "view 🚗"]
    return [
        ("track", {**WHO, "event": "Product Viewed", "properties": {"place": f"{prefix}-{n}", "text": words[n % 5]}})
        for n in range(count)
    ]


def places(log: EventLog) -> Counter[str]:
    return Counter(each["properties"]["place"] for each in stored(log).get("actions", []))


@pytest.mark.parametrize("library", EVERY, ids=name_of)
def test_many_events_arrive_once(services: Services, library: Library) -> None:
    count = 40 if library is libraries.SNOWPLOW_PIXEL else 700
    with listening(services) as host:
        assert library.send(host, tracks("p", count), flush_at=100) == []
    assert places(services.log) == {f"p-{n}": 1 for n in range(count)}
    texts = {each["properties"]["text"] for each in stored(services.log)["actions"]}
    assert texts == {"Просмотр", "Перегляд", "閲覧", "عرض", "view 🚗"}


@pytest.mark.parametrize("library", OF_SEGMENT_FORM + OF_POSTHOG, ids=name_of)
def test_a_wrong_key_is_told_and_not_tried_again(services: Services, library: Library) -> None:
    seen: list[str] = []
    with listening(services, seen) as host:
        failures = library.send(host, tracks("p", 1), write_key="x")
    assert len(seen) == 1
    assert failures
    assert stored(services.log) == {}


def test_who_asks_for_flags_gets_none(services: Services) -> None:
    seen: list[str] = []
    with listening(services, seen) as host:
        assert libraries.POSTHOG_FLAGS.send(host, tracks("p", 1)) == []
    assert sorted(seen) == ["/batch/", "/flags/"]


RETRYING = [
    libraries.SEGMENT_PYTHON, libraries.SEGMENT_NODE, libraries.RUDDERSTACK_PYTHON, libraries.RUDDERSTACK_NODE,
    libraries.POSTHOG, libraries.SNOWPLOW,
]  # fmt: skip


def send_all(services: Services, ailing: Ailing) -> Iterator[tuple[Library, list[str]]]:
    """Every library at once, while the log is ill."""
    services.__dict__["log"] = ailing
    with listening(services) as host, ThreadPoolExecutor(len(RETRYING)) as pool:
        sent = [pool.submit(library.send, host, tracks(library.name, 30), flush_at=30) for library in RETRYING]
        for library, result in zip(RETRYING, sent, strict=True):
            yield library, result.result()


def test_an_outage_loses_nothing_and_doubles_nothing(services: Services) -> None:
    ailing = Ailing(services.log, 2 * len(RETRYING))
    for library, failures in send_all(services, ailing):
        assert failures == [], library.name
    assert ailing.refused == 2 * len(RETRYING)
    assert places(services.log) == {f"{library.name}-{n}": 1 for library in RETRYING for n in range(30)}


def test_an_answer_that_was_lost_doubles_nothing_in_the_warehouse(services: Services) -> None:
    for library, failures in send_all(services, Ailing(services.log, 2 * len(RETRYING), after=True)):
        assert failures == [], library.name
    services.new_loader().drain()
    found = Counter(services.warehouse.value(_SQL["places"]))
    assert found == {f"{library.name}-{n}": 1 for library in RETRYING for n in range(30)}
