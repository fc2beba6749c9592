"""Rolling origins: what each method said after each number of months, beside what came.

The gate stands here. A node gets the method that did best beside seasonal naive, its own record counting as much as it
has errors and that of its level for the rest; where none did better, it gets seasonal naive. And the whole measure is
reconciled, or added up from lines, or shared out to them from seasonal naive of the directions, or left to seasonal
naive: what is worse than that at any level is not shown. Where nothing could be tried, seasonal naive is shared out by
what smoothing says. Every error is of a choice that was made without the origin it is told of.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from planning.forecast.methods import METHODS, Fitted, Method, fit
from planning.forecast.reconciling import reconciled
from planning.forecast.season import YEAR
from planning.forecast.theta import Places
from planning.forecast.tree import Level, Tree
from planning.response.curves import Numbers

MOST_ORIGINS = 12
_OWN_COUNTS = 24
"""Errors with which a node's own record counts as much as its level's."""
_ROUNDING = 1e-9
_NEXT_TO_NOTHING = 1e-6
_NAIVE = METHODS.index(Method.SEASONAL_NAIVE)


class Way(StrEnum):
    """How a measure's forecasts were made to add up."""

    RECONCILED = "reconciled"
    ADDED_UP = "added_up"
    SHARED_OUT = "shared_out"
    NAIVE = "naive"


@dataclass(frozen=True)
class Backtest:
    """Arrays of the shape (origins, nodes, horizon), NaN where nothing came yet. `scale` is by node.

    `said` is what would have been shown, `naive` what seasonal naive said; `methods` are places in `METHODS`, of now.
    """

    actual: Numbers
    said: Numbers
    naive: Numbers
    scale: Numbers
    methods: Places
    way: Way
    ratios: Numbers

    @property
    def origins(self) -> int:
        return len(self.actual)


def origins_of(months: int) -> range:
    """After how many months forecasts are made to be tried: from a year on, at most the last twelve."""
    return range(max(YEAR, months - MOST_ORIGINS), months)


def backtest(counts: Numbers, tree: Tree, first: int, now: Fitted, horizon: int) -> Backtest:
    """Of lines' counts; `now` is what is known of all months."""
    months = counts.shape[1]
    trials = [fit(counts[:, :origin], tree, first, horizon) for origin in origins_of(months)]
    actual = np.full((len(trials), len(tree.nodes), horizon), np.nan)
    for at, origin in enumerate(origins_of(months)):
        reach = min(horizon, months - origin)
        actual[at, :, :reach] = _judged(counts, tree)[:, origin : origin + reach]
    scale = _scale(now)
    ahead = np.array([trial.ahead for trial in trials]).reshape(len(trials), len(METHODS), len(tree.nodes), horizon)
    losses = np.nan_to_num(np.abs(ahead - actual[:, None]) / scale[:, None])
    lost, tried = losses.sum(axis=3), (~np.isnan(actual)).sum(axis=2)
    ways = {way: np.full_like(actual, np.nan) for way in Way}
    for at, trial in enumerate(trials):
        others = np.arange(len(trials)) != at
        chosen, _ = choose(lost[others].sum(axis=0), tried[others].sum(axis=0), tree)
        for way in Way:
            ways[way][at] = made(way, trial, chosen, tree)
    methods, ratios = choose(lost.sum(axis=0), tried.sum(axis=0), tree)
    said = np.empty_like(actual)
    for at in range(len(trials)):
        others = np.arange(len(trials)) != at
        said[at] = ways[_best_way(ways, actual, scale, tree, others)][at]
    way = _best_way(ways, actual, scale, tree, np.ones(len(trials), dtype=np.bool_))
    if (beside := _beside_naive(said, ways, actual, scale, tree)) is not None and (beside > 1 + _ROUNDING).any():
        way = _safe_way(ways, actual, scale, tree)
        said = ways[way]
    if way is Way.NAIVE:
        methods = np.full_like(methods, _NAIVE)
    return Backtest(actual, said, ways[Way.NAIVE], scale, methods, way, ratios)


def made(way: Way, fitted: Fitted, methods: Places, tree: Tree) -> Numbers:
    """Forecasts that add up."""
    if way is Way.NAIVE:
        return tree.added_up(fitted.ahead[_NAIVE, tree.sums :])
    base = fitted.ahead[methods, np.arange(len(methods))]
    if way is Way.ADDED_UP:
        return tree.added_up(base[tree.sums :])
    if way is Way.SHARED_OUT:
        return tree.added_up(_shared_out(base[tree.sums :], fitted.ahead[_NAIVE, tree.sums :], tree))
    return reconciled(base, fitted.errors, tree)


