"""Pulling: asking vendors' APIs for what is new, each source by one worker at a time, from where the last pull ended.

A page's events are durable before the cursor moves behind them: a pull that dies begins that page again, and its
events, of the same ids, count once. A vendor that is down waits by itself; the others go on.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from collectors.expenses import Expense
from collectors.intake import Intake
from collectors.sources.progress import SourceProgress
from collectors.sources.register import SourceRegister
from collectors.sources.source import Source, Told, completed
from collectors.vendors.asking import Api, Pace
from collectors.vendors.base import Page, Pull, Vendor, no_expenses
from collectors.vendors.register import vendor
from infra.clock import Clock
from infra.crew import work_off
from infra.errors import ClosedLoopError, Unavailable, VendorUnavailable
from infra.logs import surprise

AT_ONCE = 8
_LOOK_SECONDS = 1.0
_NO_WAIT = timedelta(0)
_log = logging.getLogger(__name__)


class Puller:
    """Safe to use from several threads and processes. `pace` is how requests of one source are spaced."""

    def __init__(
        self,
        register: SourceRegister,
        progress: SourceProgress,
        intake: Intake,
        clock: Clock,
        *,
        pace: Pace | None = None,
        vendor_of: Callable[[str], Vendor] = vendor,
        expenses: Callable[[date, date], Iterable[Expense]] = no_expenses,
    ) -> None:
        self._register = register
        self._progress = progress
        self._intake = intake
        self._clock = clock
        self._pace = pace or Pace()
        self._vendor_of = vendor_of
        self._expenses = expenses

    def run(self, stopping: threading.Event) -> None:
        """Pull what is due until `stopping` is set: a slow vendor keeps one of several threads busy."""
        work_off(stopping, self._due, self.pull_leased, name="pull", at_once=AT_ONCE, look_seconds=_LOOK_SECONDS)

    def pull_due(self) -> int:
        """Pull every source that is due, one after another, and return how many they were."""
        count = 0
        while key := self._progress.lease_due():
            self.pull_leased(key)
            count += 1
        return count

    def pull_now(self, key: str) -> bool:
        """Pull a source, due or not; False while another worker does."""
        if not self._progress.lease(key):
            return False
        self.pull_leased(key)
        return True

    def pull_leased(self, key: str) -> None:
        """Pull a source that was leased. Whatever goes wrong is noted with the source."""
        try:
            self._pull(self._register.get(key))
        except ClosedLoopError as error:
            wait = timedelta(seconds=error.retry_after) if isinstance(error, VendorUnavailable) else _NO_WAIT
            self._note_failure(key, f"{error.message} {error.help}".strip(), wait)
        except Exception as error:  # one vendor's surprise must not end the others' pulls
            _log.error("the pull of %s failed: %s", key, surprise(error))
            self._note_failure(key, f"The answer could not be read: {type(error).__name__}.", _NO_WAIT)

    def _due(self) -> str | None:
        try:
            return self._progress.lease_due()
        except Unavailable as error:
            _log.warning("pulling waits: %s", error.message)
            return None

    def _note_failure(self, key: str, why: str, wait: timedelta) -> None:
        _log.warning("the pull of %s failed; `closedloop sources list` says why", key)
        try:
            self._progress.fail_pull(key, why, not_before=wait)
        except Unavailable:
            _log.warning("the lease of %s ends by itself", key)

    def _pull(self, source: Source) -> None:
        known, began = self._vendor_of(source.vendor), self._clock.now()
        for page in known.pull(self._start_of(source)):
            self._take(source, page, began)
        if known.every:
            self._progress.finish_pull(source.id, began, again_after=known.every)

    def _start_of(self, source: Source) -> Pull:
        def save_secrets(changed: Mapping[str, str]) -> None:
            self._register.save_secrets(source.id, changed)

        def siblings(vendor: str) -> list[str]:
            return [each.id for each in self._register.all() if each.vendor == vendor]

        def open_api(base_url: str, **options: Any) -> Api:
            return Api(source.settings.get("base_url") or base_url, pace=self._pace, **options)

        return Pull(
            source=source,
            cursor=self._progress.cursor(source.id),
            wanted=self._progress.wanted(source.id),
            now=self._clock.now(),
            open_api=open_api,
            save_secrets=save_secrets,
            expenses=self._expenses,
            siblings=siblings,
        )

    def _take(self, source: Source, page: Page, began: datetime) -> None:
        accepted = rejected = 0
        for family, items in _by_family(completed(source, told) for told in page.found).items():
            taken = self._intake.accept(family, items, naive_zone=source.timezone)
            accepted += taken.accepted + taken.duplicates
            rejected += len(taken.rejected)
        self._progress.save_page(source.id, page.cursor, page.fetched, began)
        if accepted or rejected:
            self._progress.note_events(source.id, accepted=accepted, rejected=rejected)


def _by_family(found: Iterable[Told]) -> dict[str, list[dict[str, Any]]]:
    items: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for told in found:
        items[told.family].append(told.item)
    return items
