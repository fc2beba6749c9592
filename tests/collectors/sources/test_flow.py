"""How many events an hour a source brings, and what is usual for it."""

from datetime import timedelta

import pytest

from collectors.sources.flow import source_flows
from collectors.sources.progress import SourceProgress
from collectors.sources.register import SourceRegister
from infra.clock import FrozenClock
from tests.collectors.sources.places import a_source

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def connected(register: SourceRegister, clock: FrozenClock) -> None:
    register.connect(a_source(), author="a", next_pull_at=clock.now())


def bring(progress: SourceProgress, clock: FrozenClock, *hours: int) -> None:
    for accepted in hours:
        progress.note_events("north", accepted=accepted, rejected=0)
        clock.advance(HOUR)


def test_events_of_an_hour_add_up(progress: SourceProgress, clock: FrozenClock) -> None:
    assert source_flows(progress._engine, clock) == {}
    progress.note_events("north", accepted=3, rejected=0)
    progress.note_events("north", accepted=0, rejected=5)
    progress.note_events("nobody", accepted=3, rejected=0)
    bring(progress, clock, 4, 10)
    clock.advance(-HOUR)
    flow = source_flows(progress._engine, clock)["north"]
    assert flow.hours[-3:] == (0, 7, 10)
    assert flow.per_hour == pytest.approx(17 / 24)
    assert flow.usual is None, "it is too young to have a habit"


def test_what_is_usual_is_the_median_day_of_those_before(progress: SourceProgress, clock: FrozenClock) -> None:
    for daily in (2, 2, 1000, 2):
        bring(progress, clock, *[daily] * 24)
    bring(progress, clock, *[1] * 23)
    progress.note_events("north", accepted=1, rejected=0)
    flow = source_flows(progress._engine, clock)["north"]
    assert flow.hours == (1,) * 24
    assert flow.usual == 2


def test_a_source_that_fell_silent_keeps_its_habit(progress: SourceProgress, clock: FrozenClock) -> None:
    for _ in range(5):
        bring(progress, clock, *[6] * 24)
    clock.advance(24 * HOUR)
    flow = source_flows(progress._engine, clock)["north"]
    assert sum(flow.hours) == 0
    assert flow.usual == 6


def test_old_hours_are_forgotten_and_a_source_that_is_removed_leaves_none(
    progress: SourceProgress, register: SourceRegister, clock: FrozenClock
) -> None:
    progress.note_events("north", accepted=1, rejected=0)
    clock.advance(timedelta(days=30))
    assert source_flows(progress._engine, clock) == {}
    progress.note_events("north", accepted=1, rejected=0)
    assert sum(source_flows(progress._engine, clock)["north"].hours) == 1
    register.remove("north", author="a")
    assert source_flows(progress._engine, clock) == {}
