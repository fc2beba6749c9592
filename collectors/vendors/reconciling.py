"""Asking again for what webhooks may have missed: days of calls, each asked for until it has settled.

The first pull begins `history_days` ago, every later one two days before the last, for vendors go on to add recordings,
tags and figures. Its answers are the last word on what a webhook told, for they come after it. Days are those of the
source's zone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from collectors.sources.source import Source, Told
from collectors.vendors.base import Ask, Page, Pull, WebhookVendor
from infra.errors import InvalidInput

HISTORY = Ask("history_days", "Days of the past to fetch at first", default="30")
SETTLING_DAYS = 2
_MOST_HISTORY = 3650


class ReconciledVendor(WebhookVendor):
    """A vendor whose webhooks are not repeated for sure: what they told is asked for again every hour."""

    every: ClassVar[timedelta | None] = timedelta(hours=1)

    def examine(self, source: Source) -> None:
        _history(source)


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days, both inclusive, in the source's zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def end(self) -> datetime:
        """The last second."""
        return datetime.combine(self.last, time(23, 59, 59), self.zone)


def pages_of_days(pull: Pull, tell: Callable[[Days], Iterable[list[Told]]], *, at_once: int = 1) -> Iterator[Page]:
    """Days up to today, `at_once` in a request, each as the pages that `tell` finds of them.

    The cursor moves behind days once all their pages are durable: a pull that dies asks for those days again.
    """
    cursor = dict(pull.cursor)
    for days in _waiting(pull, at_once):
        for found in tell(days):
            yield Page(found, cursor)
        cursor = {"day": days.last.isoformat()}
        yield Page((), cursor)
    yield Page((), cursor, pull.wanted)


def _waiting(pull: Pull, at_once: int) -> Iterator[Days]:
    zone = pull.source.timezone
    today = pull.now.astimezone(zone).date()
    known = pull.cursor.get("day")
    first = (
        date.fromisoformat(known) - timedelta(days=SETTLING_DAYS)
        if known
        else today - timedelta(days=_history(pull.source))
    )
    while first <= today:
        last = min(first + timedelta(days=at_once - 1), today)
        yield Days(first, last, zone)
        first = last + timedelta(days=1)


def _history(source: Source) -> int:
    told = source.settings.get("history_days") or HISTORY.default
    if not told.isdecimal() or int(told) > _MOST_HISTORY:
        raise InvalidInput(
            f"{told!r} is no number of days.", where="history_days", help=f"Write one from 0 to {_MOST_HISTORY}."
        )
    return int(told)
