"""A simulated holding whose conversions are known, and what can be known of it on any day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from attribution.lags import lag_curve
from planning.media.months import Month
from planning.rates.counts import FIGURES, Counts, Places, Rate

FIRST = Month(2025, 1)
Days = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Simulated:
    """A row a lead: its cell, month, day, and after how many days it visits and sells; -1 where it never does."""

    places: Places
    cost: np.ndarray[Any, np.dtype[np.float64]]
    dealer: Days
    channel: Days
    month: Days
    day: Days
    visits_after: Days
    sells_after: Days
    visit_rate: np.ndarray[Any, np.dtype[np.float64]]
    sale_rate: np.ndarray[Any, np.dtype[np.float64]]

    def counts(self, upto: date) -> Counts:
        until = (upto - FIRST.first).days
        watched = until - self.day
        known = watched > 0
        visited = known & (self.visits_after >= 0) & (self.visits_after < watched)
        sold = known & (self.sells_after >= 0) & (self.sells_after < watched)
        between = self.sells_after - self.visits_after
        visit_watched = watched - self.visits_after
        curves = {
            Rate.QUALIFIED: None,
            Rate.VISIT: _curve(self.visits_after, watched, visited),
            Rate.SALE: _curve(self.sells_after, watched, sold),
            Rate.SALE_OF_VISIT: _curve(between, visit_watched, sold),
        }
        ones = np.ones(len(self.day))
        figures = {name: np.zeros(self.places.shape) for name in FIGURES}
        for name, chosen, weight in (
            ("leads", known, ones), ("visits", visited, ones), ("sales", sold, ones),
            ("visits_known", known, _seen(curves[Rate.VISIT], watched)),
            ("sales_known", known, _seen(curves[Rate.SALE], watched)),
            ("visit_sales_known", visited, _seen(curves[Rate.SALE_OF_VISIT], visit_watched)),
        ):  # fmt: skip
            np.add.at(figures[name], (self.dealer[chosen], self.channel[chosen], self.month[chosen]), weight[chosen])
        return Counts(self.places, figures, self.cost, curves, upto)

    def known_before(self, months: int) -> Counts:
        return self.counts(self.places.months[months - 1].after.first).before(months)


def simulate(seed: int, *, dealers: int = 24, channels: int = 5, months: int = 14, leads: float = 12.0) -> Simulated:
    """Visits come within weeks, and sales within months of their visits."""
    rng = np.random.default_rng(seed)
    told = [FIRST]
    while len(told) < months:
        told.append(told[-1].after)
    names = tuple(f"d{each}" for each in range(dealers)), tuple(f"c{each}" for each in range(channels))
    places = Places(*names, tuple(told), np.arange(dealers, dtype=np.intp) % 4)
    of_dealer = np.exp(rng.normal(0, 0.3, dealers))[:, None]
    visit_rate = np.clip(0.3 * of_dealer * np.exp(rng.normal(0, 0.15, channels)), 0, 0.9)
    sale_rate = np.clip(0.35 * np.exp(rng.normal(0, 0.2, dealers))[:, None] * np.ones(channels), 0, 0.9)
    cost = rng.gamma(8, leads * 1000 / 8, (dealers, channels, months))
    per_money = np.exp(rng.normal(0, 0.4, channels)) / 1000
    came = rng.poisson(cost * per_money[None, :, None])
    dealer, channel, month = (np.repeat(each.ravel(), came.ravel()) for each in np.indices(came.shape))
    starts = np.array([(each.first - FIRST.first).days for each in told])
    day = starts[month] + rng.integers(0, 28, len(month))
    visits = rng.random(len(day)) < visit_rate[dealer, channel]
    sells = visits & (rng.random(len(day)) < sale_rate[dealer, channel])
    visits_after = np.where(visits, rng.geometric(0.08, len(day)), -1)
    sells_after = np.where(sells, visits_after + np.minimum(rng.geometric(0.025, len(day)), 120), -1)
    return Simulated(
        places, cost, dealer, channel, month, day, visits_after, sells_after, visit_rate, sale_rate
    )  # fmt: skip


def end_of(simulated: Simulated) -> date:
    return simulated.places.months[-1].last + timedelta(days=1)


def _curve(lags: Days, watched: Days, chosen: "np.ndarray[Any, np.dtype[np.bool_]]") -> Any:
    return lag_curve(lags[chosen], watched[chosen], np.ones(int(chosen.sum())))


def _seen(curve: Any, watched: Days) -> "np.ndarray[Any, np.dtype[np.float64]]":
    return np.asarray(curve.seen_after(np.maximum(watched, 0)) if curve else np.zeros(len(watched)))
