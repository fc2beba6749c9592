"""What each method says of the months ahead, of all nodes of a tree at once, as it was known after some months.

Seasonal naive takes the same month of the last year known. The others work on counts without their season, and put it
back in: theta (dynamic optimised), smoothing (exponential, of one pace for all series of a level), and the mean of the
three. With less than a year, seasonal naive has nothing to repeat, and with less than eight months theta no line to
bend: they say what smoothing does, whose level is drawn to that of other dealers where a line is young.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from planning.forecast.season import YEAR, seasonal
from planning.forecast.theta import Places, shared_alpha, theta, with_alpha
from planning.forecast.tree import Level, Tree
from planning.response.curves import Numbers

_HOLDING_TIE, _DIRECTION_TIE, _OWN_TIE = 0.25, 0.12, 0.08
LEAST_FOR_THETA = 8
_OLD = 6
_LEAST_PULL, _MOST_PULL = 0.3, 8.0
_PULL = 2.0


class Method(StrEnum):
    SEASONAL_NAIVE = "seasonal_naive"
    THETA = "theta"
    SMOOTHING = "smoothing"
    MEAN = "mean"

    @property
    def named(self) -> str:
        return _TITLES[self]


_TITLES = {
    Method.SEASONAL_NAIVE: "Seasonal naive",
    Method.THETA: "Dynamic optimised theta",
    Method.SMOOTHING: "Exponential smoothing with season",
    Method.MEAN: "Mean of theta, smoothing and seasonal naive",
}
METHODS = tuple(Method)


@dataclass(frozen=True)
class Fitted:
    """`ahead` is of the shape (methods, nodes, horizon) in the order of `METHODS`.

    `errors` are those of smoothing one month ahead, `known` the nodes' counts with gaps filled, `lengths` how many
    months each of them is known. `doubt` is the variance of a young level, as a share of its square.
    """

    ahead: Numbers
    errors: Numbers
    known: Numbers
    lengths: Places
    doubt: Numbers


def fit(counts: Numbers, tree: Tree, first: int, horizon: int) -> Fitted:
    """`counts` are of the tree's lines, NaN where missing; `first` is the month of the year of their first column."""
    lengths = tree_lengths(counts, tree)
    known, season = _seasons(counts, tree, first)
    months = known.shape[1]
    passed = np.exp(season[:, (first + np.arange(months)) % YEAR])
    plain = known / passed
    factors = np.exp(season[:, (first + months + np.arange(horizon)) % YEAR])
    flat = left_aligned(plain, lengths)
    smooth, expected = _smoothed(flat, lengths, tree, horizon)
    smooth, doubt = _drawn(smooth, flat, lengths, tree)
    bent = theta(flat, np.maximum(lengths, 1), horizon).ahead
    bent = np.where((lengths >= LEAST_FOR_THETA)[:, None], bent, smooth)
    level, trend = np.maximum(smooth * factors, 0), np.maximum(bent * factors, 0)
    naive = np.where((lengths >= YEAR)[:, None], _naive(known, horizon), level)
    errors = (flat - expected) * left_aligned(passed, lengths)
    errors[:, 0] = 0
    errors = np.where(np.arange(months) < lengths[:, None], errors, 0.0)
    ahead = {
        Method.SEASONAL_NAIVE: naive,
        Method.THETA: trend,
        Method.SMOOTHING: level,
        Method.MEAN: (naive + trend + level) / 3,
    }
    return Fitted(
        np.array([ahead[method] for method in METHODS]), _right_aligned(errors, lengths), known, lengths, doubt
    )


def tree_lengths(counts: Numbers, tree: Tree) -> Places:
    """How many months each node has from its first known one on; a sum has those of its oldest line."""
    is_known = ~np.isnan(counts)
    lengths = np.where(is_known.any(axis=1), counts.shape[1] - is_known.argmax(axis=1), 0)
    sums = (tree.members * lengths).max(axis=1, initial=0) if tree.sums else np.zeros(0)
    return np.concatenate([sums, lengths]).astype(int)


def left_aligned(values: Numbers, lengths: Places) -> Numbers:
    """Each row from its first known month on; what follows is of no meaning."""
    months = values.shape[1]
    places = (np.arange(months) + (months - lengths)[:, None]) % max(months, 1)
    return np.asarray(np.take_along_axis(values, places, axis=1))


def _right_aligned(values: Numbers, lengths: Places) -> Numbers:
    months = values.shape[1]
    places = (np.arange(months) - (months - lengths)[:, None]) % max(months, 1)
    return np.asarray(np.take_along_axis(values, places, axis=1))


