"""How much more there was where and when offline advertising ran: least squares on a panel of days and places.

    outcome[d, p] / level[p] = place[p] + day[d] + Σ effect[m] · adstock[m, d, p] / level[p] + noise

`level` is a place's mean outcome on days without advertising: places differ in size, and a season moves them in
proportion. Days' effects, weekdays and seasons among them, are common to all places (difference in differences), so
that one place alone tells nothing. The interval is a wild cluster bootstrap over weeks: each week's own pull on the
estimate, which is the estimate with it less the one without it (the cluster jackknife), gets a random weight (Webb's
six, for few clusters), and the spread is that of Student's t with as many degrees as weeks in effect told something.
Adstock is geometric and adds up to the spend, so that an effect is per unit of money, whatever the half-life.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

LEAST_WEEKS = 8
_LEAST_DAYS_EACH = 14
_DRAWS = 4000
_SEED = 20260101
_LEFT_ALONE = 0.02  # of a medium's variation, what must be its own
_LEFT_OF_WEEK = 0.2  # of it, what must be in other weeks than the one with most
_FADED = 0.05  # of its highest adstock: below, a day is one without advertising
_TINY = 1e-9  # keeps a singular matrix invertible
_WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))


@dataclass(frozen=True, slots=True)
class Effect:
    """Outcome per unit of money, with its 95 % interval; or the `problem` that there is no telling."""

    value: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    problem: str = ""


def adstock(spend: Array, half_life_days: float) -> Array:
    """Spend by day (first axis) as it is felt: a part of each day's, and half of what was felt a half-life before."""
    before = np.zeros((1, *spend.shape[1:]))
    padded = pd.DataFrame(np.concatenate([before, spend]).reshape(len(spend) + 1, -1))
    felt = padded.ewm(halflife=half_life_days, adjust=False).mean().to_numpy()[1:]
    return np.asarray(felt, dtype=np.float64).reshape(spend.shape)


def estimate_uplift(outcome: Array, felt: Array) -> list[Effect]:
    """An effect for each medium. `outcome` is days × places, `felt` (adstock) media × days × places.

    The days are consecutive. Places without any outcome say nothing, and are left out.
    """
    known = outcome.sum(axis=0) > 0
    outcome, felt = outcome[:, known], felt[:, :, known]
    problems = [_too_little(outcome, each) for each in felt]
    chosen = [number for number, problem in enumerate(problems) if not problem]
    effects = [Effect(problem=problem) for problem in problems]
    if chosen:
        for number, effect in zip(chosen, _estimate(outcome, felt[chosen]), strict=True):
            effects[number] = effect
    return effects


def _too_little(outcome: Array, felt: Array) -> str:
    if outcome.shape[1] < 2:
        return "fewer than two places: a season cannot be told from it"
    if not felt.any():
        return "it did not run"
    if len(outcome) < 7 * LEAST_WEEKS:
        return f"fewer than {LEAST_WEEKS} weeks"
    runs = felt > _FADED * felt.max()
    if min(runs.sum(), (~runs).sum()) < _LEAST_DAYS_EACH:
        return f"fewer than {_LEAST_DAYS_EACH} days with it, or without it"
    return ""


def _estimate(outcome: Array, felt: Array) -> list[Effect]:
    level = _levels(outcome, felt)
    explained = _without_place_and_day(outcome / level, level)
    causes = np.stack([_without_place_and_day(each / level, level) for each in felt])
    raw = np.array([np.sum(level * _without_place(each / level) ** 2) for each in felt])
    squares = np.einsum("mdp,ndp,p->dmn", causes, causes, level)
    own = np.einsum("mdp,mdp,p->m", causes, causes, level) / raw
    if (own < _LEFT_ALONE).any():
        return _without_hidden(outcome, felt, own)
    products = np.einsum("mdp,dp,p->dm", causes, explained, level)
    weeks = np.arange(len(outcome)) // 7
    return _bootstrapped(_by_week(squares, weeks), _by_week(products, weeks))


def _without_hidden(outcome: Array, felt: Array, own: Array) -> list[Effect]:
    """Those that ran everywhere at once cannot be told from the days; the others can."""
    hidden = own < _LEFT_ALONE
    rest = iter(_estimate(outcome, felt[~hidden]) if not hidden.all() else ())
    return [Effect(problem="it ran everywhere at the same time") if each else next(rest) for each in hidden]


def _levels(outcome: Array, felt: Array) -> Array:
    runs = (felt > _FADED * felt.max(axis=(1, 2), keepdims=True)).any(axis=0)
    quiet = np.where(runs, np.nan, outcome)
    enough = (~runs).sum(axis=0) >= _LEAST_DAYS_EACH
    means = outcome.mean(axis=0)
    means[enough] = np.nanmean(quiet[:, enough], axis=0)
    return np.asarray(np.where(means > 0, means, outcome.mean(axis=0)))


def _without_place(values: Array) -> Array:
    return np.asarray(values - values.mean(axis=0))


def _without_place_and_day(values: Array, level: Array) -> Array:
    """What places and days do not explain; in a day places weigh by their level: the larger a count, the exacter."""
    days = np.average(values, axis=1, weights=level)[:, None]
    return np.asarray(values - values.mean(axis=0) - days + days.mean())


def _by_week(values: Array, weeks: npt.NDArray[np.int64]) -> Array:
    """Sums of weeks; a last one that is not whole belongs to the one before."""
    starts = np.flatnonzero(np.diff(weeks, prepend=-1))
    if len(weeks) % 7 and len(starts) > 1:
        starts = starts[:-1]
    return np.asarray(np.add.reduceat(values, starts, axis=0))


def _bootstrapped(squares: Array, products: Array) -> list[Effect]:
    """From each week's sums of squares and products."""
    media = squares.shape[1]
    whole, right = squares.sum(axis=0), products.sum(axis=0)
    inverse = np.linalg.pinv(whole)
    scale = np.sqrt(np.diag(whole))
    alone = 1 / np.diag(np.linalg.inv(whole / np.outer(scale, scale) + _TINY * np.eye(media)))
    left = whole - squares
    shares = np.diagonal(left, axis1=1, axis2=2) / np.diag(whole)
    values = inverse @ right
    without = np.stack([np.linalg.pinv(rest) @ (right - own) for rest, own in zip(left, products, strict=True)])
    told = np.diagonal(squares, axis1=1, axis2=2)
    degrees = np.maximum(told.sum(axis=0) ** 2 / (told**2).sum(axis=0) - 1, 1)
    random = np.random.default_rng(_SEED)
    signs = random.choice(np.concatenate([-_WEBB, _WEBB]), (_DRAWS, len(squares)))
    spread = np.sqrt(degrees / random.chisquare(degrees, (_DRAWS, media)))
    low, high = np.quantile(values + (signs @ (values - without)) * spread, (0.025, 0.975), axis=0)
    return [
        Effect(problem="it always ran together with other offline media")
        if alone[number] < _LEFT_ALONE
        else Effect(problem="it ran within one week alone")
        if shares[:, number].min() < _LEFT_OF_WEEK
        else Effect(float(values[number]), float(low[number]), float(high[number]))
        for number in range(media)
    ]
