"""What is asked: how much, for which months, and what has to be kept. Amounts are in minor units."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from infra.errors import InvalidInput
from planning.media.months import Month
from planning.response.model import Cell

USUAL_LEAST, USUAL_MOST = 0.7, 1.3
"""Of a cell's usual spend: beyond it hardly any month has shown what money brings."""

_MOST_MONTHS = 12


class Goal(StrEnum):
    """The split of a budget; the least budget for sales or for margin; all spend down to a marginal ROMI."""

    BUDGET = "budget"
    SALES = "sales"
    MARGIN = "margin"
    MARGINAL_ROMI = "marginal_romi"


@dataclass(frozen=True, slots=True)
class Part:
    """The cells of a dealer, channel and contractor; of all where a name is None."""

    dealer: str | None = None
    channel: str | None = None
    contractor: str | None = None

    def holds(self, cell: Cell) -> bool:
        told = (self.dealer, self.channel, self.contractor)
        return all(name is None or name == of for name, of in zip(told, cell, strict=True))

    def __str__(self) -> str:
        return " / ".join(name or "(none)" for name in (self.dealer, self.channel, self.contractor) if name is not None)


@dataclass(frozen=True, slots=True)
class Bound:
    """Of each cell of the part, in each month."""

    part: Part
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """Each cell of the part spends that in each month; what it usually does where nothing is told."""

    part: Part
    spend: int | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """Of a dealer, channel or contractor, as `what` says, over all months together."""

    what: str
    name: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Question:
    """`amount` is a budget or margin in minor units, a number of sales, or a marginal ROMI (0.5 is 50 %).

    `least` and `most` bound each cell, as parts of its usual spend. `stock` is by dealer how many can be sold in the
    months together, `capacity` how many leads a month can be answered, by dealer, of the whole holding under "".
    `least_gain` is the part of present margin below which a gain is none.
    Unless it `moves_unknown`, cells whose curves are not known keep their part. Raises `InvalidInput`.
    """

    goal: Goal
    amount: float
    first: Month
    months: int = 1
    least: float = USUAL_LEAST
    most: float = USUAL_MOST
    step: int = 100
    bounds: tuple[Bound, ...] = ()
    locks: tuple[Lock, ...] = ()
    totals: tuple[Total, ...] = ()
    stock: Mapping[str, float] = field(default_factory=dict)
    capacity: Mapping[str, float] = field(default_factory=dict)
    dealers: tuple[str, ...] = ()
    least_gain: float = 0.01
    moves_unknown: bool = False

    def __post_init__(self) -> None:
        if self.goal is not Goal.MARGINAL_ROMI and self.amount <= 0:
            raise InvalidInput(
                f"A {self.goal} of {self.amount:g} asks for nothing.", where="amount", help="Write more than 0."
            )
        if self.goal is Goal.MARGINAL_ROMI and self.amount <= -1:
            raise InvalidInput(
                "A marginal ROMI is above -100 %.", where="amount", help="Write 0 where a unit more must earn itself."
            )
        if not 1 <= self.months <= _MOST_MONTHS:
            raise InvalidInput(f"{self.months} months cannot be asked for.", where="months", help="Ask for 1 to 12.")
        if not 0 <= self.least <= self.most:
            raise InvalidInput(
                f"Cells cannot have at least {self.least:.0%} and at most {self.most:.0%} of their usual spend.",
                where="least",
                help="The lower part is 0 or more, and not above the upper one.",
            )
        if self.step < 1:
            raise InvalidInput("A step is more than 0.", where="step", help="Write 1000 for whole thousands.")

    @property
    def span(self) -> tuple[Month, ...]:
        found = [self.first]
        while len(found) < self.months:
            found.append(found[-1].after)
        return tuple(found)

    @property
    def is_wide(self) -> bool:
        return self.least < USUAL_LEAST - 1e-9 or self.most > USUAL_MOST + 1e-9

    def as_dict(self) -> dict[str, Any]:
        told = asdict(self) | {"goal": self.goal.value, "first": str(self.first)}
        return {**told, "stock": dict(self.stock), "capacity": dict(self.capacity)}
