"""What a split has to keep: bounds of each spot, totals of groups, and what leads may come to.

A spot is a cell in a month. Amounts are in minor units.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse

from infra.errors import InvalidInput
from planning.response.curves import Numbers

Places: TypeAlias = npt.NDArray[np.intp]
Whole: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
_TINY = 1e-6


@dataclass(frozen=True)
class Totals:
    """The least and the most that groups of spots may spend. `of` is each spot's group, -1 where it has none."""

    what: str
    names: tuple[str, ...]
    of: Places
    least: Numbers
    most: Numbers

    def sums(self, spend: npt.ArrayLike) -> Numbers:
        of_groups = self.of >= 0
        return np.asarray(np.bincount(self.of[of_groups], np.asarray(spend, float)[of_groups], len(self.names)), float)

    def are_kept(self, spend: npt.ArrayLike) -> bool:
        sums = self.sums(spend)
        return bool((sums >= self.least - 0.5).all() and (sums <= self.most + 0.5).all())


@dataclass(frozen=True)
class Limits:
    """The most that leads of groups of spots may come to, where a lead of a spot counts as `weight`."""

    what: str
    names: tuple[str, ...]
    of: Places
    weight: Numbers
    most: Numbers

    def sums(self, leads: Numbers) -> Numbers:
        of_groups = self.of >= 0
        return np.asarray(np.bincount(self.of[of_groups], (leads * self.weight)[of_groups], len(self.names)), float)

    def are_kept(self, leads: Numbers) -> bool:
        return bool((self.sums(leads) <= self.most * (1 + _TINY) + _TINY).all())


@dataclass(frozen=True)
class Room:
    """`low` and `high` bound each spot; money comes in multiples of `step`, but for what a budget itself lacks.

    A spot has just `low` where both are the same, or no multiple lies between them.
    """

    low: Whole
    high: Whole
    step: int = 1
    totals: Sequence[Totals] = ()
    limits: Sequence[Limits] = ()
    names: Sequence[str] = field(default=())

    @property
    def is_plain(self) -> bool:
        """Whether prices alone find the best split: groups that share no spot, and no limit on leads."""
        return len(self.totals) <= 1 and not self.limits

    @property
    def steps(self) -> tuple[Whole, Whole]:
        """The least and the most steps of each spot; 0 of one that is not free."""
        least, most = -(-self.low // self.step), self.high // self.step
        return np.where(self.is_free, least, 0), np.where(self.is_free, most, 0)

    @property
    def is_free(self) -> Flags:
        least, most = -(-self.low // self.step), self.high // self.step
        return np.asarray((least <= most) & (self.low < self.high))

    @property
    def on_steps(self) -> "Room":
        """With bounds that multiples of the step reach."""
        least, most = self.steps
        return replace(
            self,
            low=np.where(self.is_free, least * self.step, self.low),
            high=np.where(self.is_free, most * self.step, self.low),
        )

    def check(self) -> None:
        """Raises `InvalidInput` where bounds contradict each other."""
        wrong = np.flatnonzero(self.low > self.high)
        if len(wrong):
            place = int(wrong[0])
            name = self.names[place] if self.names else "A cell"
            raise InvalidInput(
                f"{name} must get at least {amount(self.low[place])} and at most {amount(self.high[place])}.",
                where="bounds",
                help="Raise the upper bound, or lower what is ordered, locked or wanted at least.",
            )
        for totals in self.totals:
            self._check_totals(totals)

    def _check_totals(self, totals: Totals) -> None:
        low, high = totals.sums(self.low), totals.sums(self.high)
        for place, name in enumerate(totals.names):
            least, most = totals.least[place], totals.most[place]
            if least > most:
                said = f"The total of {name} must be at least {amount(least)} and at most {amount(most)}."
            elif least > high[place] + _TINY:
                said = f"The total of {name} must be at least {amount(least)}: its cells take {amount(high[place])}."
            elif most < low[place] - _TINY:
                said = f"The total of {name} may be {amount(most)}, and its cells need {amount(low[place])} at least."
            else:
                continue
            raise InvalidInput(said, where="totals", help="Widen the bounds of its cells, or correct the total.")


def amount(minor: float) -> str:
    """For sentences: in units of the currency, with its minor ones where there are any."""
    told = f"{minor / 100:,.2f}".replace(",", " ")
    return told.removesuffix(".00")


def members(of: Places, groups: int, weight: Numbers | None = None) -> sparse.csr_array:
    """A row a group, with the weight of each spot that is in it, 1 unless said."""
    inside = np.flatnonzero(of >= 0)
    weights = np.ones(len(inside)) if weight is None else weight[inside]
    return sparse.csr_array((weights, (of[inside], inside)), shape=(groups, len(of)))
