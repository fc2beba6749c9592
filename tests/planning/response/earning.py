"""What splits of a holding's budget earn: as shares of what the best split would gain over the present one."""

from dataclasses import dataclass

import numpy as np

from planning.recommend.allocation import allocate
from planning.response.choosing import choose
from planning.response.curves import Curves, Family, Numbers
from planning.response.drawing import response_of
from planning.response.fitting import fit, plainly
from planning.response.model import Cell, Response
from planning.response.panel import Panel
from planning.response.pooling import ELASTICITIES
from tests.planning.response.panels import Holding

NARROW, WIDE = (0.7, 1.3), (0.5, 2.0)


@dataclass(frozen=True)
class Earned:
    """Shares of the attainable gain within bounds; of 80% intervals of cells' expected leads, how many hold."""

    ours: float
    fixed_cpl: float
    unpooled: float
    by_romi: float
    covered: float


def panel_of(holding: Holding) -> Panel:
    cells = [
        Cell(f"d{dealer:03}", f"c{channel}") for dealer, channel in zip(holding.dealer, holding.channel, strict=True)
    ]
    return Panel.of(cells, holding.spend, holding.leads)


def fitted(holding: Holding) -> Response:
    panel = panel_of(holding)
    return response_of(panel, choose(panel), holding.margin, np.zeros(len(holding.margin)))


def share_of_gain(holding: Holding, split: Numbers, bounds: tuple[float, float]) -> float:
    lower, upper = holding.present * bounds[0], holding.present * bounds[1]
    now = holding.value(holding.present)
    return (holding.value(split) - now) / (holding.best(lower, upper) - now)


def split_by(holding: Holding, curves: Curves, bounds: tuple[float, float]) -> Numbers:
    lower, upper = holding.present * bounds[0], holding.present * bounds[1]
    return allocate(curves.worth(holding.margin), float(holding.present.sum()), lower, upper)


def earned(holding: Holding, response: Response, bounds: tuple[float, float]) -> Earned:
    return Earned(
        share_of_gain(holding, split_by(holding, response.curves, bounds), bounds),
        share_of_gain(holding, _by_cpl(holding, bounds), bounds),
        share_of_gain(holding, split_by(holding, _unpooled(holding), bounds), bounds),
        share_of_gain(holding, _by_romi(holding, bounds), bounds),
        coverage(holding, response),
    )


def coverage(holding: Holding, response: Response) -> float:
    held = []
    for times in (0.7, 1.0, 1.3):
        spend = holding.present * times
        low, high = np.quantile(response.draws.at(spend), [0.1, 0.9], axis=0)
        truth = holding.truth.at(spend) * holding.season[-12:].mean()
        held.append(((low <= truth) & (truth <= high)).mean())
    return float(np.mean(held))


def _romi(holding: Holding) -> Numbers:
    return np.asarray(holding.margin * holding.leads.sum(axis=1) / holding.spend.sum(axis=1))


def _by_cpl(holding: Holding, bounds: tuple[float, float]) -> Numbers:
    """All that can be moved goes to the cells with the best return, as if their cost per lead stayed."""
    lower, upper = holding.present * bounds[0], holding.present * bounds[1]
    order = np.argsort(-_romi(holding))
    room = np.cumsum((upper - lower)[order])
    left = float(holding.present.sum() - lower.sum())
    spend = lower.copy()
    spend[order] += np.clip(left - (room - (upper - lower)[order]), 0, (upper - lower)[order])
    return spend


def _by_romi(holding: Holding, bounds: tuple[float, float]) -> Numbers:
    """In proportion to return, cut at the bounds."""
    lower, upper = holding.present * bounds[0], holding.present * bounds[1]
    spend = holding.present * _romi(holding)
    for _ in range(60):
        spend = np.clip(spend * (holding.present.sum() / spend.sum()), lower, upper)
    return spend


def _unpooled(holding: Holding) -> Curves:
    """Each cell by its own months alone."""
    panel = panel_of(holding)
    alone = fit(panel, plainly(panel))
    own = ELASTICITIES[alone.pooled.likelihood.argmax(axis=1)]
    brought = panel.leads.sum(axis=1) / panel.months
    return Curves(Family.MICHAELIS_MENTEN, alone.tables.usual, np.maximum(brought, 0.01), own)
