"""How leads of a channel grow with its budget: in proportion, or by response curves where these are known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planning.response.curves import Curves
from planning.response.model import Ground, Response
from planning.split import Weights

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Growth:
    """By channel: `at(times)` is how many times the usual leads come for so many times the usual spend.

    A channel without a curve that rests on anything grows in proportion.
    """

    is_curved: Flags
    curves: Curves | None = None
    of_channel: "np.ndarray[tuple[int, ...], np.dtype[np.intp]] | None" = None
    highest: Weights | None = None

    def at(self, times: Weights) -> Weights:
        """Of an array (budgets, channels)."""
        if self.curves is None or self.of_channel is None:
            return times
        spend = times[:, self.of_channel] * self.curves.usual
        sums = np.zeros_like(times)
        np.add.at(sums.T, self.of_channel, self.curves.at(spend).T)
        whole = np.bincount(self.of_channel, self.curves.brought, times.shape[1])
        grown = np.divide(sums, whole, out=np.zeros_like(sums), where=whole > 0)
        return np.where(self.is_curved, grown, times)


def straight(channels: int) -> Growth:
    return Growth(np.zeros(channels, dtype=np.bool_))


def growth_of(response: Response | None, dealers: Sequence[str], channels: Sequence[str], held: Flags) -> Growth:
    """By the curves of these dealers; channels whose CPL is `held` grow in proportion, as do those without a curve."""
    if response is None:
        return straight(len(channels))
    places = {channel: place for place, channel in enumerate(channels)}
    among = set(dealers) | {""}
    chosen = [
        cell
        for cell, (each, ground) in enumerate(zip(response.cells, response.grounds, strict=True))
        if each.channel in places
        and each.dealer in among
        and ground is not Ground.NONE
        and not held[places[each.channel]]
        and response.curves.usual[cell] > 0
        and response.curves.brought[cell] > 0
    ]
    if not chosen:
        return straight(len(channels))
    of_channel = np.array([places[response.cells[cell].channel] for cell in chosen], dtype=np.intp)
    is_curved = np.zeros(len(channels), dtype=np.bool_)
    is_curved[of_channel] = True
    own = response.curves.of(np.array(chosen, dtype=np.intp))
    highest = np.bincount(of_channel, response.highest[chosen], len(channels)).astype(float)
    return Growth(is_curved, own, of_channel, highest)
