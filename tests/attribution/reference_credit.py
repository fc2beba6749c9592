"""A slow, obviously right reference of the models: plain Python over one journey at a time."""

from datetime import datetime

Touch = tuple[datetime, bool, str]


def shares(model: str, touches: list[Touch], until: datetime) -> list[float]:
    """The share of each touch, in order; `touches` are times, whether the touch is direct, and channels."""
    n = len(touches)
    if model == "first":
        return [1.0 if i == 0 else 0.0 for i in range(n)]
    if model == "last":
        return [1.0 if i == n - 1 else 0.0 for i in range(n)]
    if model == "last_non_direct":
        known = [i for i, (_, direct, _) in enumerate(touches) if not direct]
        taker = known[-1] if known else n - 1
        return [1.0 if i == taker else 0.0 for i in range(n)]
    return normalised(weights(model, touches, until))


def weights(model: str, touches: list[Touch], until: datetime) -> list[float]:
    n = len(touches)
    if model == "linear":
        return [1.0] * n
    if model == "time_decay":
        return [2 ** (-((until - at).total_seconds()) / (7 * 86400)) for at, _, _ in touches]
    if model == "shapley":
        channels = [channel for _, _, channel in touches]
        return [1 / channels.count(channel) for channel in channels]
    if model == "position":
        return by_place(n, [0.4], 0.2, [0.4])
    return by_place(n, [0.3, 0.1], 0.2, [0.1, 0.3])


def by_place(n: int, first: list[float], middle: float, last: list[float]) -> list[float]:
    found = [0.0] * n
    for place, weight in enumerate(first[:n]):
        found[place] += weight
    for place, weight in enumerate(reversed(last)):
        if place < n:
            found[n - 1 - place] += weight
    inner = n - len(first) - len(last)
    for place in range(len(first), n - len(last)):
        found[place] += middle / inner
    return found


def normalised(found: list[float]) -> list[float]:
    total = sum(found)
    return [weight / total for weight in found]
