"""What somebody sees of an outlook: their dealers' forecasts are everybody's, and sums are of what they see."""

import numpy as np

from attribution.visibility import Visibility
from planning.forecast.outlook import Outlook, Series
from planning.response.curves import Numbers


def narrowed(outlook: Outlook, seen: Visibility) -> Outlook:
    """Sums are made anew of the dealers that are seen, whose errors are tied as those of all dealers are."""
    if seen.dealers is None:
        return outlook
    kept = [place for place, each in enumerate(outlook.series) if each.dealer and seen.sees_dealer(each.dealer)]
    wanted = sorted({(outlook.series[place].measure, outlook.series[place].direction) for place in kept})
    sums = [_sum_of(outlook, seen, Series(measure, "", direction)) for measure, direction in wanted]
    series = (*(Series(measure, "", direction) for measure, direction in wanted), *(outlook.series[at] for at in kept))
    mean, low, high = (
        np.concatenate([np.array([each[at] for each in sums]).reshape(len(sums), -1), whole[kept]])
        if kept
        else np.zeros((0, len(outlook.months)))
        for at, whole in enumerate((outlook.mean, outlook.low, outlook.high))
    )
    return Outlook(series, outlook.months, mean, low, high, outlook.level)


def _sum_of(outlook: Outlook, seen: Visibility, node: Series) -> tuple[Numbers, Numbers, Numbers]:
    everybody = [
        place
        for place, each in enumerate(outlook.series)
        if each.dealer and (each.measure, each.direction) == (node.measure, node.direction)
    ]
    own = [place for place in everybody if seen.sees_dealer(outlook.series[place].dealer)]
    mean = outlook.mean[own].sum(axis=0)
    whole = outlook.places[node]
    bounds = [
        _tied(np.abs(bound - outlook.mean), everybody, own, np.abs(bound[whole] - outlook.mean[whole]))
        for bound in (outlook.low, outlook.high)
    ]
    return mean, np.maximum(mean - bounds[0], 0), mean + bounds[1]


def _tied(reach: Numbers, everybody: list[int], own: list[int], of_all: Numbers) -> Numbers:
    """How far the sum of `own` reaches, where that of `everybody` reaches as far as `of_all`."""
    apart, together = (reach[everybody] ** 2).sum(axis=0), reach[everybody].sum(axis=0) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        tie = np.clip(np.nan_to_num((of_all**2 - apart) / (together - apart)), 0, 1)
    own_apart, own_together = (reach[own] ** 2).sum(axis=0), reach[own].sum(axis=0) ** 2
    return np.asarray(np.sqrt(own_apart + tie * (own_together - own_apart)))