def _shared_out(lines: Numbers, naive: Numbers, tree: Tree) -> Numbers:
    """Lines whose directions, or whose holding where there are none, are what seasonal naive says of them."""
    tops = tree.of_level(Level.DIRECTION)[: tree.sums]
    if not tops.any():
        tops = tree.of_level(Level.HOLDING)[: tree.sums]
    if not tops.any():
        return naive
    members = tree.members[tops]
    wanted, have = members @ naive, members @ lines
    factors = np.divide(wanted, have, out=np.zeros_like(wanted), where=have > 0)
    return np.asarray(np.where(members.T @ have > 0, lines * (members.T @ factors), naive))


def choose(lost: Numbers, tried: Numbers, tree: Tree) -> tuple[Places, Numbers]:
    """The method of each node, and how large its errors were beside seasonal naive's; NaN where none was tried.

    `lost` are sums of scaled errors by method and node, `tried` how many there are of each node.
    """
    methods = np.full(len(tried), METHODS.index(Method.SMOOTHING))
    ratios = np.full(len(tried), np.nan)
    for level in Level:
        own = tree.of_level(level)
        number = tried[own].sum()
        if not number:
            continue
        usual = lost[:, own].sum(axis=1) / number
        blended = lost[:, own] + _OWN_COUNTS * usual[:, None]
        beside = blended / np.maximum(blended[_NAIVE], 1e-9)
        best = beside.argmin(axis=0)
        is_better = beside.min(axis=0) < 1
        methods[own] = np.where(is_better, best, _NAIVE)
        ratios[own] = np.where(is_better, beside.min(axis=0), 1.0)
    return methods, ratios


def _safe_way(ways: dict[Way, Numbers], actual: Numbers, scale: Numbers, tree: Tree) -> Way:
    """Where what was chosen without each origin did worse on it at some level: the way that needs least choosing."""
    beside = _beside_naive(ways[Way.SHARED_OUT], ways, actual, scale, tree)
    return Way.NAIVE if beside is None or (beside > 1 + _ROUNDING).any() else Way.SHARED_OUT


def _beside_naive(
    said: Numbers, ways: dict[Way, Numbers], actual: Numbers, scale: Numbers, tree: Tree
) -> Numbers | None:
    """By level, errors as a multiple of seasonal naive's; None where nothing was tried."""
    if not (~np.isnan(actual)).any():
        return None
    levels = [own for own in (tree.of_level(level) for level in Level) if own.any()]
    own, naive = (
        np.array([np.nanmean((np.abs(each - actual) / scale[:, None])[:, at]) for at in levels])
        for each in (said, ways[Way.NAIVE])
    )
    return np.asarray((own + _NEXT_TO_NOTHING) / (naive + _NEXT_TO_NOTHING))


def _best_way(
    ways: dict[Way, Numbers],
    actual: Numbers,
    scale: Numbers,
    tree: Tree,
    origins: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
) -> Way:
    """That whose errors are least, of those that are at no level larger than seasonal naive's."""
    beside = {
        way: _beside_naive(ways[way][origins], {Way.NAIVE: ways[Way.NAIVE][origins]}, actual[origins], scale, tree)
        for way in Way
        if way is not Way.NAIVE
    }
    if beside[Way.SHARED_OUT] is None:
        return Way.SHARED_OUT
    means = {
        way: float(each.mean()) for way, each in beside.items() if each is not None and (each <= 1 + _ROUNDING).all()
    }
    return min((way for way in means if means[way] < 1), key=lambda way: means[way], default=Way.NAIVE)


def _judged(counts: Numbers, tree: Tree) -> Numbers:
    """What came, of all nodes; missing where a line was missing that had begun."""
    is_gap = np.isnan(counts) & (np.cumsum(~np.isnan(counts), axis=1) > 0)
    came = tree.added_up(np.nan_to_num(counts))
    came[tree.added_up(is_gap.astype(float)) > 0] = np.nan
    came[tree.sums :][np.isnan(counts)] = np.nan
    return np.asarray(came)


def _scale(now: Fitted) -> Numbers:
    """The mean change from a month to the same one a year later, or, with less than two years, to the next one."""
    months = now.known.shape[1]
    inside = np.arange(months) >= months - now.lengths[:, None]

    def change(lag: int) -> Numbers:
        if months <= lag:
            return np.full(len(now.known), np.nan)
        moved = np.where(inside[:, :-lag], np.abs(now.known[:, lag:] - now.known[:, :-lag]), np.nan)
        counted = np.maximum((~np.isnan(moved)).sum(axis=1), 1)
        return np.asarray(np.nansum(moved, axis=1) / counted)

    scale = np.where(now.lengths >= 2 * YEAR, change(YEAR), change(1))
    return np.asarray(np.maximum(np.nan_to_num(scale, nan=1.0), 0.1))
