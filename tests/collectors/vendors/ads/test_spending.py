"""Cost by day: what is asked again, and what vanished."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.sources.source import Source, Wanted
from collectors.vendors.account_settings import spending_asks
from collectors.vendors.asking import Api
from collectors.vendors.base import Page, Pull
from collectors.vendors.spending import AdDay, Span, Spending, costs_are_due, costs_told
from infra.errors import InvalidInput

NOON = datetime(2025, 1, 17, 12, tzinfo=UTC)
ASKS = spending_asks("yandex", "cpc", again_days=3, first_days=5)


def started(cursor: Mapping[str, Any], now: datetime = NOON, wanted: Iterable[Wanted] = (), **settings: str) -> Pull:
    source = Source(id="s", vendor="v", token="t", timezone=ZoneInfo("Europe/Moscow"), settings=settings)
    return Pull(source, cursor, list(wanted), now, open_api=Api, save_secrets=lambda _: None)


def row(day: date, ad: str, cost: int, campaign: str = "1") -> AdDay:
    return AdDay(day, campaign, Decimal(cost), "RUB", ad)


def days_of(spans: Iterable[Span]) -> list[tuple[int, int]]:
    return [(span.first.day, span.last.day) for span in spans]


def test_the_first_pull_takes_many_days_and_the_next_ones_the_last_again() -> None:
    assert days_of(Spending(started({}), ASKS, "a").spans(2)) == [(13, 14), (15, 16), (17, 17)]
    known = {"account": "a", "day": "2025-01-17", "told": {}}
    assert days_of(Spending(started(known), ASKS, "a").spans(30)) == [(15, 17)]
    assert days_of(Spending(started(known, NOON + timedelta(days=4)), ASKS, "a").spans(30)) == [(15, 21)]
    assert days_of(Spending(started(known), ASKS, "another").spans(30)) == [(13, 17)]


def test_days_are_those_of_the_account() -> None:
    late = datetime(2025, 1, 17, 21, 30, tzinfo=UTC)
    assert days_of(Spending(started({}, late), ASKS, "a").spans(30)) == [(14, 18)]


@pytest.mark.parametrize("told", ["0", "-1", "many", "1.5", "5000"])
def test_a_number_of_days_that_is_none_is_told(told: str) -> None:
    with pytest.raises(InvalidInput, match="number of days"):
        Spending(started({}, again_days=told), ASKS, "a")


@given(st.integers(1, 40))
def test_the_halves_of_a_span_are_the_span(days: int) -> None:
    span = Span(date(2025, 1, 1), date(2025, 1, 1) + timedelta(days=days))
    first, second = span.halves()
    assert (first.first, second.last) == span
    assert second.first - first.last == timedelta(days=1)


def test_costs_are_not_asked_for_at_each_pull_that_a_lead_brings_about() -> None:
    lead = [Wanted("lead", "1")]
    cursor = costs_told(started({}), {}).cursor
    soon, later = NOON + timedelta(minutes=1), NOON + timedelta(hours=3)
    assert costs_are_due(started({}, wanted=lead), timedelta(hours=3))
    assert not costs_are_due(started(cursor, soon, wanted=lead), timedelta(hours=3))
    assert costs_are_due(started(cursor, soon), timedelta(hours=3))
    assert costs_are_due(started(cursor, later, wanted=lead), timedelta(hours=3))


REPORTS = st.lists(
    st.tuples(
        st.dictionaries(st.tuples(st.integers(0, 8), st.sampled_from("abc")), st.integers(0, 9), max_size=12),
        st.integers(0, 3),  # days until the next pull
        st.integers(0, 9),  # steps that this pull gets to: each page has two
    ),
    min_size=1,
    max_size=6,
)


@given(REPORTS)
def test_whenever_pulls_die_costs_are_in_the_end_what_the_account_last_reported(
    reports: list[tuple[dict[tuple[int, str], int], int, int]],
) -> None:
    kept: dict[str, Decimal] = {}
    cursor: Mapping[str, Any] = {}
    now = NOON
    for number, (report, wait, steps) in enumerate(reports):
        last = number == len(reports) - 1
        now += timedelta(days=wait)
        first_day = (now - timedelta(days=8)).date()
        rows = [row(first_day + timedelta(days=back), ad, cost) for (back, ad), cost in report.items()]
        spending = Spending(started(cursor, now), ASKS, "a")
        asked = list(spending.spans(2))
        for span in asked:
            within = [each for each in rows if span.first <= each.day <= span.last]
            for page in spending.pages(span, within):
                steps -= 1
                if steps < 0 and not last:
                    break
                keep(page, kept)
                steps -= 1
                if steps < 0 and not last:
                    break
                cursor = page.cursor
            if steps < 0 and not last:
                break
    wanted = {
        f"s:spend:a:{each.day}:{each.campaign}:{each.ad}": each.cost
        for each in rows
        if asked[0].first <= each.day <= asked[-1].last and each.cost
    }
    told = {key: cost for key, cost in kept.items() if cost and key.split(":")[3] >= f"{asked[0].first}"}
    assert told == wanted


def keep(page: Page, kept: dict[str, Decimal]) -> None:
    for told in page.found:
        kept[told.item["id"]] = Decimal(told.item["cost"])
