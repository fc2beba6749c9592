"""Answers that depend on a run alone: found once, and kept while it is the newest.

Twenty people who open the same page in the morning ask the warehouse once.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

Found = TypeVar("Found")


@dataclass(slots=True)
class _Place:
    lock: Lock = field(default_factory=Lock)
    is_found: bool = False
    answer: Any = None


class PerRun:
    """Safe to use from several threads. Who takes an answer does not change it: others have it, too."""

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self._lock = Lock()
        self._run = -1
        self._places: dict[Hashable, _Place] = {}

    def answer(self, run: int, key: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` found under this key in this run. What it raises is raised, and nothing is kept then."""
        place = self._place(run, key)
        with place.lock:
            if not place.is_found:
                place.answer = find()
                place.is_found = True
            answer: Found = place.answer
            return answer

    def _place(self, run: int, key: Hashable) -> _Place:
        """The one that was asked for longest ago makes room for a new one."""
        with self._lock:
            if run != self._run:
                self._run, self._places = run, {}
            place = self._places.pop(key, None) or _Place()
            self._places[key] = place
            if len(self._places) > self._most:
                del self._places[next(iter(self._places))]
            return place
