"""Forecasts of sales, leads, calls and service visits: what is expected, how it is found, and how well that did.

Of each measure: methods are tried on rolling origins and chosen, forecasts made to add up, intervals calibrated, and
what dealers that open or close do not do is taken out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from infra.errors import InvalidInput
from planning.dimensions import DealerPlace
from planning.forecast.backtest import Backtest, Way, backtest, made
from planning.forecast.calibration import Intervals, calibrated
from planning.forecast.lifetimes import share_open, with_new_dealers, without_closed
from planning.forecast.methods import LEAST_FOR_THETA, METHODS, Fitted, Method, fit
from planning.forecast.outlook import Outlook, Series
from planning.forecast.past import Past, months_from
from planning.forecast.scores import Score, scores_of
from planning.forecast.season import YEAR
from planning.forecast.tree import Tree, tree_of
from planning.media.months import Month
from planning.response.curves import Numbers

LONGEST = 18


@dataclass(frozen=True, slots=True)
class Basis:
    """What a series' forecast rests on: the method, the months known, and its errors beside seasonal naive's.

    `ratio` is NaN where nothing could be tried. A young line's level is drawn to other dealers'.
    """

    method: Method
    months: int
    ratio: float

    @property
    def is_young(self) -> bool:
        return self.months < YEAR


@dataclass(frozen=True)
class Forecasts:
    """`bases` by series, `ways` by measure; `pasts` are what was known, closed dealers included."""

    outlook: Outlook
    bases: Mapping[Series, Basis]
    ways: Mapping[str, Way]
    scores: tuple[Score, ...]
    pasts: tuple[Past, ...]


def check_months(months: int) -> None:
    """Raises `InvalidInput`."""
    if not 1 <= months <= LONGEST:
        raise InvalidInput(
            f"{months} months ahead are not forecast.", where="months", help=f"Ask for 1 to {LONGEST} months."
        )


def forecast(
    pasts: Sequence[Past], first: Month, places: Mapping[str, DealerPlace] | None = None, months: int = LONGEST
) -> Forecasts:
    """From the month `first` on. Measures of which nothing ever happened have no series."""
    known = [(past, with_new_dealers(without_closed(past, places or {}), places or {})) for past in pasts]
    found = [_of_measure(alive, months, places or {}) for _, alive in known if alive.lines]
    parts = [each.outlook for each in found]
    series = tuple(node for each in parts for node in each.series)
    mean, low, high = (
        (
            np.concatenate([np.zeros((0, months)), *arrays])
            for arrays in zip(*((each.mean, each.low, each.high) for each in parts), strict=True)
        )
        if parts
        else (np.zeros((0, months)),) * 3
    )
    return Forecasts(
        Outlook(series, months_from(first, months), mean, low, high),
        {node: basis for each in found for node, basis in each.bases.items()},
        {measure: way for each in found for measure, way in each.ways.items()},
        tuple(score for each in found for score in each.scores),
        tuple(past for past, _ in known),
    )


def _of_measure(past: Past, months: int, places: Mapping[str, DealerPlace]) -> Forecasts:
    tree, begins = tree_of(past.lines), past.months[0].month - 1
    now = fit(past.counts, tree, begins, months)
    tested = backtest(past.counts, tree, begins, now, months)
    mean = made(tested.way, now, tested.methods, tree)
    variances = (now.errors**2).sum(axis=1) / np.maximum(now.lengths - 1, 1)
    usual = np.maximum(now.known.sum(axis=1) / np.maximum(now.lengths, 1), 0.1)
    widths = np.maximum(variances - usual, 0) / usual**2
    intervals = calibrated(mean, tested, tree, widths, now.doubt)
    scores = scores_of(past.measure, tested, intervals, tree, np.sqrt(np.maximum(variances, 0.1)))
    ahead = months_from(past.next_month, months)
    outlook = _within_lifetimes(mean, intervals, tree, ahead, places)
    return Forecasts(outlook, _bases(tree, now, tested), {past.measure: tested.way}, tuple(scores), (past,))


def _within_lifetimes(
    mean: Numbers, intervals: Intervals, tree: Tree, months: Sequence[Month], places: Mapping[str, DealerPlace]
) -> Outlook:
    """Sums shrink as their lines do, and their intervals with them."""
    lines = tree.nodes[tree.sums :]
    shares = {dealer: share_open(places, dealer, months) for dealer in {line.dealer for line in lines}}
    opened = tree.added_up(mean[tree.sums :] * np.array([shares[line.dealer] for line in lines]))
    kept = np.divide(opened, mean, out=np.zeros_like(mean), where=mean > 0)
    return Outlook(
        tree.nodes, tuple(months), opened, intervals.low * kept, intervals.high * np.where(mean > 0, kept, 1)
    )


def _bases(tree: Tree, now: Fitted, tested: Backtest) -> dict[Series, Basis]:
    found = {}
    for node, place, months, ratio in zip(
        tree.nodes, tested.methods.tolist(), now.lengths.tolist(), tested.ratios.tolist(), strict=True
    ):
        method = METHODS[place]
        if (method is Method.SEASONAL_NAIVE and months < YEAR) or (method is Method.THETA and months < LEAST_FOR_THETA):
            method = Method.SMOOTHING
        found[node] = Basis(method, months, ratio)
    return found
