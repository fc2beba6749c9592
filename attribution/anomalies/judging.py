"""How improbable the last days of daily series are, and since when.

A sum of counts over the last 1, 3, 7, 14 or 28 days is held against a negative binomial of the expected mean and
variance, the Poisson where nothing is overdispersed (as outbreaks are found: C. P. Farrington et al., 1996; A. Noufaily
et al., 2013); money against Student's t on logs with the median and the MAD. A probability is two-sided, and counts all
windows that were tried (Bonferroni), so that it can be held against a budget: `probability` ≤ budget / number of series
raises at most so many false notices a day in expectation.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from attribution.anomalies.baseline import GAP, HISTORY, WEEKS, Baseline, Numbers, common_movement, find_baseline

WINDOWS = (1, 3, 7, 14, 28)
_FEWEST_POINTS = 6
_SMALLEST_SPREAD = 0.12
_NEGLIGIBLE = 0.01
_WEEK = 7
_SURELY = 5.0  # of the log likelihood: some 150 times as likely
_UNSURE_OF_TREND = 0.5  # of what a trend adds or takes away, this part is its standard error


@dataclass(frozen=True, slots=True)
class Judgement:
    """A row a series. Of the window that is least probable: its days, what was observed and expected in it.

    `probability` is 1 where the series has too little history. `daily` is what was expected of each of the last `GAP`
    days.
    """

    probability: Numbers
    days: NDArray[np.int64]
    observed: Numbers
    expected: Numbers
    daily: Numbers


def judge_counts(values: Numbers, exposure: Numbers, *, is_share: bool = False) -> Judgement:
    """`values` and `exposure` (broadcast to them) of the last `HISTORY` days, the newest last.

    `is_share` where the exposure is what the values are a share of, and not the weekday.
    """
    exposure = np.broadcast_to(exposure, values.shape)
    baseline = find_baseline(values, exposure, is_share=is_share)
    observed = np.stack([values[:, -days:].sum(axis=1) for days in WINDOWS], axis=1)
    plain = np.stack([_expected(baseline, exposure[:, -days:]) for days in WINDOWS], axis=1)
    expected = plain * common_movement(observed, np.where(baseline.judged[:, np.newaxis], plain, 0))
    unsure = expected / np.maximum(baseline.told, 1)[:, np.newaxis]
    carried = expected * _UNSURE_OF_TREND * (1 - np.exp(-np.abs(baseline.slope) * WEEKS))[:, np.newaxis]
    spread = baseline.dispersion[:, np.newaxis] * expected * (1 + unsure) + carried**2
    chances = np.minimum(1, two_sided(observed, expected, spread) * len(WINDOWS))
    chances[~baseline.judged] = 1
    return _worst(chances, observed, expected, _daily(baseline, values[:, -GAP:], exposure[:, -GAP:]))


def two_sided(observed: Numbers, mean: Numbers, variance: Numbers) -> Numbers:
    """The probability of counts as far off as these, in either direction, under a negative binomial."""
    seen = np.rint(observed)
    mean = np.maximum(mean, 1e-9)
    over = np.maximum(variance / mean, 1 + 1e-6)
    successes, chance = mean / (over - 1), 1 / over
    low = scipy.stats.nbinom.cdf(seen, successes, chance)
    high = scipy.stats.nbinom.sf(seen - 1, successes, chance)
    return np.asarray(np.minimum(1, 2 * np.minimum(low, high)), dtype=np.float64)


def judge_money(values: Numbers, exposure: Numbers) -> Judgement:
    """The same of amounts: the log of a window against the logs of windows before it."""
    plain = values / np.broadcast_to(exposure, values.shape)
    before, chances, expected = plain[:, : WEEKS * 7], [], []
    observed = np.stack([values[:, -days:].sum(axis=1) for days in WINDOWS[:3]], axis=1)
    for days in WINDOWS[:3]:
        whole = before.shape[1] // days * days
        sums = before[:, before.shape[1] - whole :].reshape(len(values), -1, days).sum(axis=2)
        logs = np.log(np.maximum(sums, _NEGLIGIBLE * np.median(sums, axis=1, keepdims=True) + 1e-9))
        middle = np.median(logs, axis=1)
        spread = np.maximum(1.4826 * np.median(np.abs(logs - middle[:, np.newaxis]), axis=1), _SMALLEST_SPREAD)
        now = plain[:, -days:].sum(axis=1)
        off = (np.log(np.maximum(now, _NEGLIGIBLE * np.exp(middle))) - middle) / (
            spread * np.sqrt(1 + 1.57 / sums.shape[1])
        )
        chances.append(2 * scipy.stats.t.sf(np.abs(off), min(sums.shape[1] - 1, 12)) * 3)
        expected.append(np.exp(middle) * np.broadcast_to(exposure, values.shape)[:, -days:].mean(axis=1))
    regular = (before.reshape(len(values), WEEKS, 7).sum(axis=2) > 0).sum(axis=1) >= _FEWEST_POINTS
    found = np.minimum(1, np.stack(chances, axis=1))
    found[~regular] = 1
    level = np.median(before.reshape(len(values), WEEKS, 7).mean(axis=2), axis=1)
    daily = level[:, np.newaxis] * np.broadcast_to(exposure, values.shape)[:, -GAP:]
    return _worst(found, observed, np.stack(expected, axis=1), daily)


def begun(values: Numbers, expected: Numbers) -> NDArray[np.int64]:
    """How many of the last days belong to the anomaly of each series: those that make it least like what was expected.

    The start with the largest likelihood ratio of a changed Poisson mean (the scan of M. Kulldorff, 1997, in time).
    """
    told = values[:, ::-1].cumsum(axis=1)
    meant = np.maximum(expected[:, ::-1].cumsum(axis=1), 1e-9)
    ratio = told * np.log(np.maximum(told, 1e-9) / meant) - (told - meant)
    return np.asarray(ratio.argmax(axis=1) + 1, dtype=np.int64)


def is_over(values: Numbers, expected: Numbers) -> bool:
    """Whether the anomaly that these days are ended within the last week of them: one series, day by day.

    The last days are then far more likely under what was expected than under what the days before them did.
    """
    for days in range(1, min(_WEEK, len(values) - 1) + 1):
        before = max(float(values[:-days].sum()) / max(float(expected[:-days].sum()), 1e-9), _NEGLIGIBLE)
        gain = -float(values[-days:].sum()) * np.log(before) - float(expected[-days:].sum()) * (1 - before)
        if gain >= _SURELY:
            return True
    return False


def _expected(baseline: Baseline, exposure: Numbers) -> Numbers:
    """Over these last days: the level, carried on along the trend from the middle of the baseline."""
    days = exposure.shape[1]
    weeks_on = (HISTORY - days / 2 - WEEKS * 7 / 2) / 7
    return np.asarray(baseline.level * exposure.sum(axis=1) * np.exp(baseline.slope * weeks_on), dtype=np.float64)


def _daily(baseline: Baseline, values: Numbers, exposure: Numbers) -> Numbers:
    """The level of each day, with the trend up to now and what the peers did alike in each week."""
    plain = exposure * (baseline.level * np.exp(baseline.slope * (HISTORY / 7 - WEEKS / 2)))[:, np.newaxis]
    by_week = [each.reshape(len(each), -1, 7).sum(axis=2) for each in (values, plain)]
    moved = common_movement(by_week[0], np.where(baseline.judged[:, np.newaxis], by_week[1], 0))
    return np.asarray(plain * np.repeat(moved, 7), dtype=np.float64)


def _worst(chances: Numbers, observed: Numbers, expected: Numbers, daily: Numbers) -> Judgement:
    place = chances.argmin(axis=1)
    rows = np.arange(len(chances))
    return Judgement(
        chances[rows, place], np.array(WINDOWS)[place], observed[rows, place], expected[rows, place], daily
    )
