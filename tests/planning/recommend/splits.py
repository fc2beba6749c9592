"""Curves of many spots, and the best split as SciPy's SLSQP finds it."""

from typing import Any

import numpy as np
from scipy.optimize import minimize

from planning.recommend.limits import Limits, Places, Room, Totals
from planning.recommend.linear import Aim, Wanted
from planning.response.curves import Curves, Family, Numbers

_NEAR_ENOUGH = 8  # no step makes it better by more than rounding


def spots(count: int, seed: int, family: Family = Family.POWER, margin: float = 3.0) -> Wanted:
    """A budget of the usual spend; a lead is worth about `margin` times what it costs, in minor units."""
    rng = np.random.default_rng(seed)
    usual = rng.lognormal(13, 0.6, count)
    leads = Curves(family, usual, usual / 3e4 * rng.lognormal(0, 0.3, count), rng.uniform(0.2, 0.8, count))
    worth = leads.worth(np.full(count, 3e4 * margin))
    return Wanted(Aim.BUDGET, float(round(usual.sum())), worth, leads, leads)


def room_around(wanted: Wanted, least: float = 0.7, most: float = 1.3, **more: Any) -> Room:
    usual = wanted.worth.usual
    return Room(np.ceil(usual * least).astype(np.int64), np.floor(usual * most).astype(np.int64), **more)


def grouped(what: str, of: Places, least: dict[int, float], most: dict[int, float]) -> Totals:
    count = int(of.max()) + 1
    low, high = np.zeros(count), np.full(count, np.inf)
    for place, value in least.items():
        low[place] = value
    for place, value in most.items():
        high[place] = value
    return Totals(what, tuple(f"{what} {place}" for place in range(count)), of, low, high)


def by_slsqp(wanted: Wanted, room: Room) -> Numbers:
    """Spend in units of the mean, which it can handle."""
    scale = float(wanted.worth.usual.mean())

    def constraint(kind: str, function: Any) -> dict[str, Any]:
        return {"type": kind, "fun": function}

    told: list[dict[str, Any]] = []
    if wanted.aim is Aim.BUDGET:
        told.append(constraint("eq", lambda x: x.sum() - wanted.amount / scale) | {"jac": np.ones_like})
    if wanted.aim is Aim.OUTCOME:
        told.append(constraint("ineq", lambda x: wanted.outcome.at(x * scale).sum() / wanted.amount - 1))
    for totals in room.totals:
        of_most, of_least = np.isfinite(totals.most), totals.least > 0
        told.append(constraint("ineq", lambda x, t=totals, o=of_most: (t.most[o] - t.sums(x * scale)[o]) / scale))
        told.append(constraint("ineq", lambda x, t=totals, o=of_least: (t.sums(x * scale)[o] - t.least[o]) / scale))
    for limits in room.limits:
        of_most = np.isfinite(limits.most)
        told.append(
            constraint("ineq", lambda x, t=limits, o=of_most: 1 - t.sums(wanted.leads.at(x * scale))[o] / t.most[o])
        )
    price = wanted.amount if wanted.aim is Aim.PRICE else 0.0

    def loss(x: Numbers) -> float:
        if wanted.aim is Aim.OUTCOME:
            return float(x.sum())
        return float(price * x.sum() - wanted.worth.at(x * scale).sum() / scale)

    def slope(x: Numbers) -> Numbers:
        return np.ones_like(x) if wanted.aim is Aim.OUTCOME else price - wanted.worth.slope(x * scale)

    found = minimize(  # type: ignore[call-overload]
        loss,
        (room.low + room.high) / 2 / scale,
        jac=slope,
        bounds=np.column_stack([room.low, room.high]) / scale,
        constraints=told,
        method="SLSQP",
        options={"maxiter": 1000, "ftol": 1e-12},
    )
    assert found.success or found.status == _NEAR_ENOUGH, found.message
    return np.asarray(found.x * scale)


def limited(what: str, of: Places, most: dict[int, float]) -> Limits:
    count = int(of.max()) + 1
    high = np.full(count, np.inf)
    for place, value in most.items():
        high[place] = value
    return Limits(what, tuple(f"{what} {place}" for place in range(count)), of, np.ones(len(of)), high)
