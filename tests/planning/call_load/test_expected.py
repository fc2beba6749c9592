"""Which hours calls come in, how many are to be expected, and what is planned does to them."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from planning.calendar.events import CalendarEvent, EventKind
from planning.call_load.expected import backtest, error_of_all, expected_calls, totals_of
from planning.call_load.heard import Heard, heard_of
from planning.call_load.lifts import campaign_lift, event_lifts, lifts_of
from planning.call_load.profile import weekly_profile
from planning.dimensions import DealerPlace, Network
from planning.forecast.outlook import Outlook, Series
from planning.media.items import MediaItem
from planning.media.months import Month
from planning.media.pacing import Pacing
from planning.media.spending import Figures, Line
from tests.attribution.world import NOW

LAST = date(2026, 6, 28)
JULY = Month(2026, 7)
HOURS = np.exp(-(((np.arange(24) - 12) / 4.0) ** 2))
WEEK = np.array([1.2, 1, 1, 1, 1.2, 0.7, 0.0])[:, None] * HOURS


def heard_with(
    rates: dict[str, float],
    weeks: int = 26,
    holidays: frozenset[date] = frozenset(),
    lift: dict[date, float] | None = None,
) -> Heard:
    """Dealers with so many calls a week, in the hours of WEEK, at random."""
    rng = np.random.default_rng(11)
    days = [LAST - timedelta(days=number) for number in range(weeks * 7)][::-1]
    rows = []
    for dealer, rate in rates.items():
        for day in days:
            mean = rate * WEEK[day.weekday()] / WEEK.sum() * (lift or {}).get(day, 1.0)
            rows += [(dealer, day, hour, count) for hour, count in enumerate(rng.poisson(mean).tolist()) if count]
    told = pd.DataFrame(rows, columns=["dealer", "day", "hour", "calls"])
    told["weekday"] = [7 if day in holidays else day.isoweekday() for day in told["day"]]
    told["is_recent"] = [int(day > LAST - timedelta(days=28)) for day in told["day"]]
    by_hour = told.groupby(["dealer", "weekday", "hour", "is_recent"], as_index=False)["calls"].sum()
    others = ("unanswered", "staffed_hours", "manned_hours", "talks", "talked_s", "talk_squares", "waited_s", "hung_up")
    by_hour = by_hour.assign(answered=by_hour["calls"], **dict.fromkeys(others, 0.0))
    by_day = told.groupby(["dealer", "day"], as_index=False)[["calls"]].sum()
    leads = (
        told.assign(leads=told["calls"])
        .groupby(["dealer", "weekday", "hour"], as_index=False)
        .agg(leads=("leads", "sum"))
    )
    return heard_of(by_hour, by_day, leads, LAST, (*rates, ""), holidays)


def every_day(heard: Heard, month: Month = JULY) -> np.ndarray:
    return np.ones((len(heard.dealers), len(month.days)))


def test_a_small_dealers_hours_lean_on_the_holdings() -> None:
    heard = heard_with({"big": 700, "small": 3})
    profile = weekly_profile(heard.calls, heard.weekdays)
    assert profile.share.sum(axis=(1, 2)) == pytest.approx(np.ones(3))
    truth = WEEK / WEEK.sum()
    for place in (0, 1):
        assert np.abs(profile.share[place] - truth).sum() < 0.1
    assert profile.error[1, 0, 12] < 0.2
    assert (profile.share > 0).all()


def test_a_dealer_of_other_hours_keeps_its_own() -> None:
    heard = heard_with({"big": 700, "other": 400})
    shifted = heard.calls.copy()
    shifted[1] = np.roll(shifted[1], 6, axis=1)
    profile = weekly_profile(shifted, heard.weekdays)
    assert profile.share[1].sum(axis=0).argmax() == 18


def test_totals_are_the_forecasts_and_else_the_pace() -> None:
    heard = heard_with({"north": 70, "south": 35})
    one = np.array([[500.0]])
    outlook = Outlook((Series("calls", "north"),), (JULY,), one, one * 0.8, one * 1.25)
    totals = totals_of(heard, JULY, outlook, every_day(heard))
    assert totals.source == ("forecast", "pace", "pace")
    assert totals.calls[0] == 500
    assert totals.error[0] == pytest.approx(np.log(1.25) / 1.2816, rel=1e-3)
    assert totals.calls[1] == pytest.approx(35 * 31 / 7, rel=0.15)
    assert totals.calls[2] == 0
    assert 0 < error_of_all(heard, JULY, outlook) < 0.3


def test_hours_add_up_to_the_month_and_closed_days_have_none() -> None:
    heard = heard_with({"north": 70})
    profile = weekly_profile(heard.calls, heard.weekdays)
    is_open = every_day(heard)
    is_open[0, 10:] = 0
    totals = totals_of(heard, JULY, None, is_open)
    found = expected_calls(heard, profile, JULY, totals, is_open)
    assert found.month_calls == pytest.approx(totals.calls)
    assert not found.by_day[0, 10:].any()
    assert (found.calls * found.weekdays[None, :, None]).sum(axis=(1, 2)) == pytest.approx(found.month_calls)


def test_holidays_are_sundays() -> None:
    heard = heard_with({"north": 700}, holidays=frozenset({date(2026, 7, 1)}))
    profile = weekly_profile(heard.calls, heard.weekdays)
    found = expected_calls(heard, profile, JULY, totals_of(heard, JULY, None, every_day(heard)), every_day(heard))
    assert found.weekdays.tolist() == [4, 4, 4, 5, 5, 4, 5]
    assert found.by_day[0, 0] < found.by_day[0, 7] / 5


def test_intervals_hold_what_they_say() -> None:
    heard = heard_with({f"d{number}": 20 + 10 * number for number in range(12)})
    assert np.nanmean(backtest(heard)) == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize("weeks", [0, 1])
def test_no_call_and_one_week_of_calls(weeks: int) -> None:
    heard = heard_with({"north": 70}, weeks=weeks) if weeks else heard_with({"north": 0})
    profile = weekly_profile(heard.calls, heard.weekdays)
    totals = totals_of(heard, JULY, None, every_day(heard))
    found = expected_calls(heard, profile, JULY, totals, every_day(heard))
    assert np.isfinite(found.calls).all()
    assert np.isfinite(found.error).all()
    assert bool(found.calls.any()) == bool(weeks)
    assert np.isnan(backtest(heard)).all()
    assert event_lifts(heard, profile, [], Network(())) == {} or weeks


def event(first: date, last: date, kind: EventKind = EventKind.PROMOTION, dealer: str = "") -> CalendarEvent:
    return CalendarEvent(1, "x", kind, first, last, dealer, "", "", 1, NOW, "a", NOW, "a")


def test_earlier_events_tell_what_the_next_does() -> None:
    """On eight days of promotions calls were doubled."""
    days = {LAST - timedelta(days=number): 2.0 for number in (*range(30, 34), *range(60, 64))}
    heard = heard_with({"north": 700}, lift=days)
    profile = weekly_profile(heard.calls, heard.weekdays)
    network = Network((DealerPlace("north", "", "", "", "", "", None, None),))
    earlier = [event(LAST - timedelta(days=33), LAST - timedelta(days=30)), event(min(days), min(days) + timedelta(3))]
    by_kind = event_lifts(heard, profile, earlier, network)
    lift = by_kind[EventKind.PROMOTION]
    assert 1.6 < lift.factor < 2.1
    assert lift.low < lift.factor < lift.high
    assert by_kind[EventKind.LAUNCH].factor == 1
    planned = lifts_of(heard.dealers, JULY.days, [event(date(2026, 7, 3), date(2026, 7, 4))], by_kind, network, {})
    assert planned.of_days[0, 2:4] == pytest.approx(lift.factor)
    assert planned.of_days[0, 4:].tolist() == [1] * 27


def item(channel: str, leads: int | None) -> MediaItem:
    return MediaItem(
        1, 1, 0, channel, "", "", 0, JULY.first, JULY.last, Pacing.EVEN, None, None, leads, "", "", 0, 0
    )  # fmt: skip


def test_campaigns_raise_calls_by_the_leads_they_bring_beyond_the_usual() -> None:
    usual = [Line(channel, "", "", {LAST: Figures(leads=91.0)}) for channel in ("vk", "search")]
    assert campaign_lift([item("vk", 60), item("search", None)], usual, 30) == pytest.approx(1.5)
    assert campaign_lift([item("vk", 0)], usual, 30) == pytest.approx(0.5)
    assert campaign_lift([item("vk", 60)], [], 30) == 1
