"""Asking a vendor's API: paced, with time-outs, and errors in our words.

A request that is refused for a short while (429, 420, 503, 5xx, no connection) is asked again a few times; one that has
to wait longer raises `VendorUnavailable`, so that the pull ends and another one comes later.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpx2 as httpx

from infra.errors import AnswerLost, VendorRefused, VendorUnavailable

THROTTLED = frozenset({420, 429, 503})
_NOTHING_DONE = frozenset({420, 429})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_TRIES = 4
_LONGEST_WAIT = 20.0
_FIRST_WAIT = 1.0
_SILENT_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How requests of one source are paced. `pause` sleeps for seconds, `clock` counts them."""

    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


class Api:
    """One vendor's API for one source. `per_second` is the most requests it takes."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: dict[str, str] | None = None,
        per_second: float = 5.0,
        pace: Pace = Pace(),
        timeout: float = 30.0,
    ) -> None:
        self._host = httpx.URL(base_url).host
        self._client = httpx.Client(base_url=base_url, headers=headers, timeout=timeout, follow_redirects=False)
        self._spacing = 1 / per_second
        self._pace = pace
        self._next_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def set_header(self, name: str, value: str) -> None:
        """For every request from now on: a renewed token, say."""
        self._client.headers[name] = value

    def wait(self, seconds: float) -> None:
        """Let the vendor work on what was asked."""
        self._pace.pause(seconds)

    def ask(
        self, method: str, path: str, *, accept: Collection[int] = (), once: bool = False, **request: Any
    ) -> httpx.Response:
        """The answer, where its status is 2xx or in `accept`.

        Raises `VendorUnavailable` (with `retry_after`, in seconds) and `VendorRefused`, which keeps the `status`. What
        may be done only `once` is not asked again where it may have been done: then `AnswerLost` is raised.
        """
        for attempt in range(1, _TRIES + 1):
            self._keep_pace()
            answer = self._send(method, path, last=attempt == _TRIES, once=once, **request)
            if answer is not None and (answer.is_success or answer.status_code in accept):
                return answer
            if answer is not None and answer.status_code not in THROTTLED and answer.status_code < 500:
                raise self._refused(answer)
            wait = self._wait(answer, attempt)
            if once and answer is not None and answer.status_code not in _NOTHING_DONE:
                raise self._lost(f"answers with status {answer.status_code}", wait)
            if attempt == _TRIES or wait > _LONGEST_WAIT:
                raise self._unavailable(answer, wait)
            self._pace.pause(wait)
        raise AssertionError("the last try returns or raises")

    def _keep_pace(self) -> None:
        now = self._pace.clock()
        if now < self._next_at:
            self._pace.pause(self._next_at - now)
        self._next_at = max(now, self._next_at) + self._spacing

    def _send(self, method: str, path: str, *, last: bool, once: bool, **request: Any) -> httpx.Response | None:
        try:
            return self._client.request(method, path, **request)
        except httpx.HTTPError as error:
            if once and not isinstance(error, _NEVER_SENT):
                raise self._lost(f"gave no answer ({type(error).__name__})", _SILENT_WAIT) from error
            if last:
                raise VendorUnavailable(
                    f"{self._host} does not answer: {type(error).__name__}.", retry_after=_SILENT_WAIT
                ) from error
            return None

    def _wait(self, answer: httpx.Response | None, attempt: int) -> float:
        told = retry_after(answer.headers.get("retry-after", "")) if answer is not None else None
        return told if told is not None else _FIRST_WAIT * 2 ** (attempt - 1)

    def _unavailable(self, answer: httpx.Response | None, wait: float) -> VendorUnavailable:
        status = answer.status_code if answer is not None else "no answer"
        return VendorUnavailable(f"{self._host} is busy or out of order (status {status}).", retry_after=wait)

    def _lost(self, how: str, wait: float) -> AnswerLost:
        return AnswerLost(f"{self._host} {how}, and may have done what was asked.", retry_after=wait)

    def _refused(self, answer: httpx.Response) -> VendorRefused:
        return VendorRefused(
            f"{self._host} refuses the request with status {answer.status_code}.",
            status=answer.status_code,
            help="Check the source's keys and rights, and connect it again: `closedloop connect`.",
        )


def retry_after(text: str) -> float | None:
    """Seconds from a `Retry-After` header: a number, or a date."""
    if not text.strip():
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except ValueError:
        return None
