"""Days that are asked for again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.sources.source import Source, Told, Wanted
from collectors.vendors.base import Page, Pull
from collectors.vendors.reconciling import SETTLING_DAYS, Days, pages_of_days
from infra.errors import InvalidInput

KYIV = ZoneInfo("Europe/Kyiv")


def pull(now: datetime, cursor: dict[str, Any], history: str = "30", zone: ZoneInfo = KYIV) -> Pull:
    source = Source("north", "some", "", zone, settings={"history_days": history})
    return Pull(source, cursor, [Wanted("request", "1")], now, lambda *_: None, lambda _: None)  # type: ignore[arg-type]


def asked(started: Pull, at_once: int) -> tuple[list[Days], list[Page]]:
    found: list[Days] = []

    def tell(days: Days) -> list[list[Told]]:
        found.append(days)
        return [[Told("calls", {"id": str(days.first)})], []]

    return found, list(pages_of_days(started, tell, at_once=at_once))


@given(
    now=st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    at_once=st.integers(1, 31),
    history=st.integers(0, 60),
    known=st.none() | st.integers(0, 60),
)
def test_every_day_is_asked_for_once_and_none_is_left_out(
    now: datetime, at_once: int, history: int, known: int | None
) -> None:
    today = now.astimezone(KYIV).date()
    cursor = {} if known is None else {"day": (today - timedelta(days=known)).isoformat()}
    found, pages = asked(pull(now, cursor, str(history)), at_once)
    days = [each.first + timedelta(days=n) for each in found for n in range((each.last - each.first).days + 1)]
    wanted = history if known is None else known + SETTLING_DAYS
    assert days == [today - timedelta(days=n) for n in range(wanted, -1, -1)]
    assert all((each.last - each.first).days < at_once for each in found)
    assert pages[-1].cursor == {"day": today.isoformat()}
    assert pages[-1].fetched == [Wanted("request", "1")]


def test_the_cursor_moves_behind_days_only_when_all_their_pages_are_told() -> None:
    cursor = {"day": "2025-01-17"}
    _, pages = asked(pull(datetime(2025, 1, 17, 12, tzinfo=UTC), cursor), 1)
    assert [page.cursor["day"][-2:] for page in pages] == [
        "17", "17", "15", "15", "15", "16", "16", "16", "17", "17",
    ]  # fmt: skip
    assert [bool(page.fetched) for page in pages] == [False] * 9 + [True]


def test_a_day_is_as_long_as_its_zone_makes_it() -> None:
    autumn = Days(date(2025, 10, 26), date(2025, 10, 26), KYIV)
    assert autumn.end.astimezone(UTC) - autumn.start.astimezone(UTC) == timedelta(hours=25) - timedelta(seconds=1)


@pytest.mark.parametrize("told", ["many", "-1", "1.5", "99999"])
def test_a_history_that_is_no_number_of_days(told: str) -> None:
    with pytest.raises(InvalidInput, match="is no number of days"):
        asked(pull(datetime(2025, 1, 17, tzinfo=UTC), {}, told), 1)
