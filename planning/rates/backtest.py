"""What would have been said at the end of each earlier month of the month after it, beside what came.

Everything is fitted on what was known on that day: outcomes that had come by then, and the lags as they were measured
then. The month after is judged by what has come of it by now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from planning.rates.counts import Counts, Rate
from planning.rates.coverage import Calibration, Outturn, calibrated
from planning.rates.levels import Level, variance
from planning.rates.staged import Staged, fit
from planning.split import Weights

CHAIN = "sales_of_budget"
"""Sales of a month's money: leads of it, their visits, and the sales of these."""
CHAINED = (Rate.LEADS, Rate.VISIT, Rate.SALE_OF_VISIT)
FEWEST_BEFORE = 4
"""Months before the first that is foretold."""
MOST_ORIGINS = 6

Calibrations = Mapping[tuple[str, Level], Calibration]


class KnownBefore(Protocol):
    """Counts of the first so many months, as they were known when the last of them was over."""

    def __call__(self, months: int) -> Counts: ...


@dataclass(frozen=True)
class Fitted:
    """The rates, and the months that were left out since too little of their outcomes has come."""

    rates: Mapping[Rate, Staged]
    left_out: Mapping[Rate, tuple[int, ...]]


def fit_rates(counts: Counts) -> Fitted:
    """Months that tell too little of a rate are left out of it."""
    rates, left_out = {}, {}
    for rate in Rate:
        ripe = counts.is_ripe(rate)
        events, exposure = (np.where(ripe, each, 0.0) for each in (counts.events(rate), counts.exposure(rate)))
        rates[rate] = fit(events, exposure, counts.places.brands, counts.places.of_year)
        left_out[rate] = tuple(int(each) for each in np.flatnonzero(~ripe & (counts.figures["leads"].sum((0, 1)) > 0)))
    return Fitted(rates, left_out)


def backtest(now: Counts, known_before: KnownBefore) -> Calibrations:
    """By what is foretold, a rate or `CHAIN`, and level."""
    last = len(now.places.months)
    origins = range(max(FEWEST_BEFORE, last - MOST_ORIGINS), last)
    outturns: dict[tuple[str, Level], list[Outturn]] = {}
    for origin in origins:
        fitted = fit_rates(known_before(origin))
        for name, factors, expected, came in _foretold(fitted, now, origin):
            for level in Level:
                outturns.setdefault((name, level), []).append(_outturn(factors, expected, came, level))
    return {key: calibrated(months) for key, months in outturns.items()}


def _foretold(fitted: Fitted, now: Counts, month: int) -> Sequence[tuple[str, Sequence[Staged], Weights, Weights]]:
    """Of each that can be judged: its name, rates, what they expect by cell, and what came."""
    of_year = int(now.places.of_year[month])
    found: list[tuple[str, Sequence[Staged], Weights, Weights]] = []
    for rate, staged in fitted.rates.items():
        if staged.is_known and now.is_ripe(rate)[month]:
            expected = now.exposure(rate)[:, :, month] * staged.mean * staged.at(of_year)
            came = np.where(expected > 0, now.events(rate)[:, :, month], 0.0)
            found.append((rate.value, (staged,), expected, came))
    chained = [fitted.rates[rate] for rate in CHAINED]
    if all(each.is_known for each in chained) and now.is_ripe(Rate.SALE)[month]:
        seen = now.seen(Rate.SALE)[month]
        expected = now.cost[:, :, month] * seen
        for each in chained:
            expected = expected * each.mean * each.at(of_year)
        came = np.where(expected > 0, now.figures["sales"][:, :, month], 0.0)
        found.append((CHAIN, chained, expected, came))
    return found


def _outturn(factors: Sequence[Staged], expected: Weights, came: Weights, level: Level) -> Outturn:
    mean = level.summed(expected)
    return Outturn(mean, mean + variance(factors, expected, level), level.summed(came))
