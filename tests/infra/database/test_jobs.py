"""Each job is done by one taker; one that dies leaves its job to the others."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from infra.clock import FrozenClock
from infra.jobs import ABANDONED_AFTER, Jobs, jobs

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


def test_a_job_is_done_once(database: Engine, clock: FrozenClock) -> None:
    queue = Jobs(database, clock)
    queue.ask("attribute")
    assert queue.is_waiting("attribute")
    assert not queue.is_waiting("other")
    with queue.take("other") as taken:
        assert not taken
    with queue.take("attribute") as taken:
        assert taken
        assert queue.is_waiting("attribute")
        with Jobs(database, clock).take("attribute") as again:
            assert not again
    assert not queue.is_waiting("attribute")
    with queue.take("attribute") as taken:
        assert not taken


def test_takers_at_the_same_moment_share_the_jobs(database: Engine, clock: FrozenClock) -> None:
    queue = Jobs(database, clock)
    for _ in range(12):
        queue.ask("attribute")
    done = []
    start = threading.Barrier(4)

    def work(_: int) -> None:
        start.wait()
        mine = Jobs(database, clock)
        while mine.is_waiting("attribute"):
            with mine.take("attribute") as taken:
                if taken:
                    done.append(1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(done) == 12


def test_what_went_wrong_is_kept_and_the_job_is_over(database: Engine, clock: FrozenClock) -> None:
    queue = Jobs(database, clock)
    queue.ask("attribute")
    with pytest.raises(RuntimeError), queue.take("attribute"):
        raise RuntimeError("the \0warehouse went \ud83d away")
    assert not queue.is_waiting("attribute")
    with database.connect() as connection:
        assert connection.scalar(select(jobs.c.error)) == "the warehouse went ? away"


def test_a_job_whose_taker_died_is_free_in_minutes(database: Engine, clock: FrozenClock) -> None:
    queue = Jobs(database, clock)
    queue.ask("attribute")
    taking = queue.take("attribute")
    taking.__enter__()  # and never comes back
    clock.advance(ABANDONED_AFTER)
    with Jobs(database, clock).take("attribute") as taken:
        assert not taken
    clock.advance(timedelta(seconds=1))
    with Jobs(database, clock).take("attribute") as taken:
        assert taken
    taking.__exit__(None, None, None)


def test_a_taker_that_lives_keeps_its_job_however_long_it_takes(database: Engine, clock: FrozenClock) -> None:
    queue = Jobs(database, clock, sign_seconds=0.02)
    queue.ask("attribute")
    with queue.take("attribute") as taken:
        assert taken
        clock.advance(5 * ABANDONED_AFTER)
        await_sign(database, clock.now())
        with Jobs(database, clock).take("attribute") as again:
            assert not again


def test_a_restart_frees_what_the_process_before_had_taken(database: Engine, clock: FrozenClock) -> None:
    queue = Jobs(database, clock)
    queue.ask("attribute")
    taking = queue.take("attribute")
    taking.__enter__()
    Jobs(database, clock).free_all_of_this_host()
    with Jobs(database, clock).take("attribute") as taken:
        assert taken
    taking.__exit__(None, None, None)


def await_sign(database: Engine, at: datetime) -> None:
    for _ in range(500):
        with database.connect() as connection:
            if connection.scalar(select(jobs.c.taken_at)) == at:
                return
        threading.Event().wait(0.02)
    raise TimeoutError("no sign of life")
