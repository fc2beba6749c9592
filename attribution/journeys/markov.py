"""Markov removal effects of order 1 to 4, from counted transitions, without simulation.

A state of order k is a journey's last k channels so far, repeated ones kept. A chain runs from (start) through the
states to (conversion) or (null), each step by its share of all that left the state. Removing a channel sends every
step into a state that ends in it to (null); the channel's removal effect is the share of conversions that is lost:
the share of the chain's conversions that pass through it. Of value it is the same, each conversion weighing the mean
value of those that left from its state. Credit is shared in proportion to removal effects (Anderl et al., «Mapping
the customer journey», 2016).

Laws: an effect lies between 0 and 1; the whole chain converts as often as the journeys do, at every order; at order 1
journeys without their immediate repeats have the same effects.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import sparse

from attribution.journeys.arrays import Codes, Floats, Places

CHANNEL_BITS = 16
MOST_CHANNELS = 2**CHANNEL_BITS - 1
MOST_ORDER = 4
_UNDER_WAY = 1e-15
_COLUMNS = 64
_SMALL = 256


@dataclass(frozen=True, slots=True, eq=False)
class Transitions:
    """Steps of journeys, an entry each; several entries may tell of one step.

    Channels are numbered from 1. A state packs the numbers of its last channels into 16 bits each, the latest lowest; 0
    is (start). `following` is the state that is entered, or 0 where the journey ends. `conversions` and `nulls` count
    the journeys that take the step; `value` is what they brought, told where they end.
    """

    state: Codes
    following: Codes
    conversions: Floats
    nulls: Floats
    value: Floats

    def of_order(self, order: int) -> Self:
        """The same journeys at a lower order."""
        seen = np.uint64(2 ** (CHANNEL_BITS * order) - 1)
        return type(self)(self.state & seen, self.following & seen, self.conversions, self.nulls, self.value)

    def without_nulls(self) -> Self:
        return type(self)(self.state, self.following, self.conversions, np.zeros_like(self.nulls), self.value)

    def effects(self, channels: int) -> Floats:
        """Removal effects on conversions."""
        return removal_effects(self.state, self.following, self.conversions + self.nulls, self.conversions, channels)

    def effects_on_value(self, channels: int) -> Floats:
        return removal_effects(self.state, self.following, self.conversions + self.nulls, self.value, channels)


def removal_effects(state: Codes, following: Codes, weight: Floats, gain: Floats, channels: int) -> Floats:
    """For channels 1 to `channels`, the share of all gain that is lost without each; 0 where there is no gain.

    `state`, `following` and `weight` are counted steps, as in `Transitions`; `gain` is what ended journeys brought and
    is read where `following` is 0. The arrays are of one length. Exact but for rounding.
    """
    chain = _Chain.of(state, following, weight, gain)
    lost = np.zeros(channels)
    for first in range(0, channels, _COLUMNS):
        removed = np.arange(first + 1, min(first + _COLUMNS, channels) + 1)
        whole, *without = _gains(chain, removed)
        lost[removed - 1] = 1 - np.array(without) / whole if whole else 0.0
    return lost


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """`moves` holds the probabilities of steps between different states, `gain` the mean gain on leaving a state, both
    given that the state is left: staying changes nothing. `channel` is each state's last; (start) is the first."""

    moves: Any
    gain: Floats
    channel: Places

    @classmethod
    def of(cls, state: Codes, following: Codes, weight: Floats, gain: Floats) -> Self:
        codes, row = np.unique(np.append(state, np.uint64(0)), return_inverse=True)
        row = row[:-1]
        counted = weight > 0
        ends = counted & (following == 0)
        stays = state == following
        leaving = np.bincount(row, np.where(stays, 0, weight), len(codes))
        moves = counted & ~ends & ~stays
        share = weight[moves] / leaving[row[moves]]
        entered = np.searchsorted(codes, following[moves])
        gained = np.bincount(row[ends], gain[ends], len(codes))
        return cls(
            sparse.csr_array((share, (row[moves], entered)), shape=(len(codes), len(codes))),
            np.divide(gained, leaving, out=np.zeros(len(codes)), where=leaving > 0),
            (codes & np.uint64(MOST_CHANNELS)).astype(np.int64),
        )


def _gains(chain: _Chain, removed: Places) -> list[float]:
    """The chain's gain from (start), whole and without each of the removed channels: x = gain + moves · x."""
    stands = np.ones((len(chain.channel), len(removed) + 1))
    stands[:, 1:] = chain.channel[:, None] != removed
    solve = _solved_at_once if len(chain.channel) <= _SMALL else _solved_by_steps
    return [float(each) for each in solve(chain, stands)]


def _solved_at_once(chain: _Chain, stands: Floats) -> Floats:
    """By a dense factorisation for each column of `stands`."""
    moves = np.identity(len(stands)) - chain.moves.toarray() * stands.T[:, None, :]
    found: Floats = np.linalg.solve(moves, np.broadcast_to(chain.gain[:, None], (*moves.shape[:2], 1)))
    return found[:, 0, 0]


def _solved_by_steps(chain: _Chain, stands: Floats) -> Floats:
    """By steps from below, for all columns of `stands` together.

    After n steps what is missing is the gain of journeys of more than n steps, so the chance that one is still under
    way bounds the error; steps end where that is below rounding. It is quick where a factorisation would fill up: tens
    of thousands of states that lead to any other.
    """
    found = np.zeros_like(stands)
    under_way = np.ones(len(stands))
    while under_way[0] > _UNDER_WAY:
        found = chain.gain[:, None] + chain.moves @ (found * stands)
        under_way = chain.moves @ under_way
    first: Floats = found[0]
    return first
