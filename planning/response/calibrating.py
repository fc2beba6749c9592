"""Lift tests of users bear on the level of a channel's curves.

Attribution says that of a channel's credited leads the share f_m comes of its spend, the rest having strayed in; that
is taken to be sure to ±`_TRUST` of it. A test measured f_t (incremental over attributed) with the standard error s_t.
By precision

    f = (f_m / s_m² + f_t / s_t²) / (1 / s_m² + 1 / s_t²),    s = (1 / s_m² + 1 / s_t²)^(-1/2)

and all curves of the channel are multiplied by f / f_m, draws by (f + s z) / f_m, with one z a draw. A switch on or off
tells what all of the spend brings, not what a little more would: so elasticities stay as they are. By the law of curves
what a unit more brings is never more than what all bring in the mean, so a test bounds it still.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from attribution.experiments.calibration import Factor
from planning.response.choosing import Chosen
from planning.response.curves import Curves, Numbers
from planning.response.model import Ground, Response
from planning.response.panel import Panel

_TRUST = 0.25
_LEAST = 0.02
_NORMAL = 1.96


def calibrated(
    response: Response, panel: Panel, chosen: Chosen, factors: Mapping[str, Factor], *, seed: int = 1
) -> Response:
    """`factors` are by channel; others stay as they are."""
    if not factors:
        return response
    rng = np.random.default_rng(seed)
    draws = response.draws.brought.shape[0]
    times, drawn = np.ones(len(response)), np.ones((draws, len(response)))
    grounds = list(response.grounds)
    credited = panel.by_channel(panel.leads.sum(axis=1))
    brought = panel.by_channel(chosen.fit.brought.sum(axis=1))
    for place, channel in enumerate(panel.channels):
        if channel not in factors or not credited[place] > 0 or not brought[place] > 0:
            continue
        claimed = float(brought[place] / credited[place])
        share, error = combined(claimed, factors[channel])
        cells = np.flatnonzero(panel.channel == place)
        times[cells] = share / claimed
        drawn[:, cells] = np.maximum(share + error * rng.standard_normal((draws, 1)), _LEAST) / claimed
        for cell in cells:
            grounds[cell] = Ground.OWN if grounds[cell] is Ground.OWN else Ground.TEST
    return replace(
        response, curves=_times(response.curves, times), draws=_times(response.draws, drawn), grounds=tuple(grounds)
    )


def combined(claimed: float, factor: Factor) -> tuple[float, float]:
    """The share of credited leads that comes of spend, and its standard error."""
    own = 1 / (_TRUST * claimed) ** 2
    tested = 1 / max((factor.high - factor.low) / (2 * _NORMAL), 0.01) ** 2
    share = (own * claimed + tested * factor.factor) / (own + tested)
    return max(share, _LEAST), (own + tested) ** -0.5


def _times(curves: Curves, times: Numbers) -> Curves:
    return Curves(curves.family, curves.usual, np.asarray(curves.brought * times), curves.elasticity)
