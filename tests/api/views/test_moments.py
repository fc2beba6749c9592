"""When mails are due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.views.moments import EVERY_WORKDAY, Rhythm

BERLIN = ZoneInfo("Europe/Berlin")
RHYTHMS = st.one_of(
    st.builds(Rhythm, st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple), st.just(0), st.integers(0, 23)),
    st.builds(Rhythm, st.just(()), st.integers(1, 31), st.integers(0, 23)),
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(RHYTHMS, MOMENTS)
def test_there_is_none_between_the_last_and_the_next(rhythm: Rhythm, now: datetime) -> None:
    last, following = rhythm.last_until(now, BERLIN), rhythm.next_after(now, BERLIN)
    assert last <= now < following
    assert rhythm.next_after(last, BERLIN) == following
    assert rhythm.last_until(following, BERLIN) == following
    assert following - last <= timedelta(days=32)


@pytest.mark.parametrize(
    ("rhythm", "now", "due"),
    [
        (Rhythm(EVERY_WORKDAY, 0, 9), "2026-07-03T10:00", "2026-07-06T09:00"),
        (Rhythm((7,), 0, 0), "2026-07-03T10:00", "2026-07-05T00:00"),
        (Rhythm((), 31, 9), "2026-02-03T10:00", "2026-02-28T09:00"),
        (Rhythm((), 31, 9), "2026-02-28T09:00", "2026-03-31T09:00"),
        (Rhythm((7,), 0, 2), "2026-03-28T12:00", "2026-03-29T03:00"),  # there is no two o'clock on that day
        (Rhythm((7,), 0, 2), "2026-10-24T12:00", "2026-10-25T02:00"),  # and two of them on this
    ],
)
def test_the_next_one_is_of_the_accounts_time(rhythm: Rhythm, now: str, due: str) -> None:
    found = rhythm.next_after(datetime.fromisoformat(now).replace(tzinfo=BERLIN).astimezone(UTC), BERLIN)
    assert found.astimezone(BERLIN).replace(tzinfo=None).isoformat(timespec="minutes") == due


def test_it_is_told_in_words() -> None:
    assert Rhythm(EVERY_WORKDAY, 0, 9).in_words == "Mon to Fri at 9:00"
    assert Rhythm((3, 1), 0, 18).in_words == "Mon, Wed at 18:00"
    assert Rhythm((), 1, 7).in_words == "on day 1 of each month at 7:00"
