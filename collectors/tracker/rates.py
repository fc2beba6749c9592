"""How many requests one sender may make: a bucket that fills steadily and is emptied by each request."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

_MOST_SENDERS = 50_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` requests at once, and `per_second` in the long run."""

    per_second: float
    burst: int


class Rates:
    """Safe to use from several threads. `clock` counts seconds; senders are kept in memory only."""

    def __init__(self, rate: Rate, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def allow(self, sender: str) -> bool:
        now = self._clock()
        with self._lock:
            if len(self._buckets) > _MOST_SENDERS:
                self._buckets.clear()
            left, since = self._buckets.get(sender, (float(self._rate.burst), now))
            left = min(self._rate.burst, left + (now - since) * self._rate.per_second)
            self._buckets[sender] = (max(0.0, left - 1), now)
            return left >= 1
