"""Season and level of counts, with few years of them: each series leans on the season of those above it.

    log E[count] = level(month) + season(month of the year)

The level walks: its steps are small. Seasons are drawn to a prior, that of a line to its direction's, which is drawn to
the holding's: a dealer with fourteen months has the holding's season and as much of its own as its counts can tell. The
estimate is a penalised one (Poisson with more spread, iteratively reweighted), of all series at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planning.response.curves import Numbers

YEAR = 12
_STEP = 0.08
"""By how much a level is expected to move in a month, as a share."""
_SPREAD = 0.02
"""Variance of counts beyond Poisson's, as a share of the squared mean."""
_ROUNDS = 4
_LEAST = 0.05
_MOST_SEASON = 1.5


@dataclass(frozen=True)
class Seasonal:
    """`season` is in logs, January first, of the shape (series, 12); `fitted` are means of the shape of the counts."""

    season: Numbers
    fitted: Numbers


def seasonal(counts: Numbers, first: int, prior: Numbers, tie: float) -> Seasonal:
    """`counts` may miss months (NaN); `first` is the month of the year of the first column, from 0.

    `tie` is by how much, as a share, seasons are expected to differ from the prior.
    """
    series, months = counts.shape
    phase = (first + np.arange(months)) % YEAR
    known = ~np.isnan(counts)
    values = np.where(known, counts, 0.0)
    own = values.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    mean = np.maximum(own, _LEAST)[:, None] * np.exp(prior[:, phase])
    penalty, pull = _penalty(months, tie), np.zeros((series, months + YEAR))
    pull[:, months:] = prior / tie**2
    found = np.zeros((series, months + YEAR))
    for _ in range(_ROUNDS):
        weights = known / (1 / mean + _SPREAD)
        found = _solved(weights, np.log(mean) + (values - mean) / mean, phase, penalty, pull)
        logs = np.clip(found[:, :months] + found[:, months:][:, phase], np.log(_LEAST / 10), 20)
        mean = np.exp(logs)
    season = np.clip(found[:, months:], -_MOST_SEASON, _MOST_SEASON)
    return Seasonal(season - np.log(np.exp(season).mean(axis=1))[:, None], mean)


def _penalty(months: int, tie: float) -> Numbers:
    steps = np.diff(np.eye(months), axis=0)
    penalty = np.zeros((months + YEAR, months + YEAR))
    penalty[:months, :months] = steps.T @ steps / _STEP**2 + 1e-8 * np.eye(months)
    penalty[months:, months:] = np.eye(YEAR) / tie**2
    return penalty


def _solved(weights: Numbers, working: Numbers, phase: NDArray[np.int_], penalty: Numbers, pull: Numbers) -> Numbers:
    """Of the normal equations of every series: a diagonal of levels, one of seasons, and what they share."""
    series, months = weights.shape
    at = np.arange(months)
    in_season = np.zeros((months, YEAR))
    in_season[at, phase] = 1
    left = np.broadcast_to(penalty, (series, *penalty.shape)).copy()
    left[:, at, at] += weights
    left[:, at, months + phase] += weights
    left[:, months + phase, at] += weights
    seasons = np.arange(months, months + YEAR)
    left[:, seasons, seasons] += weights @ in_season
    told = weights * working
    right = pull + np.concatenate([told, told @ in_season], axis=1)
    return np.asarray(np.linalg.solve(left, right[:, :, None])[:, :, 0])
