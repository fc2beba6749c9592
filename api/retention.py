"""Clearing the event log of what is old and loaded, where the settings say so."""

import logging
from datetime import timedelta

from api.bootstrap import Services
from collectors import deliveries
from collectors.events import FAMILIES

_log = logging.getLogger(__name__)
_EVERY = timedelta(minutes=1)
_TOPICS = [*FAMILIES, deliveries.TOPIC]


class Retention:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._next = services.clock.now()

    def step(self) -> None:
        """Once a minute, remove what is older than the setting and committed by all, until nothing of it is left.

        Raises `LogUnavailable`.
        """
        days, now = self._services.environment.log_retention_days, self._services.clock.now()
        if not days or now < self._next:
            return
        removed = self._services.log.remove(_TOPICS, now - timedelta(days=days))
        if removed:
            _log.info("%d records older than %d days were removed from the log", removed, days)
        else:
            self._next = now + _EVERY
