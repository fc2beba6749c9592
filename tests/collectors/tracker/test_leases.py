"""Leases of numbers, and the calls that they explain, on both operational databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine

from collectors.tracker.calls import with_visits
from collectors.tracker.leases import KEPT, NumberLeases, number_leases, pool_numbers
from infra.clock import FrozenClock
from infra.database import metadata

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE, TWO = "+79000000101", "+79000000102"
LASTING, GRACE = timedelta(minutes=30), timedelta(minutes=60)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(START)


@pytest.fixture
def leases(database: Engine, clock: FrozenClock) -> NumberLeases:
    return NumberLeases(database, clock, lasting=LASTING, grace=GRACE)


def holder(leases: NumberLeases, number: str, at: datetime) -> str | None:
    (found,) = leases.holders([(number, at)])
    return found.session_id if found else None


def test_a_session_keeps_its_number_and_others_get_others(leases: NumberLeases, clock: FrozenClock) -> None:
    assert leases.lease([ONE, TWO], "v1", "s1") == ONE
    assert leases.lease([ONE, TWO], "v2", "s2") == TWO
    assert leases.lease([ONE, TWO], "v3", "s3") is None
    clock.advance(minutes(29))
    assert leases.lease([ONE, TWO], "v1", "s1") == ONE
    clock.advance(minutes(29))
    assert leases.lease([ONE, TWO], "v3", "s3") == TWO  # the first one was renewed
    assert leases.lease([ONE, TWO], "v4", "s4") is None
    assert leases.lease([], "v5", "s5") is None


def test_the_number_that_was_released_first_goes_first(leases: NumberLeases, clock: FrozenClock) -> None:
    leases.lease([ONE], "v1", "s1")
    clock.advance(minutes(1))
    leases.lease([TWO], "v2", "s2")
    clock.advance(minutes(40))
    assert leases.lease([TWO, ONE], "v3", "s3") == ONE


def test_a_call_is_of_who_held_the_number_then(leases: NumberLeases, clock: FrozenClock) -> None:
    leases.lease([ONE], "v1", "s1")
    clock.advance(minutes(45))
    leases.lease([ONE], "v2", "s2")
    clock.advance(minutes(60))  # told late: the lease has ended
    assert holder(leases, ONE, START - minutes(1)) is None
    assert holder(leases, ONE, START + minutes(10)) == "s1"
    assert holder(leases, ONE, START + minutes(40)) == "s1"  # within the grace time
    assert holder(leases, ONE, START + minutes(45)) == "s2"
    assert holder(leases, ONE, START + minutes(45 + 30 + 60)) == "s2"
    assert holder(leases, ONE, START + minutes(45 + 30 + 61)) is None
    assert holder(leases, TWO, START) is None


def test_two_at_once_never_get_one_number(leases: NumberLeases) -> None:
    pool = [f"+7900000{number:04}" for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        given_out = list(threads.map(lambda n: leases.lease(pool, f"v{n}", f"s{n}"), range(12)))
    found = [number for number in given_out if number]
    assert len(found) == len(set(found))
    assert len(found) == 8


def test_old_leases_are_forgotten(leases: NumberLeases, clock: FrozenClock) -> None:
    leases.lease([ONE], "v1", "s1")
    clock.advance(KEPT + minutes(31))
    leases.lease([TWO], "v2", "s2")
    assert holder(leases, ONE, START) is None


def call(key: str, called: str = ONE, at: str = "2026-03-01T12:05:00Z", **fields: str) -> bytes:
    return orjson.dumps({"id": key, "called": called, "started_at": at, **fields})


def test_calls_get_their_visits_where_they_name_none(leases: NumberLeases) -> None:
    calls = {
        "1": call("1"), "2": call("2", visitor_id="theirs"), "3": call("3", session_id="theirs"),
        "4": call("4", TWO), "5": call("5", at="2026-03-01T11:00:00Z"),
    }  # fmt: skip
    assert with_visits(calls, leases) == calls
    leases.lease([ONE], "v1", "s1")
    found = with_visits(calls, leases)
    assert orjson.loads(found["1"]) == orjson.loads(calls["1"]) | {"visitor_id": "v1", "session_id": "s1"}
    assert {key: found[key] for key in "2345"} == {key: calls[key] for key in "2345"}


def test_a_call_to_a_pool_is_of_the_sites_dealer_and_employees_calls_are_nobodys(leases: NumberLeases) -> None:
    leases.lease([ONE], "v1", "s1", site="site", dealer="north")
    calls = {"1": call("1"), "2": call("2", dealer="south"), "3": call("3", direction="out")}
    found = {key: orjson.loads(line) for key, line in with_visits(calls, leases).items()}
    assert [found[key].get("dealer") for key in "123"] == ["north", "south", None]
    assert [found[key].get("session_id") for key in "123"] == ["s1", "s1", None]


@pytest.fixture(scope="module")
def memory() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40)), max_size=30))
def test_no_number_is_held_twice_and_calls_find_their_session(memory: Engine, steps: list[tuple[int, int]]) -> None:
    """Whatever the order: while a session is shown a number, a call to it is that session's."""
    with memory.begin() as connection:
        connection.execute(number_leases.delete())
        connection.execute(pool_numbers.delete())
    clock = FrozenClock(START)
    leases = NumberLeases(memory, clock, lasting=LASTING, grace=GRACE)
    shown: dict[str, tuple[str, datetime]] = {}
    for session, pause in steps:
        clock.advance(minutes(pause))
        number = leases.lease([ONE, TWO], f"v{session}", f"s{session}")
        if number is None:
            continue
        other = shown.get(number)
        assert other is None or other[0] == f"s{session}" or other[1] <= clock.now()
        shown[number] = (f"s{session}", clock.now() + LASTING)
        assert holder(leases, number, clock.now()) == f"s{session}"
