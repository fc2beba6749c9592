"""By how much a switch changed what was counted, as the log of a ratio with its standard error."""

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TypeAlias

import numpy as np
import scipy
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]

_MOST_ARRANGEMENTS = 2000


@dataclass(frozen=True, slots=True)
class Lift:
    """`log` is the log of what was counted over what was to be expected; `degrees` are those of Student's t.

    `arranged` is the share of arrangements of test and control that look at least as unlike; None over time.
    """

    log: float
    error: float
    degrees: int
    arranged: float | None = None

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        far = float(scipy.stats.t.ppf((1 + level) / 2, self.degrees)) * self.error
        return self.log - far, self.log + far

    @property
    def p(self) -> float:
        """Two-sided."""
        return float(2 * scipy.stats.t.sf(abs(self.log) / self.error, self.degrees))

    def smallest(self, level: float = 0.95, power: float = 0.8) -> float:
        """The smallest log of a ratio that an experiment with this error finds with this power."""
        t = scipy.stats.t
        return float(t.ppf((1 + level) / 2, self.degrees) + t.ppf(power, self.degrees)) * self.error


def unit_weights(before: Numbers, after: Numbers, is_test: NDArray[np.bool_]) -> Numbers:
    """What a unit's counts weigh: the less for its size, the more units scatter beyond chance.

    1 / (1 + ρ (n - 1)), where ρ makes Pearson's χ² its degrees of freedom (Williams, Applied Statistics 31, 1982).
    """
    whole = before + after
    left = int((whole > 0).sum()) - 2

    def weights(alike: float) -> Numbers:
        return np.asarray(1 / (1 + alike * np.maximum(whole - 1, 0)))

    def excess(alike: float) -> float:
        return _scatter(before, after, is_test, weights(alike)) - left

    if left < 1 or not excess(0.0) > 0:
        return weights(0.0)
    return weights(float(scipy.optimize.brentq(excess, 0.0, 1.0))) if excess(1.0) < 0 else weights(1.0)


def geo_lift(
    before: Numbers, after: Numbers, is_test: NDArray[np.bool_], weights: Numbers, *, counts: bool
) -> Lift | None:
    """Difference in differences of the logs over units; None where nothing was counted, or fewer than three units were.

    Each unit has a level of its own, each time a factor that all share: a Poisson regression with fixed effects, which
    given the sum of a unit is a binomial of what came after (Hausman, Hall and Griliches, Econometrica 52, 1984). Days
    are summed first, so that their being alike does no harm (Bertrand, Duflo and Mullainathan, QJE 119, 2004).
    `weights` are those of `unit_weights`, for money those of its counts: then its dispersion is that of Pearson's χ².
    """
    told = before + after > 0
    before, after, is_test, weights = before[told], after[told], is_test[told], weights[told]
    units = len(before)
    logs, errors = _differences(before, after, is_test[None, :], weights)
    if units < 3 or np.isnan(logs[0]):
        return None
    spread = 1.0 if counts else _scatter(before, after, is_test, weights) / (units - 2)
    all_logs, all_errors = _differences(before, after, _arrangements(is_test), weights)
    known = ~np.isnan(all_logs)
    unlike = np.abs(all_logs[known]) / all_errors[known] >= abs(logs[0]) / errors[0] - 1e-9
    return Lift(float(logs[0]), float(errors[0]) * float(np.sqrt(spread)), units - 2, float(unlike.mean()))


def _differences(
    before: Numbers, after: Numbers, tests: NDArray[np.bool_], weights: Numbers
) -> tuple[Numbers, Numbers]:
    """Log, and error without a dispersion, of each arrangement: a row of `tests`. Missing where a group has nothing."""
    logs, variances = [], []
    with np.errstate(divide="ignore", invalid="ignore"):
        for chosen in (tests.astype(float) * weights, (~tests).astype(float) * weights):
            size = chosen @ (before + after)
            share = (chosen @ after) / size
            logs.append(np.log(share / (1 - share)))
            variances.append(1 / (size * share * (1 - share)))
        log, error = logs[0] - logs[1], np.sqrt(variances[0] + variances[1])
    known = np.isfinite(log) & np.isfinite(error)
    return np.where(known, log, np.nan), np.where(known, error, np.nan)


