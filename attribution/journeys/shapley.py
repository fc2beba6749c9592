"""Shapley values of channels, for two ways to say what a set of channels is worth.

- `conversions`: the conversions of journeys whose channels all lie within the set. Its values have a closed form, each
  conversion shared evenly among the different channels of its journey, so nothing is enumerated.
- `rate`: conversions over journeys, of journeys whose channels all lie within the set. Its values can be negative: a
  channel whose journeys convert worse than others lowers the rate. They are exact up to 15 channels, which makes 32,768
  sets, and above that sampled over orders of channels, with a standard error.

Law: the values add up to the worth of the set of all channels.
"""

from dataclasses import dataclass
from math import factorial

import numpy as np

from attribution.journeys.arrays import Floats, Places

MOST_EXACT = 15
_MOST_PAIRS, _LEAST_PAIRS, _SAMPLED_MEMBERS = 1_000, 50, 50_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ChannelSets:
    """Journeys by the set of their channels. Set i holds `members[starts[i]:starts[i + 1]]`, the last one the rest:
    channels numbered from 1, at least one, each once. `conversions` and `nulls` count the journeys of each set."""

    members: Places
    starts: Places
    conversions: Floats
    nulls: Floats

    @property
    def masks(self) -> Places:
        """Each set as a number whose bit c − 1 stands for channel c."""
        return np.bitwise_or.reduceat(np.left_shift(1, self.members - 1), self.starts)


def shapley_rate(sets: ChannelSets, channels: int) -> tuple[Floats, Floats]:
    """The values of channels 1 to `channels`, and the standard error of each: 0 where they are exact."""
    if not len(sets.starts):
        return np.zeros(channels), np.zeros(channels)
    if channels > MOST_EXACT:
        pairs = max(_LEAST_PAIRS, min(_MOST_PAIRS, _SAMPLED_MEMBERS // len(sets.members)))
        return sampled_rate(sets, channels, pairs)
    won = worth_of_sets(sets.masks, sets.conversions, channels)
    all_journeys = worth_of_sets(sets.masks, sets.conversions + sets.nulls, channels)
    return shapley_values(_ratio(won, all_journeys)), np.zeros(channels)


def worth_of_sets(masks: Places, weight: Floats, channels: int) -> Floats:
    """For each of the 2^channels sets, as a mask: the weight of those whose channels all lie within it."""
    worth: Floats = np.bincount(masks, weight, 2**channels).astype(float)
    for channel in range(channels):
        pairs = worth.reshape(-1, 2, 2**channel)
        pairs[:, 1] += pairs[:, 0]
    return worth


def shapley_values(worth: Floats) -> Floats:
    """Of the worth of each of 2^n sets, the n values (Shapley 1953): a channel's mean contribution over all orders."""
    channels = len(worth).bit_length() - 1
    sizes = np.bitwise_count(np.arange(len(worth))).astype(np.int64)
    chance = np.array([factorial(s) * factorial(channels - s - 1) / factorial(channels) for s in range(channels)])
    values = np.zeros(channels)
    for channel in range(channels):
        pairs, before = worth.reshape(-1, 2, 2**channel), sizes.reshape(-1, 2, 2**channel)[:, 0]
        values[channel] = (chance[before] * (pairs[:, 1] - pairs[:, 0])).sum()
    return values


def sampled_rate(sets: ChannelSets, channels: int, pairs: int, seed: int = 1) -> tuple[Floats, Floats]:
    """Mean contributions over random orders and their reverses, and their standard errors; a seed fixes them."""
    random = np.random.default_rng(seed)
    sums, squares = np.zeros(channels), np.zeros(channels)
    for _ in range(pairs):
        order = random.permutation(channels)
        contribution = (_contributions(sets, order) + _contributions(sets, order[::-1])) / 2
        sums += contribution
        squares += contribution**2
    mean = sums / pairs
    return mean, np.sqrt(np.maximum(squares / pairs - mean**2, 0) / (pairs - 1))


def _contributions(sets: ChannelSets, order: Places) -> Floats:
    """What each channel adds to the rate when channels come in this order, from 0."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    whole_at = np.maximum.reduceat(place[sets.members - 1], sets.starts)
    won = np.bincount(whole_at, sets.conversions, len(order)).astype(float)
    lost = np.bincount(whole_at, sets.nulls, len(order)).astype(float)
    rates = _ratio(np.cumsum(won), np.cumsum(won + lost))
    added = np.empty(len(order))
    added[order] = np.diff(rates, prepend=0.0)
    return added


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
