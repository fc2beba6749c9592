"""What a split brings against another, drawn from all that the curves may be."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planning.recommend.limits import Whole
from planning.recommend.scene import Scene
from planning.response.curves import Curves, Numbers

LEVEL = 0.8
_TAILS = (10, 90)


@dataclass(frozen=True, slots=True)
class Estimate:
    """With the interval that holds 80 % of what may be."""

    mean: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        return {"mean": round(self.mean, 2), "low": round(self.low, 2), "high": round(self.high, 2)}


@dataclass(frozen=True)
class Outcome:
    """Draws of the shape (draws, spots); money in whole units."""

    leads: Numbers
    sales: Numbers
    margin: Numbers

    def minus(self, other: "Outcome") -> "Outcome":
        return Outcome(self.leads - other.leads, self.sales - other.sales, self.margin - other.margin)


def outcome_of(scene: Scene, spend: Whole) -> Outcome:
    drawn, months = scene.response.draws, len(scene.question.span)
    curves = Curves(drawn.family, drawn.usual * 100, drawn.brought, drawn.elasticity)
    by_month = spend.reshape(months, -1).astype(float)
    leads = np.concatenate(
        [curves.at(of_month) * season for of_month, season in zip(by_month, scene.seasons, strict=True)], axis=-1
    )
    leads = np.atleast_2d(leads)
    return Outcome(
        leads, leads * np.tile(scene.sold_draws, (1, months)), leads * np.tile(scene.response.margin_draws, (1, months))
    )


def estimate(draws: Numbers) -> Estimate:
    """Of one number a draw."""
    low, high = np.percentile(draws, _TAILS)
    return Estimate(float(draws.mean()), float(low), float(high))


@dataclass(frozen=True)
class Gain:
    """`net` is margin less spend. `doubt` is by channel the share of the gain's variance that lies in it."""

    net: Estimate
    margin: Estimate
    leads: Estimate
    sales: Estimate
    better: float
    doubt: Mapping[str, float]

    def as_dict(self) -> dict[str, object]:
        told = {name: getattr(self, name).as_dict() for name in ("net", "margin", "leads", "sales")}
        return {**told, "probability": round(self.better, 4)}


def gain_of(scene: Scene, before: Whole, after: Whole) -> Gain:
    change = outcome_of(scene, after).minus(outcome_of(scene, before))
    spend = (after - before).sum() / 100
    net = change.margin.sum(axis=1) - spend
    return Gain(
        estimate(net),
        estimate(change.margin.sum(axis=1)),
        estimate(change.leads.sum(axis=1)),
        estimate(change.sales.sum(axis=1)),
        float((net > 0).mean()),
        _doubt(scene, change.margin, net),
    )


def _doubt(scene: Scene, margin: Numbers, net: Numbers) -> Mapping[str, float]:
    channels, place = np.unique([cell.channel for cell in scene.cells], return_inverse=True)
    by_channel = np.zeros((len(margin), len(channels)))
    np.add.at(by_channel.T, place, margin.T)
    variance = float(net.var())
    if variance <= 0:
        return {}
    centred = by_channel - by_channel.mean(axis=0)
    shares = centred.T @ (net - net.mean()) / len(net) / variance
    found = dict(zip(channels.tolist(), shares.tolist(), strict=True))
    return dict(sorted(found.items(), key=lambda each: -each[1]))
