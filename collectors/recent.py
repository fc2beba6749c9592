"""What came last, so that a request which is sent again is recognised."""

import threading
from collections import defaultdict
from collections.abc import Collection

REMEMBERED = 200_000
_Generation = defaultdict[str, dict[str, int]]


class Recent:
    """The latest content of up to `REMEMBERED` ids. Safe to use from several threads.

    Kept in two generations, of which the older is forgotten as a whole: remembering costs next to nothing.
    """

    def __init__(self) -> None:
        self._young: _Generation = defaultdict(dict)
        self._old: _Generation = defaultdict(dict)
        self._count = 0
        self._lock = threading.Lock()

    def knows_any(self, family: str, keys: Collection[str]) -> bool:
        """Whether `knows` need be asked for the single ones: seldom does anything come again."""
        return not (self._young[family].keys().isdisjoint(keys) and self._old[family].keys().isdisjoint(keys))

    def knows(self, family: str, key: str, line: bytes) -> bool:
        known = self._young[family].get(key) or self._old[family].get(key)
        return known is not None and known == hash(line)

    def remember(self, family: str, lines: dict[str, bytes]) -> None:
        with self._lock:
            self._young[family].update(zip(lines, map(hash, lines.values()), strict=True))
            self._count += len(lines)
            if self._count > REMEMBERED // 2:
                self._old, self._young, self._count = self._young, defaultdict(dict), 0
