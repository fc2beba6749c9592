"""Holdings whose truth is known: seasons, trends and walks, and counts drawn around them."""

import numpy as np

from planning.forecast.outlook import Series
from planning.forecast.past import Past, months_from
from planning.media.months import Month
from planning.response.curves import Numbers

FIRST = Month(2023, 12)


def holding(
    dealers: int, directions: int, months: int, seed: int = 0, *, ahead: int = 0, walk: float = 0.03
) -> tuple[Past, Numbers]:
    """What is known of `months`, and what came in those `ahead`; both by line."""
    draw = np.random.default_rng(seed)
    whole = months + ahead
    phase = (FIRST.month - 1 + np.arange(whole)) % 12
    season = 0.25 * np.sin(np.arange(12) / 12 * 2 * np.pi) + draw.normal(0, 0.08, 12)
    lines, counts = [], []
    for dealer in range(dealers):
        own, trend = draw.normal(0, 0.06, 12), draw.normal(0, 0.005)
        walked = np.cumsum(draw.normal(0, walk, whole))
        for direction in range(directions):
            level = np.log((40, 15, 4, 1)[direction % 4]) + draw.normal(0, 0.5)
            mean = np.exp(level + season[phase] + own[phase] + trend * np.arange(whole) + walked)
            counts.append(draw.poisson(mean * draw.gamma(30, 1 / 30, whole)))
            lines.append(Series("sales", f"d{dealer}", f"k{direction}"))
    told = np.array(counts, dtype=float)
    return Past("sales", tuple(lines), months_from(FIRST, months), told[:, :months], {}), told[:, months:]


def past_of(counts: Numbers) -> Past:
    """Of one direction, a dealer a row."""
    lines = tuple(Series("sales", f"d{at}", "new_car") for at in range(len(counts)))
    return Past("sales", lines, months_from(FIRST, counts.shape[1]), counts, {})
