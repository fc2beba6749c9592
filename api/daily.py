"""What the calendar does: once on each day of the account, and again where a process was started anew."""

from contextlib import suppress
from datetime import date

from api.bootstrap import Services
from infra.errors import NotReady


class Daily:
    """Each part can be done twice, or by two processes at once, and nothing is done twice by it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._done_on: date | None = None

    def step(self) -> None:
        today = self._services.today
        if self._done_on != today:
            self._services.keep_up_funds()
            with suppress(NotReady):
                self._services.keep_up_outcomes()
            self._services.files.sweep()
            self._done_on = today