def _seasons(counts: Numbers, tree: Tree, first: int) -> tuple[Numbers, Numbers]:
    """Counts of all nodes with gaps filled, and their seasons: from the holding down to lines."""
    usual = np.nan_to_num(counts).sum(axis=1) / np.maximum((~np.isnan(counts)).sum(axis=1), 1)
    is_gap = np.isnan(counts) & (np.cumsum(~np.isnan(counts), axis=1) > 0)
    rough = np.where(is_gap, usual[:, None], np.nan_to_num(counts))
    rough_sums = tree.added_up(rough)
    whole = seasonal(rough_sums[:1], first, np.zeros((1, YEAR)), _HOLDING_TIE).season
    prior = np.repeat(whole, len(tree.nodes), axis=0)
    of_direction = tree.of_level(Level.DIRECTION)
    if of_direction.any():
        prior[of_direction] = seasonal(rough_sums[of_direction], first, prior[of_direction], _DIRECTION_TIE).season
        place_of = {node.direction: at for at, node in enumerate(tree.nodes) if of_direction[at]}
        for at in range(tree.sums, len(tree.nodes)):
            prior[at] = prior[place_of.get(tree.nodes[at].direction, 0)]
    lines = seasonal(counts, first, prior[tree.sums :], _OWN_TIE)
    known = tree.added_up(np.where(is_gap, lines.fitted, np.nan_to_num(counts)))
    season = prior.copy()
    season[tree.sums :] = lines.season
    dealers = tree.of_level(Level.DEALER) & (np.arange(len(tree.nodes)) < tree.sums)
    if dealers.any():
        season[dealers] = seasonal(known[dealers], first, prior[dealers], _OWN_TIE).season
    return known, season


def _smoothed(flat: Numbers, lengths: Places, tree: Tree, horizon: int) -> tuple[Numbers, Numbers]:
    """What smoothing says ahead, and what it expected; its pace is one for all nodes of a level that are old enough."""
    ahead, expected = np.zeros((len(flat), horizon)), np.zeros_like(flat)
    scales = np.sqrt(np.maximum(flat.mean(axis=1), 0.1))
    for level in Level:
        own = tree.of_level(level)
        if not own.any():
            continue
        old = own & (lengths >= _OLD)
        alpha = shared_alpha(flat[old], lengths[old], scales[old]) if old.any() else 0.3
        told = with_alpha(
            flat[own], np.maximum(lengths[own], 1), horizon, np.full(int(own.sum()), alpha), with_trend=False
        )
        ahead[own], expected[own] = told.ahead, told.expected
    return ahead, expected


def _drawn(smooth: Numbers, flat: Numbers, lengths: Places, tree: Tree) -> tuple[Numbers, Numbers]:
    """Young lines' levels are drawn to the middle of the old ones of their direction, and sums move with them."""
    level, doubt = smooth[:, 0].copy(), np.zeros(len(smooth))
    lines = np.arange(len(smooth)) >= tree.sums
    directions = np.array([node.direction for node in tree.nodes])
    for direction in dict.fromkeys(directions[lines].tolist()):
        own = lines & (directions == direction)
        old, young = own & (lengths >= _OLD), own & (lengths < YEAR)
        if old.sum() < 2 or not young.any():
            continue
        pull, spread = _pull(level[old], flat[old], lengths[old])
        level[young] = (lengths[young] * level[young] + pull * np.median(level[old])) / (lengths[young] + pull)
        doubt[young] = spread * pull / (lengths[young] + pull)
    change = np.where(smooth[:, 0] > 0, level / np.maximum(smooth[:, 0], 1e-9), 1.0)
    drawn = np.where(smooth[:, :1] > 0, smooth * change[:, None], level[:, None])
    drawn[: tree.sums] += np.tensordot(tree.members, (drawn - smooth)[tree.sums :], axes=1) if tree.sums else 0
    return np.maximum(drawn, 0), doubt


def _pull(levels: Numbers, flat: Numbers, lengths: Places) -> tuple[float, float]:
    """How many months of its own a line needs to be trusted as much as the others, and how much levels differ."""
    inside = np.arange(flat.shape[1]) < lengths[:, None]
    means = (flat * inside).sum(axis=1) / lengths
    noise = (((flat - means[:, None]) * inside) ** 2).sum(axis=1) / np.maximum(lengths - 1, 1)
    usual = max(float(np.mean(levels)), 1e-6)
    within, between = float(noise.mean()) / usual**2, float(levels.var()) / usual**2
    pull = within / between if between > 0 else _PULL
    return float(np.clip(pull, _LEAST_PULL, _MOST_PULL)), float(np.clip(between, 0.01, 1.0))


def _naive(known: Numbers, horizon: int) -> Numbers:
    year = known[:, -YEAR:]
    return np.asarray(year[:, np.arange(horizon) % year.shape[1]])
