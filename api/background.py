"""What a process does beside answering: loading, attributing, pulling, forwarding leads, handing conversions over."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from api.app import Role
from api.bootstrap import Services
from api.daily import Daily
from api.retention import Retention
from api.views.postman import Postman
from attribution.anomalies.watch import check_anomalies
from attribution.attributing import attribute
from attribution.runs import is_fresh, loaded_marks
from collectors.events import FAMILIES
from infra.errors import ClosedLoopError
from infra.jobs import Jobs

_log = logging.getLogger(__name__)
_PAUSE = 2.0
ATTRIBUTE, WATCH = "attribute", "watch"
_BETWEEN_WATCHES = timedelta(hours=1)


class Background:
    """Threads of the loader, worker and scheduler roles; `stop` ends them after what they are at."""

    def __init__(self, services: Services, roles: frozenset[Role]) -> None:
        self._services = services
        self._stopping = threading.Event()
        self._postman = Postman(services)
        work: dict[Role, dict[str, Callable[[], None]]] = {
            Role.LOADER: {"loader": self._load},
            Role.WORKER: {
                "attribution": self._attribute,
                "watching": self._watch,
                "deliveries": self._read_deliveries,
                "pulls": self._pull,
                "conversions": self._send_conversions,
                "arrivals": self._read_leads,
                "forwarding": self._forward_leads,
            },
            Role.SCHEDULER: {
                "scheduler": self._schedule,
                "retention": Retention(services).step,
                "mail": self._send_mail,
                "daily": Daily(services).step,
            },
        }
        self._threads = [
            threading.Thread(target=self._repeat, args=(step,), name=name)
            for role in work
            if role in roles
            for name, step in work[role].items()
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def wait(self) -> None:
        """Until `stop` is called, or the process is interrupted."""
        self._stopping.wait()

    def _repeat(self, step: Callable[[], None]) -> None:
        """A step that fails is tried again: the service goes on, and says why."""
        while not self._stopping.is_set():
            try:
                step()
            except ClosedLoopError as error:
                _log.warning("%s: %s", threading.current_thread().name, error.message)
            except Exception:
                _log.exception("%s failed and starts again", threading.current_thread().name)
            self._stopping.wait(_PAUSE)

    def _send_mail(self) -> None:
        self._postman.run(self._stopping)

    def _load(self) -> None:
        loader = self._services.new_loader()
        try:
            loader.run(self._stopping)
        finally:
            loader.close()

    def _schedule(self) -> None:
        """Ask for a run once what was accepted is loaded, and reports have not seen all of it."""
        services = self._services
        jobs = Jobs(services.database, services.clock)
        if jobs.is_waiting(ATTRIBUTE) or any(services.backlog(family).records for family in FAMILIES):
            return
        if loaded_marks(services.warehouse) and not is_fresh(services.warehouse, services.database, services.settings):
            jobs.ask(ATTRIBUTE)

    def _read_deliveries(self) -> None:
        translator = self._services.new_translator()
        try:
            translator.run(self._stopping)
        finally:
            translator.close()

    def _read_leads(self) -> None:
        reader = self._services.new_forward_reader()
        try:
            reader.run(self._stopping)
        finally:
            reader.close()

    def _forward_leads(self) -> None:
        self._services.forwarder.run(self._stopping)

    def _pull(self) -> None:
        self._services.puller.run(self._stopping)

    def _send_conversions(self) -> None:
        self._services.sender.run(self._stopping)

    def _attribute(self) -> None:
        services = self._services
        jobs = Jobs(services.database, services.clock)
        with jobs.take(ATTRIBUTE) as taken:
            if taken:
                run = attribute(services.warehouse, services.database, services.clock, services.settings)
                _log.info("attribution run %d is done", run.number)
                if not jobs.was_asked(WATCH, services.clock.now() - _BETWEEN_WATCHES):
                    jobs.ask(WATCH)

    def _watch(self) -> None:
        """Look for anomalies after a run, at most once an hour."""
        services = self._services
        with Jobs(services.database, services.clock).take(WATCH) as taken:
            if taken:
                told = check_anomalies(services.warehouse, services.notices, services.settings, services.today)
                _log.info("%d series judged, %d notices raised, %d ended", told.judged, told.raised, told.ended)
