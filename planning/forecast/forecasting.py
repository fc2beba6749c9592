"""Forecasts of sales, leads, calls and service visits."""

from collections.abc import Sequence

import numpy as np

from infra.errors import InvalidInput
from planning.forecast.outlook import Outlook, Series
from planning.forecast.past import Past, months_from
from planning.forecast.tree import tree_of
from planning.media.months import Month
from planning.response.curves import Numbers

LONGEST = 18
_YEAR = 12
_NORMAL = 1.2816


def check_months(months: int) -> None:
    """Raises `InvalidInput`."""
    if not 1 <= months <= LONGEST:
        raise InvalidInput(
            f"{months} months ahead are not forecast.", where="months", help=f"Ask for 1 to {LONGEST} months."
        )


def forecast(pasts: Sequence[Past], first: Month, months: int = LONGEST) -> Outlook:
    """From the month `first` on."""
    ahead = months_from(first, months)
    found = [_of_measure(past, months) for past in pasts]
    if not found:
        empty = np.zeros((0, months))
        return Outlook((), ahead, empty, empty, empty)
    series = tuple(node for each in found for node in each[0])
    mean = np.concatenate([each[1] for each in found])
    low = np.concatenate([each[2] for each in found])
    high = np.concatenate([each[3] for each in found])
    return Outlook(series, ahead, mean, low, high)


def _of_measure(past: Past, months: int) -> tuple[tuple[Series, ...], Numbers, Numbers, Numbers]:
    tree = tree_of(past.lines)
    known = tree.added_up(np.nan_to_num(past.counts))
    season = known[:, -_YEAR:] if known.shape[1] >= _YEAR else np.repeat(known.mean(axis=1)[:, None], _YEAR, axis=1)
    mean = season[:, np.arange(months) % _YEAR]
    spread = _NORMAL * np.sqrt(mean + (0.15 * mean) ** 2)
    return tree.nodes, mean, np.maximum(mean - spread, 0), mean + spread
