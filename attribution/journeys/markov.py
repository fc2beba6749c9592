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
from itertools import pairwise
from typing import Any, Self

import numpy as np
from scipy import linalg, sparse

from attribution.journeys.arrays import Codes, Floats, Places

CHANNEL_BITS = 16
MOST_CHANNELS = 2**CHANNEL_BITS - 1
MOST_ORDER = 4
_UNDER_WAY = 1e-15
_COLUMNS = 64
_SMALL, _MOST_INVERTED = 256, 5_000


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

    def effects_on_both(self, channels: int) -> tuple[Floats, Floats]:
        """On conversions and on value, in the time of one."""
        gains = np.stack([self.conversions, self.value], axis=1)
        found = removal_effects(self.state, self.following, self.conversions + self.nulls, gains, channels)
        return found[:, 0], found[:, 1]


def removal_effects(state: Codes, following: Codes, weight: Floats, gain: Floats, channels: int) -> Floats:
    """For channels 1 to `channels`, the share of all gain that is lost without each; 0 where there is no gain.

    `state`, `following` and `weight` are counted steps, as in `Transitions`; `gain` is what ended journeys brought and
    is read where `following` is 0. The arrays are of one length; where `gain` has columns, effects have them, too.
    Exact but for rounding.
    """
    chain = _Chain.of(state, following, weight, gain if gain.ndim > 1 else gain[:, None])
    inverted = _MOST_INVERTED if channels > _COLUMNS else _SMALL
    find = _lost_by_visits if len(chain.channel) <= inverted else _lost_by_steps
    whole, lost = find(chain, channels)
    effects = np.divide(lost, whole, out=np.zeros_like(lost), where=whole != 0)
    return effects.reshape(channels, *gain.shape[1:])


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """`moves` holds the probabilities of steps between different states, `gain` the mean gain on leaving a state, a
    column a kind of gain; both given that the state is left: staying changes nothing. `channel` is each state's last;
    (start) is the first."""

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
        gained = np.array([np.bincount(row[ends], each[ends], len(codes)) for each in gain.T], float).T
        return cls(
            sparse.csr_array((share, (row[moves], entered)), shape=(len(codes), len(codes))),
            np.divide(gained, leaving[:, None], out=np.zeros_like(gained), where=leaving[:, None] > 0),
            (codes & np.uint64(MOST_CHANNELS)).astype(np.int64),
        )


def _lost_by_visits(chain: _Chain, channels: int) -> tuple[Floats, Floats]:
    """The chain's gain from (start), and what of it passes through each channel: one inversion for all of them.

    N = (I − moves)⁻¹ holds the visits to be expected to each state from each other (Kemeny and Snell, «Finite Markov
    Chains», 1960, chapter III), so that N · gain is what each state has before it. A channel is first met in one of its
    states C with the chances f, and all visits to C follow such a meeting: N[start, C] = f · N[C, C]. Of one state c
    that is their N[start, c] / N[c, c]. The channel's part is f · (N · gain)[C].
    """
    visits = linalg.inv(np.identity(len(chain.channel)) - chain.moves.toarray(), overwrite_a=True)
    gains = visits @ chain.gain
    lost = np.zeros((channels, gains.shape[1]))
    in_order = np.argsort(chain.channel, kind="stable")
    bounds = np.searchsorted(chain.channel[in_order], np.arange(1, channels + 2))
    for channel, (first, last) in enumerate(pairwise(bounds)):
        states = in_order[first:last]
        met = np.linalg.solve(visits[np.ix_(states, states)].T, visits[0, states])
        lost[channel] = met @ gains[states]
    return gains[0], lost


def _lost_by_steps(chain: _Chain, channels: int) -> tuple[Floats, Floats]:
    """The same for many states of few channels, or for tens of thousands of states, whose inverse would fill memory."""
    whole = np.zeros(chain.gain.shape[1])
    lost = np.zeros((channels, len(whole)))
    for first in range(0, channels, _COLUMNS):
        removed = np.arange(first + 1, min(first + _COLUMNS, channels) + 1)
        stands = np.ones((len(chain.channel), len(removed) + 1))
        stands[:, 1:] = chain.channel[:, None] != removed
        for kind, gain in enumerate(chain.gain.T):
            found = _gains_by_steps(chain, gain, stands)
            whole[kind] = found[0]
            lost[removed - 1, kind] = found[0] - found[1:]
    return whole, lost


def _gains_by_steps(chain: _Chain, gain: Floats, stands: Floats) -> Floats:
    """The gain from (start) where only the states stand that a column marks: x = gain + moves · (x where they stand).

    By steps from below, for all columns together. After n steps what is missing is the gain of journeys of more than n
    steps, so the chance that one is still under way bounds the error; steps end where that is below rounding. It is
    quick where a factorisation would fill up: states that lead to any other.
    """
    found = np.zeros_like(stands)
    under_way = np.ones(len(stands))
    while under_way[0] > _UNDER_WAY:
        found = gain[:, None] + chain.moves @ (found * stands)
        under_way = chain.moves @ under_way
    first: Floats = found[0]
    return first
