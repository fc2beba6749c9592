"""Curves of leads by spend, told by their elasticity at the usual spend, and by how fast they saturate.

The elasticity e is the share by which leads grow for each share by which spend does, at the usual spend x₀, where v₀
leads come a month. With t = x / x₀ and r = (1 - e) / e all curves are of one family, that of a constant elasticity of
substitution between spend and what it meets:

    v(x) = v₀ t ((1 + r) / (1 + r tᵏ))^(1/k)        whose elasticity at t is 1 / (1 + r tᵏ)

    k = 0     v₀ t^e                  power (log-log): the elasticity stays; it never saturates
    k = 1     v₀ (1 + r) t / (1 + r t)    Michaelis–Menten: it saturates at v₀ / (1 - e)

All have the same value and slope at the usual spend, and part the further one goes. No one of them bends upwards.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]
LEAST, MOST = 0.01, 0.97
"""Elasticities of curves: at 0 nothing more would ever come, from 1 on more and more."""


class Family(float, Enum):
    """Named places of the one family; its number k may be any from 0 on."""

    POWER = 0.0
    MICHAELIS_MENTEN = 1.0


@dataclass(frozen=True)
class Curves:
    """Of as many cells as the last axis has; arrays that broadcast with each other, as draws of the same cells do.

    `family` is one `Family`, or its number k cell by cell. `usual` spend is above 0, `brought` is what comes of it a
    month, `elasticity` lies from `LEAST` to `MOST`.
    """

    family: Family | float | Numbers
    usual: Numbers
    brought: Numbers
    elasticity: Numbers

    def at(self, spend: ArrayLike) -> Numbers:
        """What comes of it."""
        return np.asarray(self.brought * rise(np.asarray(spend, float) / self.usual, self.elasticity, self.family))

    def slope(self, spend: ArrayLike) -> Numbers:
        """What a unit of money more would bring; without end at no spend, where the family is power."""
        times = np.asarray(spend, float) / self.usual
        left, bend = self._left, np.asarray(self.family, float)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            straight = self.elasticity * times ** (self.elasticity - 1)
            met = np.log1p(left * times**bend)
            bent = np.exp((np.log1p(left) - met) / bend - met)
        steepness = np.where(bend > 0, bent, straight)
        return np.asarray(np.where(self.brought > 0, self.brought * steepness / self.usual, 0.0))

    def spend_at(self, slope: ArrayLike) -> Numbers:
        """The spend at which a unit more brings just so much; 0 where even the first brings less."""
        wanted = np.asarray(slope, float) * self.usual
        left, bend = self._left, np.asarray(self.family, float)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = np.log(self.brought / wanted)
            straight = np.exp((ratio + np.log(self.elasticity)) / (1 - self.elasticity))
            met = np.expm1((ratio * bend + np.log1p(left)) / (1 + bend)) / left
            bent = np.maximum(met, 0) ** (1 / bend)
        times = np.where(bend > 0, bent, straight)
        return np.asarray(np.where(self.brought > 0, times, 0) * self.usual)

    def worth(self, margin: ArrayLike) -> "Curves":
        """The same in money, where each lead is worth so much."""
        return Curves(self.family, self.usual, np.asarray(self.brought * np.asarray(margin, float)), self.elasticity)

    def of(self, places: ArrayLike) -> "Curves":
        """Those of some cells."""
        chosen = np.asarray(places)
        family = np.asarray(self.family, float)
        return Curves(
            family if family.ndim == 0 else family[..., chosen],
            self.usual[..., chosen],
            self.brought[..., chosen],
            self.elasticity[..., chosen],
        )

    @property
    def _left(self) -> Numbers:
        return np.asarray((1 - self.elasticity) / self.elasticity)


def rise(times: ArrayLike, elasticity: ArrayLike, family: ArrayLike) -> Numbers:
    """What comes of so many times the usual spend, over what comes of that."""
    t, e, bend = np.asarray(times, float), np.asarray(elasticity, float), np.asarray(family, float)
    left = (1 - e) / e
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(t)
        if not (bend > 0).any():
            return np.asarray(np.exp(e * log))
        bent = log + (np.log1p(left) - np.log1p(left * t**bend)) / bend
        return np.asarray(np.exp(bent if (bend > 0).all() else np.where(bend > 0, bent, e * log)))
