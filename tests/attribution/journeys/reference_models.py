"""Slow, plain models: one journey at a time, dense matrices, every order of channels."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

State = tuple[str, ...] | str


@dataclass(frozen=True, slots=True)
class Pattern:
    path: tuple[str, ...]
    conversions: int
    nulls: int
    value: float = 0.0


def shares(rule: str, path: Sequence[str], ages: Sequence[float] = (), direct: str = "direct") -> list[float]:
    """The share of each touch; `ages` are in days."""
    n = len(path)
    if rule == "last_non_direct":
        known = [i for i, channel in enumerate(path) if channel != direct] or [n - 1]
        return [float(i == known[-1]) for i in range(n)]
    weights: dict[str, Callable[[int], float]] = {
        "first": lambda i: i == 0,
        "last": lambda i: i == n - 1,
        "linear": lambda i: 1,
        "linear_unique": lambda i: path[i] not in path[:i],
        "position": lambda i: 0.5 if n == 2 else 0.4 if i in (0, n - 1) else 0.2 / (n - 2),
        "time_decay": lambda i: 0.5 ** (ages[i] / 7),
    }
    found = [float(weights[rule](i)) for i in range(n)]
    return [weight / sum(found) for weight in found]


def credit(rule: str, patterns: Iterable[Pattern], direct: str) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for each in patterns:
        for channel, share in zip(each.path, shares(rule, each.path, direct=direct), strict=True):
            found[channel] += each.conversions * share
    return found


def chance_of_conversion(patterns: Iterable[Pattern], order: int, removed: str | None, *, nulls: bool) -> float:
    """Of the absorbing chain, by a dense solve."""
    return _gain(patterns, order, removed, nulls=nulls, value=False)


def removal_effect(
    patterns: Sequence[Pattern], order: int, channel: str, *, nulls: bool = True, value: bool = False
) -> float:
    whole = _gain(patterns, order, None, nulls=nulls, value=value)
    return 1 - _gain(patterns, order, channel, nulls=nulls, value=value) / whole if whole else 0.0


def _gain(patterns: Iterable[Pattern], order: int, removed: str | None, *, nulls: bool, value: bool) -> float:
    steps: dict[tuple[State, State], float] = defaultdict(float)
    worth: dict[State, float] = defaultdict(float)
    for each in patterns:
        weight = each.conversions + each.nulls * nulls
        if not each.path or not weight:
            continue
        at: State = "(start)"
        for place in range(len(each.path)):
            seen = each.path[max(0, place - order + 1) : place + 1]
            steps[at, seen] += weight
            at = seen
        steps[at, "(end)"] += weight
        worth[at] += each.value if value else each.conversions
    states = sorted({state for step in steps for state in step if state != "(end)"}, key=str)
    if "(start)" not in states:
        return 0.0
    number = {state: i for i, state in enumerate(states)}
    out = np.zeros(len(states))
    for (state, _), count in steps.items():
        out[number[state]] += count
    moves = np.zeros((len(states), len(states)))
    for (state, following), count in steps.items():
        if following != "(end)" and following[-1] != removed:
            moves[number[state], number[following]] = count / out[number[state]]
    gain = np.array([worth[state] / out[number[state]] for state in states])
    return float(np.linalg.solve(np.eye(len(states)) - moves, gain)[number["(start)"]])


def shapley(patterns: Sequence[Pattern], channels: Sequence[str], worth: str) -> dict[str, float]:
    """The mean contribution over every order of the channels."""

    def of_set(members: set[str]) -> float:
        inside = [each for each in patterns if each.path and set(each.path) <= members]
        won, all_journeys = (
            sum(each.conversions for each in inside),
            sum(each.conversions + each.nulls for each in inside),
        )
        return float(won) if worth == "conversions" else won / all_journeys if all_journeys else 0.0

    found: dict[str, float] = dict.fromkeys(channels, 0.0)
    orders = list(permutations(channels))
    for order in orders:
        for place, channel in enumerate(order):
            found[channel] += of_set({*order[: place + 1]}) - of_set({*order[:place]})
    return {channel: value / len(orders) for channel, value in found.items()}
