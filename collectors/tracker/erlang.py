"""How many numbers a pool needs: the formulas of telephone traffic, with visits for calls and numbers for lines.

Visits come at random; the load A is visits an hour times the hours that each needs its number, on average. Only this
mean counts, whatever the distribution.

- A visit that finds all N numbers held is refused. Erlang's loss formula («lost calls cleared»):
  B(0) = 1, B(N) = A B(N−1) / (N + A B(N−1)).
  A. K. Erlang, Solution of some problems in the theory of probabilities of significance in automatic telephone
  exchanges, 1917; the recursion in V. B. Iversen, Teletraffic Engineering and Network Planning, chapter 4.
- Where a visit needs its number for longer than it holds it, nobody is refused, but the numbers go round: a visit loses
  its own when N others come within that time. Molina's formula («lost calls held»): the probability that a Poisson
  variable of mean A is N or more. E. C. Molina, Application of the theory of probability to telephone trunking
  problems, Bell System Technical Journal 6 (1927).
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from infra.errors import InvalidInput

Loads = NDArray[np.float64]
MOST_NUMBERS = 20_000
_NOTHING = 1e-290


def refused(loads: Loads) -> Iterator[Loads]:
    """Erlang's formula: the shares that are refused under each load, with 0, 1, 2 … numbers."""
    lost = np.ones_like(loads)
    for numbers in range(1, MOST_NUMBERS + 2):
        yield lost
        lost = loads * lost / (numbers + loads * lost)


def overtaken(loads: Loads) -> Iterator[Loads]:
    """Molina's formula: the shares that lose their number to others, with 0, 1, 2 … numbers.

    Erlang's share is the probability of exactly N over that of at most N; so the latter is had from the former.
    """
    yield np.ones_like(loads)
    for numbers, lost in enumerate(refused(loads)):
        exactly = np.exp(numbers * np.log(loads) - loads - lgamma(numbers + 1))
        yield np.where(lost > _NOTHING, np.clip(1 - exactly / np.maximum(lost, _NOTHING), 0, 1), 0)


def losses(leased: Loads, needed: Loads) -> Iterator[Loads]:
    """The shares without a number of their own, where it is `needed` for as long as it is leased, or longer."""
    longer = needed > leased * (1 + 1e-9)
    for one, other in zip(refused(leased), overtaken(needed), strict=False):
        yield np.where(longer, other, one)


def accuracy(leased: Loads, needed: Loads, visits: Loads, numbers: int) -> float:
    """The share of all visits that have a number of their own, where `visits` come under each of the loads."""
    lost = next(islice(losses(leased, needed), numbers, None))
    return float(1 - np.average(lost, weights=visits))


def numbers_needed(leased: Loads, needed: Loads, visits: Loads, wanted: float) -> int:
    """The fewest numbers with which that share of all visits has its own. Raises `InvalidInput` beyond 20,000."""
    for numbers, lost in enumerate(islice(losses(leased, needed), MOST_NUMBERS + 1)):
        if np.average(lost, weights=visits) <= 1 - wanted:
            return numbers
    raise InvalidInput(
        f"More than {MOST_NUMBERS:,} numbers would be needed.", where="visits", help="Check the visits an hour."
    )


def as_loads(values: Sequence[float]) -> Loads:
    return np.asarray(values, dtype=np.float64)
