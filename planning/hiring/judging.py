"""What is to be expected of a candidate, and what to ask for before one believes it.

    expected = centre + weight × (claim − bias − centre)

`weight` is what somebody said, or derived: from how contractors' earlier claims held, between / (between + variance of
claims), where at least three are known, and three more taken to say nothing; else as if a tenth of what the claim says
was spent had been measured, w / (w + within / between). A claim is no measurement: it is chosen by whom it praises.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from scipy.stats import norm

from planning.hiring.candidates import ToldCandidate
from planning.hiring.measured import Claims, Measured
from planning.money import told_amount

BELIEVED = 0.1
"""The part of claimed spend that counts as if it had been measured, where no claim was ever checked."""
DOUBTED = 3
"""As many more claims are taken to have scattered as much as contractors themselves do: few prove little."""
LEVEL = 0.8
_POWER = float(norm.ppf(0.8) + norm.ppf(0.9))
"""Deviations by which a true difference is told four times of five, and none is called one once in ten."""
_LONGEST = 12


@dataclass(frozen=True, slots=True)
class Judgement:
    """ROMI as fractions; None where there is nothing to judge by. `trial_budget` is in whole money, of the whole trial.

    `incumbent` has the most cost in the channel of late; `beats` is the chance to bring more than it for the money.
    """

    percentile: float | None = None
    weight: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    claim_chance: float | None = None
    incumbent: str = ""
    incumbent_romi: float | None = None
    beats: float | None = None
    trial_budget: float | None = None
    trial_months: int | None = None
    trial_says: str = "unknown"
    measured_in: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def judge(told: ToldCandidate, measured: Measured, claims: Claims, incumbent: str) -> Judgement:
    """Beside contractors that were measured. `incumbent` is empty where nobody works the channel."""
    if not measured.is_known:
        return Judgement()
    claim = told.claimed_romi + 1
    weight = told.weight if told.weight is not None else derived_weight(told, measured, claims)
    expected = measured.centre + weight * (claim - (claims.bias or 0.0) - measured.centre)
    deviation = float(np.sqrt((1 - weight) * measured.between + (1 - weight) ** 2 * measured.doubt))
    z = float(norm.ppf((1 + LEVEL) / 2))
    own, doubt = _of(measured, incumbent)
    budget, months, says = trial(told, measured, own)
    return Judgement(
        percentile=measured.percentile(claim),
        weight=weight,
        expected=expected - 1,
        low=max(expected - z * deviation, 0.0) - 1,
        high=expected + z * deviation - 1,
        claim_chance=_above(claim, expected, deviation),
        incumbent=incumbent if own is not None else "",
        incumbent_romi=None if own is None else own - 1,
        beats=None if own is None else _above(0.0, expected - own, float(np.hypot(deviation, doubt))),
        trial_budget=budget,
        trial_months=months,
        trial_says=says,
        measured_in=measured.channel,
    )


def derived_weight(told: ToldCandidate, measured: Measured, claims: Claims) -> float:
    if measured.between <= 0:
        return 0.0
    if claims.variance is not None:
        known = claims.count / (claims.count + DOUBTED)
        variance = known * claims.variance + (1 - known) * measured.between
        return measured.between / (measured.between + variance)
    spent = BELIEVED * told_amount(told.claimed_budget) * told.claimed_months
    return spent / (spent + measured.within / measured.between) if spent > 0 else 0.0


def trial(told: ToldCandidate, measured: Measured, own: float | None) -> tuple[float | None, int | None, str]:
    """What is to be spent, and for how many months, to tell whether the claim holds against who is there now.

    Against the mean of contractors where nobody is.
    """
    gap = told.claimed_romi + 1 - (measured.centre if own is None else own)
    if gap <= 0:
        return None, None, "claims_less"
    if measured.within <= 0:
        return None, None, "unknown"
    budget = measured.within * (_POWER / gap) ** 2
    months = ceil(budget / told_amount(told.claimed_budget))
    if months > _LONGEST:
        return budget, months, "too_long"
    return budget, max(months, 1), "ask"


def _of(measured: Measured, contractor: str) -> tuple[float | None, float]:
    if contractor not in measured.contractors:
        return None, 0.0
    place = measured.contractors.index(contractor)
    return float(measured.estimates[place]), float(measured.errors[place])


def _above(limit: float, mean: float, deviation: float) -> float:
    if deviation <= 0:
        return float(mean > limit) if mean != limit else 0.5
    return float(norm.sf((limit - mean) / deviation))
