"""Calls to expect in each hour of a month: its total, laid over its days and hours, and lifted by what is planned.

    calls(day, hour) = total × share(weekday) / Σ shares of the open days × share(hour | weekday) × lifts

The total is the forecast's; of a dealer without one, the pace of the last 13 weeks goes on. Errors are standard errors
of the logarithm: a total's is its forecast's, or that of the pace (gamma-Poisson, with the spread of weeks about it);
an hour's is its profile's. Both are taken as independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from scipy import stats

from attribution.pooling import pool_rates
from planning.call_load.centres import DAYS
from planning.call_load.heard import Heard, counted, weekday_of
from planning.call_load.profile import Profile, weekly_profile
from planning.call_load.queues import Counts, Numbers
from planning.forecast.outlook import Outlook, Series
from planning.media.months import Month

LEVEL = 0.8
_PACE_DAYS = 13 * DAYS
FORECAST, PACE = "forecast", "pace"


@dataclass(frozen=True)
class Totals:
    """Of a month, by dealer, with the error of the logarithm. `source` is `forecast` or `pace`."""

    calls: Numbers
    error: Numbers
    source: tuple[str, ...]


@dataclass(frozen=True)
class Lifts:
    """By how much what is planned raises calls: `of_days` (dealers, days of the month), `of_month` (dealers)."""

    of_days: Numbers
    of_month: Numbers


@dataclass(frozen=True)
class Expected:
    """`calls` are the mean of an hour on such a weekday of the month: (dealers, 7, 24); `by_day` (dealers, days).

    `weekdays` is how many of each weekday the month has, holidays being Sundays.
    """

    dealers: tuple[str, ...]
    days: tuple[date, ...]
    weekdays: Numbers
    calls: Numbers
    error: Numbers
    by_day: Numbers
    totals: Totals

    @property
    def month_calls(self) -> Numbers:
        return np.asarray(self.by_day.sum(axis=1))

    def only(self, place: int) -> "Expected":
        """Of one dealer."""
        one = slice(place, place + 1)
        totals = Totals(self.totals.calls[one], self.totals.error[one], self.totals.source[one])
        return replace(
            self,
            dealers=self.dealers[one],
            calls=self.calls[one],
            error=self.error[one],
            by_day=self.by_day[one],
            totals=totals,
        )

    def together(self, error: float) -> "Expected":
        """All as one call centre; `error` is that of its total. Hours of several dealers err on their own."""
        calls = self.calls.sum(axis=0, keepdims=True)
        own = np.sqrt(((self.calls * self.error) ** 2).sum(axis=0, keepdims=True))
        relative = np.divide(own, calls, out=np.zeros_like(own), where=calls > 0)
        source = FORECAST if FORECAST in self.totals.source else PACE
        return replace(
            self,
            dealers=("",),
            calls=calls,
            error=np.hypot(relative, error),
            by_day=self.by_day.sum(axis=0, keepdims=True),
            totals=Totals(self.totals.calls.sum(keepdims=True), np.array([error]), (source,)),
        )


def expected_calls(
    heard: Heard, profile: Profile, month: Month, totals: Totals, is_open: Numbers, lifts: Lifts | None = None
) -> Expected:
    """`is_open` (dealers, days of the month) is 1 on days on which a dealer has calls."""
    days = tuple(month.days)
    places = weekdays_of(days, heard.holidays)
    of_day = profile.share.sum(axis=2)
    weights = of_day[:, places] * is_open
    whole = weights.sum(axis=1, keepdims=True)
    by_day = totals.calls[:, None] * np.divide(weights, whole, out=np.zeros_like(weights), where=whole > 0)
    if lifts is not None:
        by_day = by_day * lifts.of_days * lifts.of_month[:, None]
    weekdays = counted(days, heard.holidays)
    sums = by_day @ np.eye(DAYS)[places]
    mean = np.divide(sums, weekdays, out=np.zeros_like(sums), where=weekdays > 0)
    calls = mean[:, :, None] * profile.share / of_day[:, :, None]
    error = np.hypot(profile.error, totals.error[:, None, None])
    return Expected(heard.dealers, days, weekdays, calls, error, by_day, totals)


def weekdays_of(days: Sequence[date], holidays: frozenset[date]) -> Counts:
    return np.array([weekday_of(day, holidays) for day in days], np.int64)


def totals_of(heard: Heard, month: Month, outlook: Outlook | None, is_open: Numbers) -> Totals:
    """Calls of each dealer; those of the others, of whom nothing is forecast, by their pace."""
    return _forecast_or(_paced(heard.daily, is_open.sum(axis=1)), "calls", heard, month, outlook)


def leads_of(heard: Heard, month: Month, outlook: Outlook | None, is_open: Numbers) -> Totals:
    """Leads of each dealer; without a forecast they go on as in all the weeks that are read."""
    pace = heard.leads.sum(axis=(1, 2)) / max(len(heard.days), 1) * is_open.sum(axis=1)
    return _forecast_or(Totals(pace, np.zeros_like(pace), (PACE,) * len(pace)), "leads", heard, month, outlook)


def _forecast_or(paced: Totals, measure: str, heard: Heard, month: Month, outlook: Outlook | None) -> Totals:
    calls, error, source = paced.calls.copy(), paced.error.copy(), list(paced.source)
    for place, dealer in enumerate(heard.dealers):
        found = forecast_of(outlook, dealer, month, measure) if dealer else None
        if found is not None:
            calls[place], error[place], source[place] = *found, FORECAST
    return Totals(calls, error, tuple(source))


def error_of_all(heard: Heard, month: Month, outlook: Outlook | None) -> float:
    """Of the total of all dealers together."""
    found = forecast_of(outlook, "", month)
    return found[1] if found else float(_paced(heard.daily.sum(axis=0, keepdims=True), np.ones(1)).error[0])


def forecast_of(
    outlook: Outlook | None, dealer: str, month: Month, measure: str = "calls"
) -> tuple[float, float] | None:
    """The number and the error of their logarithm; None where nothing is forecast."""
    place = outlook.places.get(Series(measure, dealer)) if outlook else None
    if outlook is None or place is None or month not in outlook.months:
        return None
    at = outlook.months.index(month)
    mean, low, high = (float(each[place, at]) for each in (outlook.mean, outlook.low, outlook.high))
    if not np.isfinite(mean):
        return None
    if mean <= 0 or high <= mean:
        return max(mean, 0.0), 0.0
    return mean, float(np.log(high / max(low, mean**2 / high)) / 2 / quantile(outlook.level))


def quantile(level: float = LEVEL) -> float:
    """How many standard errors to either side hold such a share."""
    return float(stats.norm.ppf((1 + level) / 2))


def _paced(daily: Numbers, days: Numbers) -> Totals:
    """The pace of the last 13 weeks, or of those since a dealer's first call; `days` are those of the month."""
    recent = daily[:, -_PACE_DAYS:]
    is_known = np.cumsum(recent, axis=1) > 0
    seen = is_known.sum(axis=1).astype(float)
    rates = pool_rates(recent.sum(axis=1), seen, LEVEL)
    mean = np.nan_to_num(rates.mean) * (recent.sum(axis=1) > 0)
    calls = mean * days
    above = np.log(np.divide(np.nan_to_num(rates.high), mean, out=np.ones_like(mean), where=mean > 0))
    spread = np.divide(spread_of(recent), calls, out=np.zeros_like(calls), where=calls > 0)
    return Totals(calls, np.hypot(above / quantile(), np.sqrt(spread)), (PACE,) * len(calls))


