"""When something happened, by the server's clock."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.protocols.moments import corrected, happened, read_time

RECEIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2001, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
delays = st.timedeltas(timedelta(0), timedelta(days=30))


@given(truth=moments, wait=delays, way=st.timedeltas(timedelta(0), timedelta(seconds=30)),
       wrong=st.timedeltas(timedelta(days=-3000), timedelta(days=3000)))  # fmt: skip
def test_a_clock_that_is_wrong_does_not_matter(
    truth: datetime, wait: timedelta, way: timedelta, wrong: timedelta
) -> None:
    """An event at `truth`, sent after a `wait`, under `way` for a while, by a client whose clock goes wrong."""
    sent = truth + wait
    found = corrected(truth + wrong, sent + wrong, sent + way)
    assert found == truth + way


@given(said=moments, sent=st.one_of(st.none(), moments), received=moments)
def test_nothing_happens_after_it_came_in(said: datetime, sent: datetime | None, received: datetime) -> None:
    assert corrected(said, sent, received) <= received


@given(one=moments, other=moments, sent=st.one_of(st.none(), moments), received=moments)
def test_the_clients_order_is_kept(one: datetime, other: datetime, sent: datetime | None, received: datetime) -> None:
    first, second = sorted((one, other))
    assert corrected(first, sent, received) <= corrected(second, sent, received)


@pytest.mark.parametrize(
    "text",
    ["2026-01-31T09:00:00Z", "2026-01-31T09:00:00", "2026-01-31T12:00:00+03:00", "2026-01-31T09:00:00.000000000Z",
     " 2026-01-31 09:00 ", 1769850000, 1769850000000, 1769850000.0],
)  # fmt: skip
def test_times_are_read_as_clients_write_them(text: Any) -> None:
    assert read_time(text) == datetime(2026, 1, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "", None, True, [], 1e300, "0001-01-01T00:00:00+23:00"])
def test_what_is_no_time(text: Any) -> None:
    with pytest.raises(ValueError, match=r"time|iso"):
        read_time(text)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, RECEIVED),
        ({"timestamp": None, "sentAt": None}, RECEIVED),
        ({"timestamp": "2026-03-01T11:00:00Z"}, datetime(2026, 3, 1, 11, tzinfo=UTC)),
        ({"timestamp": "2026-03-01T11:00:00", "sentAt": "2026-03-01T11:00:10Z"}, RECEIVED - timedelta(seconds=10)),
        ({"originalTimestamp": "2020-01-01T00:00:00Z", "timestamp": "2026-03-01T11:00:00Z",
          "sentAt": "2020-01-01T00:00:07Z"}, RECEIVED - timedelta(seconds=7)),
        ({"timestamp": "2026-03-01T11:00:00Z", "sentAt": "soon"}, datetime(2026, 3, 1, 11, tzinfo=UTC)),
        ({"timestamp": "2027-03-01T11:00:00Z"}, RECEIVED),
        ({"timestamp": "2026-03-01T11:00:05Z", "sentAt": "2026-03-01T11:00:00Z"}, RECEIVED),
        ({"timestamp": "soon"}, "soon"),
    ],
)  # fmt: skip
def test_when_a_message_happened(told: dict[str, Any], expected: Any) -> None:
    assert happened(told, RECEIVED) == expected


def test_zones_are_kept_apart() -> None:
    east = datetime(2026, 3, 1, 15, tzinfo=timezone(timedelta(hours=3)))
    assert read_time(east.isoformat()) == RECEIVED
