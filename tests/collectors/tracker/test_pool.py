"""The size of a pool: Erlang's formula against its definition and against a simulation of the real leases."""

import random
from datetime import UTC, datetime, timedelta
from itertools import accumulate, count, islice
from math import exp, factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine

from collectors.tracker.erlang import accuracy, as_loads, numbers_needed, overtaken, refused
from collectors.tracker.leases import NumberLeases
from collectors.tracker.pool import expected_accuracy, given_traffic, pool_sizes, read_accuracies
from infra.clock import FrozenClock
from infra.database import metadata
from infra.errors import InvalidInput

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE, GRACE = timedelta(minutes=30), timedelta(minutes=60)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@given(st.floats(0.01, 60), st.integers(0, 80))
def test_the_recursion_is_the_formula(load: float, numbers: int) -> None:
    terms = [load**count / factorial(count) for count in range(numbers + 1)]
    lost = next(islice(refused(as_loads([load])), numbers, None))
    assert lost[0] == pytest.approx(terms[-1] / sum(terms), rel=1e-9)
    below = next(islice(overtaken(as_loads([load])), numbers, None))
    assert below[0] == pytest.approx(1 - sum(terms[:-1]) * exp(-load), abs=1e-9)


def test_a_known_value_of_erlangs_tables() -> None:
    ten, one = as_loads([10.0]), as_loads([1.0])
    assert numbers_needed(ten, ten, one, 0.99) == 18
    assert 1 - accuracy(ten, ten, one, 18) == pytest.approx(0.00714, abs=5e-6)


@given(st.lists(st.floats(0.1, 200), min_size=1, max_size=24), st.floats(0.5, 0.999), st.sampled_from([0.8, 1.5]))
def test_no_fewer_numbers_would_do(visits: list[float], wanted: float, longer: float) -> None:
    """Over all hours together, whatever each hour's load."""
    weights = as_loads(visits)
    leased, needed = weights * 0.8, weights * longer
    numbers = numbers_needed(leased, needed, weights, wanted)
    assert accuracy(leased, needed, weights, numbers) >= wanted - 1e-9
    assert numbers == 0 or accuracy(leased, needed, weights, numbers - 1) < wanted


def test_a_wanted_accuracy_takes_more_numbers_the_longer_they_are_held() -> None:
    wanted = (0.9, 0.95, 0.99)
    sizes = pool_sizes(given_traffic(60, minutes(5), minutes(20), LEASE, wanted), wanted)
    assert [size.numbers for size in sizes] == [37, 41, 47]
    assert {size.needed for size in sizes} == {minutes(35)}
    later = pool_sizes(given_traffic(60, minutes(5), minutes(90), LEASE, wanted), wanted)
    assert all(more.numbers > size.numbers for more, size in zip(later, sizes, strict=True))
    (expected,) = expected_accuracy(given_traffic(60, minutes(5), minutes(20), LEASE, (0.95,)), 41)
    assert 0.95 <= expected < 0.96


@pytest.mark.parametrize(("visits", "lasting", "delay"), [(0, 5, 5), (-1, 5, 5), (5, -1, 5), (5, 5, -1)])
def test_traffic_that_cannot_be(visits: float, lasting: float, delay: float) -> None:
    with pytest.raises(InvalidInput):
        given_traffic(visits, minutes(lasting), minutes(delay), LEASE, (0.9,))


@pytest.mark.parametrize(("text", "shares"), [("95,99", (0.95, 0.99)), ("0.9", (0.9,)), ("97.5 %", (0.975,))])
def test_accuracies_as_people_write_them(text: str, shares: tuple[float, ...]) -> None:
    assert read_accuracies(text) == pytest.approx(shares)


@pytest.mark.parametrize("text", ["", "much", "100", "0", "-5"])
def test_what_is_no_accuracy(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_accuracies(text)


def test_more_numbers_than_there_are() -> None:
    with pytest.raises(InvalidInput, match="20,000"):
        numbers_needed(as_loads([1e7]), as_loads([1e7]), as_loads([1.0]), 0.99)


@pytest.fixture
def memory() -> Engine:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    return engine


@pytest.mark.parametrize(("delay", "wanted"), [(20, 0.9), (70, 0.8)])
def test_real_leases_reach_the_accuracy_that_was_computed(memory: Engine, delay: int, wanted: float) -> None:
    """Visits at random, of four minutes, whose page renews its lease at the end; every one calls once, at the delay."""
    traffic = given_traffic(40, minutes(4), minutes(delay), LEASE, (wanted,))
    (size,) = pool_sizes(traffic, (wanted,))
    pool = [f"+7900000{place:04}" for place in range(size.numbers)]
    clock = FrozenClock(START)
    leases = NumberLeases(memory, clock, lasting=LEASE, grace=GRACE)
    chance = random.Random(7)
    arrivals = list(accumulate(chance.expovariate(40 / 60) for _ in range(900)))
    seen: dict[int, tuple[datetime, str | None]] = {}
    for at, visit in sorted(
        [*zip(arrivals, count(), strict=False), *zip((at + 4 for at in arrivals), count(), strict=False)]
    ):
        clock.advance(START + minutes(at) - clock.now())
        if visit not in seen:
            seen[visit] = clock.now(), leases.lease(pool, f"v{visit}", f"s{visit}", site="site")
        elif seen[visit][1]:
            leases.lease(pool, f"v{visit}", f"s{visit}", site="site")
    clock.advance(GRACE)
    calls = [(number or "", at + minutes(delay)) for at, number in seen.values()]
    own = [
        found is not None and found.session_id == f"s{visit}"
        for visit, found in zip(seen, leases.holders(calls), strict=True)
    ]
    settled = own[len(pool) :]
    margin = 3.5 * np.sqrt(wanted * (1 - wanted) / len(settled))
    assert np.mean(settled) >= wanted - margin
    record = leases.record("site", START, clock.now())
    assert record.served == sum(number is not None for _, number in seen.values())
    assert record.served + record.refused == len(arrivals)


def test_a_visit_that_got_a_number_in_the_end_was_not_refused(memory: Engine) -> None:
    clock = FrozenClock(START)
    leases = NumberLeases(memory, clock, lasting=LEASE, grace=GRACE)
    for session in ("one", "two", "three"):
        leases.lease(["+79000000101"], "v", session, site="site")
    clock.advance(minutes(31))
    leases.lease(["+79000000101"], "v", "two", site="site")
    record = leases.record("site", START, clock.now())
    assert (record.served, record.refused) == (2, 1)
    assert record.accuracy == pytest.approx(2 / 3)
    assert leases.record("other", START, clock.now()).accuracy is None
