"""The two families of curves, told by their elasticity at the usual spend.

The elasticity e is the share by which leads grow for each share by which spend does, at the usual spend x₀, where v₀
leads come a month. Both families have the same value and slope there, and part the further one goes:

    power                 v(x) = v₀ (x / x₀)^e                      (log-log; it never saturates)
    Michaelis–Menten      v(x) = (v₀ / (1 - e)) x / (x + x₀ e / (1 - e))    (it saturates at v₀ / (1 - e))
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers: TypeAlias = NDArray[np.float64]
LEAST, MOST = 0.01, 0.97
"""Elasticities of curves: at 0 nothing more would ever come, from 1 on more and more."""


class Family(StrEnum):
    POWER = "power"
    MICHAELIS_MENTEN = "michaelis_menten"


@dataclass(frozen=True)
class Curves:
    """Of as many cells as the last axis has; arrays that broadcast with each other, as draws of the same cells do.

    `usual` spend is above 0, `brought` is what comes of it a month, `elasticity` lies from `LEAST` to `MOST`.
    """

    family: Family
    usual: Numbers
    brought: Numbers
    elasticity: Numbers

    def at(self, spend: ArrayLike) -> Numbers:
        """What comes of it."""
        times = np.asarray(spend, float) / self.usual
        if self.family is Family.POWER:
            return np.asarray(self.brought * times**self.elasticity)
        half = self.elasticity / (1 - self.elasticity)
        return np.asarray(self.brought / (1 - self.elasticity) * times / (times + half))

    def slope(self, spend: ArrayLike) -> Numbers:
        """What a unit of money more would bring; without end at no spend, where the family is power."""
        times = np.asarray(spend, float) / self.usual
        if self.family is Family.POWER:
            with np.errstate(divide="ignore"):
                return np.asarray(self.brought * self.elasticity / self.usual * times ** (self.elasticity - 1))
        half = self.elasticity / (1 - self.elasticity)
        return np.asarray(self.brought / (1 - self.elasticity) * half / self.usual / (times + half) ** 2)

    def spend_at(self, slope: ArrayLike) -> Numbers:
        """The spend at which a unit more brings just so much; 0 where even the first brings less."""
        wanted = np.asarray(slope, float) * self.usual
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.family is Family.POWER:
                times = (self.brought * self.elasticity / wanted) ** (1 / (1 - self.elasticity))
            else:
                half = self.elasticity / (1 - self.elasticity)
                times = np.sqrt(self.brought / (1 - self.elasticity) * half / wanted) - half
        return np.asarray(np.where(self.brought > 0, np.maximum(times, 0), 0) * self.usual)

    def worth(self, margin: ArrayLike) -> "Curves":
        """The same in money, where each lead is worth so much."""
        return Curves(self.family, self.usual, np.asarray(self.brought * np.asarray(margin, float)), self.elasticity)
