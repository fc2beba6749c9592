"""Every vendor whose calls are pulled: pages, limits, failures and repetitions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from starlette.responses import Response

from collectors.sources.source import Source
from tests.collectors.vendors.call_fakes import CALLS, FAKES, CallFake
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_api import FakeApi

ALL = [f"north:call:{number}" for number in CALLS]
of_every_vendor = pytest.mark.parametrize("make", FAKES, ids=lambda make: make.vendor)


@contextmanager
def connected(desk: Desk, fake: CallFake, **settings: str) -> Iterator[tuple[FakeApi, Source]]:
    api = FakeApi(fake.answer)
    with serving_fake(api.app) as address:
        told = {**fake.settings, "history_days": "1", "base_url": address, **settings}
        yield api, desk.connect(fake.vendor, settings=told, secrets=fake.secrets)


def ids(desk: Desk) -> list[str]:
    return [call["id"] for call in desk.events("calls")]


@of_every_vendor
def test_every_page_of_every_day_is_taken(january: Desk, make: Callable[[], CallFake]) -> None:
    with connected(january, make()) as (_, source):
        state = january.pull(source)
    assert state.error == ""
    assert ids(january) == ALL
    assert january.rejections() == []
    assert state.cursor == {"day": "2025-01-18"}
    moments = {call["started_at"] for call in january.events("calls")}
    assert moments == {f"2025-01-17T{hour}:30:00Z" for hour in range(18, 23)}


@of_every_vendor
def test_the_next_pull_asks_for_settling_days_again_and_doubles_nothing(
    january: Desk, make: Callable[[], CallFake]
) -> None:
    fake = make()
    late = dict.fromkeys([900000009], CALLS[900000001])
    with connected(january, fake) as (_, source):
        january.pull(source)
        fake.calls |= late
        first = january.state(source).accepted
        assert january.pull(source).error == ""
    assert ids(january) == [*ALL, "north:call:900000009"]
    assert first == len(ALL)


@of_every_vendor
def test_a_pull_that_dies_anywhere_loses_and_doubles_nothing(january: Desk, make: Callable[[], CallFake]) -> None:
    fake = make()
    with connected(january, fake) as (api, source):
        january.pull(source)
        requests = len(api.asked)
        for broken in range(requests):
            again = january.connect(fake.vendor, key=f"at-{broken}", settings=source.settings, secrets=fake.secrets)
            api.asked.clear()
            api.troubles = {broken: Response(status_code=401)}
            assert "401" in january.pull(again).error
            api.troubles = {}
            assert january.pull(again).error == ""
    for broken in range(requests):
        assert [key for key in ids(january) if key.startswith(f"at-{broken}:")] == [
            f"at-{broken}:call:{number}" for number in CALLS
        ]


@of_every_vendor
def test_a_limit_is_waited_for_and_an_outage_is_told(january: Desk, make: Callable[[], CallFake]) -> None:
    with connected(january, make()) as (api, source):
        api.troubles = {0: Response(status_code=429, headers={"Retry-After": "7"}), 1: Response(status_code=500)}
        assert january.pull(source).error == ""
        assert 7 in january.pauses
        assert ids(january) == ALL
        api.asked.clear()
        api.troubles = {number: Response(status_code=500) for number in range(4)}
        state = january.pull(source)
    assert "out of order (status 500)" in state.error
    assert state.failures == 1


@of_every_vendor
def test_a_wrong_key_is_told(january: Desk, make: Callable[[], CallFake]) -> None:
    fake = make()
    with connected(january, fake) as (_, source):
        wrong = dict.fromkeys(fake.secrets, "wrong")
        other = january.connect(fake.vendor, key="wrong", settings=source.settings, secrets=wrong)
        state = january.pull(other)
    assert "refuses" in state.error
    assert state.failures == 1
    assert not [key for key in ids(january) if key.startswith("wrong")]


@of_every_vendor
def test_an_account_without_calls_is_no_trouble(january: Desk, make: Callable[[dict[int, str]], CallFake]) -> None:
    with connected(january, make({})) as (_, source):
        assert january.pull(source).error == ""
    assert january.events("calls") == []


@of_every_vendor
def test_a_history_that_is_no_number_is_told(january: Desk, make: Callable[[], CallFake]) -> None:
    with connected(january, make(), history_days="many") as (api, source):
        state = january.pull(source)
    assert "'many' is no number of days" in state.error
    assert api.asked == []