def spread_of(daily: Numbers) -> float:
    """How much more weeks vary than chance alone would have it: 1 where they do not (Pearson's statistic)."""
    weeks = daily[:, daily.shape[1] % DAYS :].reshape(len(daily), -1, DAYS).sum(axis=2)
    mean = weeks.mean(axis=1, keepdims=True) if weeks.shape[1] else np.zeros((len(daily), 1))
    free = (mean > 0).sum() * (weeks.shape[1] - 1)
    if free <= 0:
        return 1.0
    return max(1.0, float(np.divide((weeks - mean) ** 2, mean, where=mean > 0, out=np.zeros_like(weeks)).sum() / free))


def backtest(heard: Heard) -> Numbers:
    """Of each dealer: which share of the last four weeks' hours lay within the interval of `LEVEL`, by what was known

    before. Counts are not smooth: an hour counts by the share of its probability that lies inside (Czado, Gneiting and
    Held, Biometrics 65, 2009). Missing where too little is known.
    """
    before, after = heard.recent_weekdays
    daily = heard.daily[:, : int(before.sum())]
    if before.min() < 1 or not daily.any():
        return np.full(len(heard.dealers), np.nan)
    profile = weekly_profile(heard.recent[0], before)
    totals = _paced(daily, np.full(len(daily), after.sum()))
    weeks = after[:, None] * DAYS / after.sum()
    mean = np.maximum(totals.calls[:, None, None] * profile.share * weeks, 1e-9)
    relative = np.hypot(profile.error, totals.error[:, None, None])
    variance = np.maximum(mean * spread_of(daily) + (mean * relative) ** 2, mean * (1 + 1e-9))
    inside = _inside(heard.recent[1], mean, variance)
    return np.where(totals.calls > 0, inside.mean(axis=(1, 2)), np.nan)


def _inside(counts: Numbers, mean: Numbers, variance: Numbers) -> Numbers:
    """The part of each count's probability, under the negative binomial, that lies within the interval."""
    successes = mean**2 / (variance - mean)
    upto, below = (stats.nbinom.cdf(each, successes, mean / variance) for each in (counts, counts - 1))
    low, high = (1 - LEVEL) / 2, (1 + LEVEL) / 2
    part = np.clip(upto, low, high) - np.clip(below, low, high)
    width = upto - below
    return np.asarray(np.divide(part, width, out=np.zeros_like(part), where=width > 0))
