"""Answers that depend on a run alone: found once, and kept until a newer run has another one.

Twenty people who open the same page in the morning ask the warehouse once. Where events come without end, so do runs:
who would wait long for the newest run's answer is shown one of a run before, and told so, while the newer is found.
"""

import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

Found = TypeVar("Found")

_GOOD_FOR_S = 600
_NONE = -1

_is_finding = ContextVar("is_finding", default=False)
_shows_older = ContextVar("shows_older", default=False)
_waits = ContextVar("waits", default=False)
_has_waited_s = ContextVar("has_waited_s", default=0.0)


@dataclass(slots=True)
class _Place:
    """The newest answer that was found, of `run` at `found_at`, and the one that is being found, of `finding_run`."""

    lock: Lock = field(default_factory=Lock)
    run: int = _NONE
    answer: Any = None
    found_at: float = 0.0
    finding_run: int = _NONE
    finding: Future[Any] | None = None

    def has_answer(self, run: int) -> bool:
        return self.run >= run

    def has_older(self) -> bool:
        return self.run != _NONE and time.monotonic() - self.found_at < _GOOD_FOR_S


class PerRun:
    """Safe to use from several threads. Who takes an answer does not change it: others have it, too.

    `patience_s` is how long a request waits, for all its answers together, where older ones, found within ten minutes,
    are at hand.
    """

    def __init__(self, patience_s: float = 0.0, most: int = 300) -> None:
        self._patience_s = patience_s
        self._most = most
        self._lock = Lock()
        self._places: dict[Hashable, _Place] = {}
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="answers")

    def answer(self, run: int, key: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` found under this key in this run, or in one before. What it raises is raised, and is not kept."""
        place = self._place(key)
        with place.lock:
            if place.has_answer(run):
                kept: Found = place.answer
                return kept
            may_be_older = place.has_older() and not (_is_finding.get() or _waits.get())
            finding, is_ours = place.finding, False
            if finding is None or place.finding_run < run:
                finding, is_ours = Future(), True
                place.finding, place.finding_run = finding, run
        if is_ours and may_be_older:
            self._pool.submit(copy_context().run, _find, place, run, finding, find)
        elif is_ours:
            _find(place, run, finding, find)
        if may_be_older and not self._comes(finding):
            _shows_older.set(True)
            older: Found = place.answer
            return older
        found: Found = finding.result()
        return found

    def close(self) -> None:
        """Wait for what is being found."""
        self._pool.shutdown(cancel_futures=True)

    def _comes(self, finding: Future[Any]) -> bool:
        """Whether it is found before the request's patience ends."""
        begun, waited = time.monotonic(), _has_waited_s.get()
        is_there = bool(wait([finding], max(0.0, self._patience_s - waited)).done)
        _has_waited_s.set(waited + time.monotonic() - begun)
        return is_there

    def _place(self, key: Hashable) -> _Place:
        """The one that was asked for longest ago makes room for a new one."""
        with self._lock:
            place = self._places.pop(key, None) or _Place()
            self._places[key] = place
            if len(self._places) > self._most:
                del self._places[next(iter(self._places))]
            return place


def shows_older() -> bool:
    """Whether this request was given an answer of a run before the newest."""
    return _shows_older.get()


def wait_for_the_newest() -> None:
    """This request takes no answer of an earlier run, however long the newest takes."""
    _waits.set(True)


def _find(place: _Place, run: int, finding: Future[Any], find: Callable[[], Any]) -> None:
    token = _is_finding.set(True)
    try:
        answer = find()
    except BaseException as error:
        with place.lock:
            _forget(place, finding)
        finding.set_exception(error)
        return
    finally:
        _is_finding.reset(token)
    with place.lock:
        _forget(place, finding)
        if run > place.run:
            place.run, place.answer, place.found_at = run, answer, time.monotonic()
    finding.set_result(answer)


def _forget(place: _Place, finding: Future[Any]) -> None:
    if place.finding is finding:
        place.finding, place.finding_run = None, _NONE
