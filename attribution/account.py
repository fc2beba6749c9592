"""The settings in force: the environment's, under what administrators set, read again once a second."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from attribution.account_settings import AccountVersion, account_version, change_account, with_account
from infra.clock import Clock
from infra.errors import DatabaseUnavailable
from infra.settings import Settings

_FRESH = timedelta(seconds=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    version: int
    settings: Settings
    read_at: datetime


class Account:
    """Safe to use from several threads: one of them looks, and the others go on with what was known."""

    def __init__(self, environment: Settings, engine: Callable[[], Engine], clock: Clock) -> None:
        """`engine` opens the operational database at the first look."""
        self._environment = environment
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._known: _Known | None = None

    def settings(self) -> Settings:
        """The same object until something changes; where the database is out of reach, as it was known last.

        Raises `DatabaseUnavailable` where nothing was known yet.
        """
        known = self._known
        if known and self._is_fresh(known):
            return known.settings
        if not self._lock.acquire(blocking=known is None):
            return known.settings if known else self._environment
        try:
            if self._known is None or not self._is_fresh(self._known):
                self._known = self._read(self._known)
            return self._known.settings
        finally:
            self._lock.release()

    def change(self, changed: Mapping[str, Any], *, author: str, based_on: int | None = None) -> AccountVersion:
        """As `change_account`; here it holds at once."""
        kept = change_account(self._engine(), changed, author=author, clock=self._clock, based_on=based_on)
        with self._lock:
            self._known = None
        return kept

    def _is_fresh(self, known: _Known) -> bool:
        return timedelta() <= self._clock.now() - known.read_at < _FRESH

    def _read(self, known: _Known | None) -> _Known:
        try:
            newest = account_version(self._engine())
        except DatabaseUnavailable as error:
            if known is None:
                raise
            _log.debug("the settings stay as they were known: %s", error.message)
            return _Known(known.version, known.settings, self._clock.now())
        if known and known.version == newest.version:
            return _Known(known.version, known.settings, self._clock.now())
        return _Known(newest.version, with_account(self._environment, newest.told), self._clock.now())
