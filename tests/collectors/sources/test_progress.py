"""How sources fare: leases, back-off, and what is still wanted."""

from datetime import timedelta

import pytest

from collectors.sources.progress import FIRST_PAUSE, LEASE, LONGEST_PAUSE, SourceProgress
from collectors.sources.register import SourceRegister
from collectors.sources.source import Wanted
from infra.clock import FrozenClock
from tests.collectors.sources.places import a_source

NO_WAIT = timedelta(0)


@pytest.fixture(autouse=True)
def connected(register: SourceRegister, clock: FrozenClock) -> None:
    register.connect(a_source(), author="a", next_pull_at=clock.now())


def test_a_source_is_pulled_by_one_worker_at_a_time(progress: SourceProgress, clock: FrozenClock) -> None:
    assert progress.lease_due() == "north"
    assert progress.lease_due() is None
    assert not progress.lease("north")
    clock.advance(LEASE + timedelta(seconds=1))
    assert progress.lease_due() == "north"


def test_a_page_renews_the_lease(progress: SourceProgress, clock: FrozenClock) -> None:
    progress.lease_due()
    clock.advance(LEASE - timedelta(seconds=1))
    progress.save_page("north", {"page": 2}, [], clock.now())
    clock.advance(LEASE - timedelta(seconds=1))
    assert progress.lease_due() is None
    assert progress.cursor("north") == {"page": 2}


def test_a_finished_pull_comes_again_after_its_time(progress: SourceProgress, clock: FrozenClock) -> None:
    progress.lease_due()
    progress.finish_pull("north", clock.now(), again_after=timedelta(minutes=15))
    assert progress.lease_due() is None
    clock.advance(timedelta(minutes=15))
    assert progress.lease_due() == "north"


def test_failures_come_ever_more_slowly_and_a_success_ends_that(progress: SourceProgress, clock: FrozenClock) -> None:
    pauses = []
    for _ in range(12):
        progress.lease_due()
        progress.fail_pull("north", "down", not_before=NO_WAIT)
        state = progress.states()["north"]
        assert state.next_pull_at is not None
        pauses.append(state.next_pull_at - clock.now())
        clock.advance(pauses[-1])
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    assert (state.failures, state.error) == (12, "down")
    progress.finish_pull("north", clock.now(), again_after=NO_WAIT)
    assert (progress.states()["north"].failures, progress.states()["north"].error) == (0, "")


def test_a_vendor_that_asks_to_wait_is_not_asked_before(progress: SourceProgress, clock: FrozenClock) -> None:
    progress.lease_due()
    progress.fail_pull("north", "busy", not_before=timedelta(minutes=9))
    assert progress.states()["north"].next_pull_at == clock.now() + timedelta(minutes=9)


def test_what_is_wanted_is_pulled_at_once_and_forgotten_once_fetched(
    progress: SourceProgress, clock: FrozenClock
) -> None:
    progress.lease_due()
    progress.finish_pull("north", clock.now(), again_after=timedelta(hours=1))
    deal, other = Wanted("deal", "6641"), Wanted("contact", "6641")
    progress.want("north", [deal, other])
    progress.want("north", [deal])
    assert progress.lease_due() == "north"
    assert list(progress.wanted("north")) == [other, deal]
    progress.save_page("north", {}, [deal], clock.now())
    assert list(progress.wanted("north")) == [other]


def test_what_is_wanted_again_while_it_is_fetched_is_fetched_again(
    progress: SourceProgress, clock: FrozenClock
) -> None:
    deal = Wanted("deal", "6641")
    progress.want("north", [deal])
    progress.lease_due()
    began = clock.now()
    clock.advance(timedelta(seconds=1))
    progress.want("north", [deal])
    progress.save_page("north", {}, [deal], began)
    progress.finish_pull("north", began, again_after=timedelta(hours=1))
    assert list(progress.wanted("north")) == [deal]
    assert progress.lease_due() == "north"
    progress.save_page("north", {}, [deal], clock.now())
    progress.finish_pull("north", clock.now(), again_after=timedelta(hours=1))
    assert progress.lease_due() is None


def test_a_good_delivery_clears_the_error_of_a_bad_one_but_not_of_a_pull(progress: SourceProgress) -> None:
    progress.note_delivery("north", "wrong signature")
    assert progress.states()["north"].error == "wrong signature"
    progress.note_delivery("north")
    assert progress.states()["north"].error == ""
    progress.fail_pull("north", "down", not_before=NO_WAIT)
    progress.note_delivery("north")
    assert progress.states()["north"].error == "down"


def test_counts_add_up(progress: SourceProgress, clock: FrozenClock) -> None:
    progress.note_events("north", accepted=3, rejected=1)
    progress.note_events("north", accepted=0, rejected=2)
    state = progress.states()["north"]
    assert (state.accepted, state.rejected, state.last_event_at) == (3, 3, clock.now())