def _scatter(before: Numbers, after: Numbers, is_test: NDArray[np.bool_], weights: Numbers) -> float:
    """Pearson's χ² of the units about the share of their group."""
    whole, found = before + after, 0.0
    for chosen in (is_test & (whole > 0), ~is_test & (whole > 0)):
        share = (weights * after)[chosen].sum() / max((weights * whole)[chosen].sum(), 1e-300)
        if 0 < share < 1:
            apart = (after - whole * share)[chosen] ** 2 * weights[chosen]
            found += float((apart / (whole[chosen] * share * (1 - share))).sum())
    return found


def _arrangements(is_test: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of as many test units: all there are, or where those are too many, the one that was and others drawn."""
    units, chosen = len(is_test), int(is_test.sum())
    if comb(units, chosen) <= _MOST_ARRANGEMENTS:
        places = np.array(list(combinations(range(units), chosen)), dtype=int).reshape(-1, chosen)
    else:
        drawn = np.random.default_rng(0).random((_MOST_ARRANGEMENTS - 1, units)).argsort(axis=1)[:, :chosen]
        places = np.vstack([np.flatnonzero(is_test)[None, :], drawn])
    tests = np.zeros((len(places), units), dtype=bool)
    np.put_along_axis(tests, places, True, axis=1)
    return tests


def time_lift(
    counted: Numbers, weekday: NDArray[np.int64], is_switched: NDArray[np.bool_], *, counts: bool
) -> Lift | None:
    """An interrupted series of days: trend, weekday and switch; None where nothing was counted, or days are too few.

    A Poisson regression (Bernal, Cummins and Gasparrini, International Journal of Epidemiology 46, 2017). The error is
    the larger of that with a dispersion (of `counts` at least 1) and that which allows days near each other to be alike
    (Newey and West, Econometrica 55, 1987; whitened: Andrews and Monahan, Econometrica 60, 1992); of alike days a week
    is one degree of freedom.
    """
    days = len(counted)
    place = np.arange(days)
    seasons = [(weekday == day).astype(float) for day in sorted(set(weekday.tolist()))[1:]]
    design = np.column_stack([np.ones(days), (place - place.mean()) / days, *seasons, is_switched.astype(float)])
    left = days - design.shape[1]
    if left < 7 or counted[is_switched].sum() <= 0 or counted[~is_switched].sum() <= 0:
        return None
    at = _poisson_fit(design, counted)
    mean = np.exp(design @ at)
    inverse = np.linalg.inv(design.T @ (design * mean[:, None]))
    dispersion = float(((counted - mean) ** 2 / mean).sum() / left)
    if counts:
        dispersion = max(dispersion, 1.0)
    pull = (design * (counted - mean)[:, None]) @ inverse[:, -1]
    alike_days = _long_run(pull) * days * days / left
    apart = dispersion * float(inverse[-1, -1])
    if alike_days > apart:
        return Lift(float(at[-1]), float(np.sqrt(alike_days)), max(left // 7, 1))
    return Lift(float(at[-1]), float(np.sqrt(apart)), left)


def _long_run(pull: Numbers) -> float:
    """Variance of a mean's summands whose neighbours are alike, whitened by a first-order autoregression first."""
    before = float(pull[:-1] @ pull[:-1])
    slope = float(np.clip(pull[1:] @ pull[:-1] / before, -0.9, 0.9)) if before else 0.0
    white = pull[1:] - slope * pull[:-1]
    reach = max(7, int(4 * (len(pull) / 100) ** (2 / 9)))
    variance = float(white @ white)
    for lag in range(1, min(reach, len(white) - 1) + 1):
        variance += 2 * float(white[lag:] @ white[:-lag]) * (1 - lag / (reach + 1))
    return max(variance, 0.0) / len(white) / (1 - slope) ** 2


def _poisson_fit(design: Numbers, counted: Numbers) -> Numbers:
    """By Newton's steps, halved while they lead down."""
    at = np.zeros(design.shape[1])
    at[0] = np.log(counted.mean())

    def height(coefficients: Numbers) -> float:
        eta = design @ coefficients
        return float(counted @ eta - np.exp(np.minimum(eta, 700)).sum())

    for _ in range(100):
        mean = np.exp(design @ at)
        step = np.linalg.solve(design.T @ (design * mean[:, None]), design.T @ (counted - mean))
        size = 1.0
        while height(at + size * step) < height(at) and size > 1e-6:
            size /= 2
        at = at + size * step
        if float(np.abs(size * step).max()) < 1e-10:
            break
    return at
