"""Handing conversions over: one pass over one destination at a time, by one sender, safe to be killed at any moment.

A pass clears up what an earlier one left open, plans from the newest run, asks what became of earlier requests, and
hands over what is planned. A destination that is down waits by itself, ever longer; the others go on.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from attribution.outbound.batches import FIRST_CHECK, Batches
from attribution.outbound.export import Destination, Export
from attribution.outbound.exports import HORIZON, read_exports, read_gone
from attribution.outbound.ledger import Key, Ledger, Plan
from attribution.outbound.plan import Policy, make_plans
from attribution.outbound.register import DestinationRegister
from attribution.outbound.system import AdSystem, Session, State
from attribution.outbound.systems import ad_system
from attribution.runs import newest_run
from collectors.vendors.asking import Api, Pace
from infra.clock import Clock
from infra.crew import work_off
from infra.errors import ClosedLoopError, InvalidInput, NotReady, Unavailable, VendorRefused, VendorUnavailable
from infra.logs import surprise
from infra.settings import Settings
from infra.warehouse import Warehouse

AT_ONCE = 4
LONGEST_CHECK, LAST_CHECK = timedelta(hours=6), timedelta(days=7)
_LOOK_SECONDS = 5.0
_NO_WAIT = timedelta(0)
_MAY_VANISH = frozenset({State.PLANNED, State.SKIPPED, State.ACCEPTED, State.PARTLY, State.OUTDATED})
_log = logging.getLogger(__name__)


class Sender:
    """Safe to use from several threads and processes.

    `settings` are asked for anew at each pass. `pace` is how requests of one destination are spaced.
    """

    def __init__(
        self,
        warehouse: Callable[[], Warehouse],
        engine: Engine,
        register: DestinationRegister,
        clock: Clock,
        settings: Callable[[], Settings],
        *,
        pace: Pace | None = None,
    ) -> None:
        self._warehouse = warehouse
        self._engine = engine
        self._register = register
        self._clock = clock
        self._settings = settings
        self._pace = pace or Pace()

    def run(self, stopping: threading.Event) -> None:
        """Send what is due until `stopping` is set: a slow system keeps one of several threads busy."""
        work_off(
            stopping, self._due, self._send_leased, name="conversions", at_once=AT_ONCE, look_seconds=_LOOK_SECONDS
        )

    def preview(self, key: str) -> list[Plan]:
        """What the next pass would write into the ledger before it sends; nothing is written or asked."""
        destination = self._register.get(key)
        plans, _ = self._plan(destination, ad_system(destination.system))
        return plans

    def send(self, key: str, *, again: bool = False) -> str:
        """One pass over a destination; the answer is what went wrong, and empty where nothing did.

        What was rejected or is uncertain goes out too where it is said to go out `again`.
        """
        self._register.get(key)
        if not self._register.lease(key):
            raise InvalidInput(
                f"{key} is being sent to by another process.", where="destination", help="Wait until it is done."
            )
        if again:
            Ledger(self._engine, self._clock, key).plan_again(State.REJECTED, State.UNCERTAIN)
        return self._send_leased(key)

    def _due(self) -> str | None:
        try:
            if not self._register.states():
                return None
            return self._register.lease_due(newest_run(self._warehouse()).number)
        except (NotReady, Unavailable) as error:
            _log.debug("handing conversions over waits: %s", error.message)
            return None

    def _send_leased(self, key: str) -> str:
        """Whatever goes wrong is noted with the destination."""
        try:
            self._pass(self._register.get(key))
        except ClosedLoopError as error:
            wait = timedelta(seconds=error.retry_after) if isinstance(error, VendorUnavailable) else _NO_WAIT
            return self._note_failure(key, _said(error), wait)
        except Exception as error:  # one system's surprise must not end the others' passes
            _log.error("handing conversions to %s failed: %s", key, surprise(error))
            return self._note_failure(key, f"The answer could not be read: {type(error).__name__}.", _NO_WAIT)
        return ""

    def _note_failure(self, key: str, why: str, wait: timedelta) -> str:
        _log.warning("handing conversions to %s failed", key)
        try:
            self._register.fail(key, why, not_before=wait)
        except Unavailable:
            _log.warning("the lease of %s ends by itself", key)
        return why

    def _pass(self, destination: Destination) -> None:
        run = newest_run(self._warehouse()).number
        system = ad_system(destination.system)
        ledger = Ledger(self._engine, self._clock, destination.id)
        session = self._session(destination)
        _clear_up(ledger, system, session)
        plans, exports = self._plan(destination, system)
        ledger.plan(plans)
        _ask_outcomes(ledger, system, session)
        self._hand_over(destination, system, session, ledger, exports)
        self._register.finish(destination.id, seen_run=run, next_at=ledger.next_check())

    def _session(self, destination: Destination) -> Session:
        def open_api(base_url: str, *, replaced_by: str = "base_url", **options: Any) -> Api:
            address = destination.options.account.get(replaced_by) or base_url
            return Api(address, pace=self._pace, **options)

        return Session(destination, self._settings().currency, self._clock.now(), open_api)

    def _plan(self, destination: Destination, system: AdSystem) -> tuple[list[Plan], dict[Key, Export]]:
        warehouse, now = self._warehouse(), self._clock.now()
        run = newest_run(warehouse).number
        known = Ledger(self._engine, self._clock, destination.id).rows(now - HORIZON)
        found = {
            each.key: each
            for each in read_exports(warehouse, run, destination, system, now, self._settings().zone)
        }  # fmt: skip
        missing = [(*key, row.at) for key, row in known.items() if key not in found and row.state in _MAY_VANISH]
        found |= {each.key: each for each in read_gone(warehouse, run, system, now, missing)}
        settings = self._settings()
        kept_in = settings.country if settings.data_stay_in_country else ""
        return make_plans(Policy(destination, system, now, kept_in), found.values(), known), found

    def _hand_over(
        self, destination: Destination, system: AdSystem, session: Session, ledger: Ledger, exports: dict[Key, Export]
    ) -> None:
        batches = Batches(ledger, system, session, keep=lambda: self._register.renew(destination.id))
        for lane in _lanes(destination, system, ledger, exports):
            for start in range(0, len(lane), system.most):
                batches.hand_over(lane[start : start + system.most])


def _lanes(
    destination: Destination, system: AdSystem, ledger: Ledger, exports: dict[Key, Export]
) -> Iterable[Sequence[Export]]:
    lanes: defaultdict[str, list[Export]] = defaultdict(list)
    for row in ledger.in_state(State.PLANNED):
        export = exports.get(row.key)
        lane = system.lane(export, destination) if export else None
        if export and lane is not None:
            lanes[lane].append(export)
    return lanes.values()


def _clear_up(ledger: Ledger, system: AdSystem, session: Session) -> None:
    """Whoever was killed between handing over and noting it, or got no answer, has left these."""
    begun = {row.batch: row for row in ledger.in_state(State.SENDING, State.UNCERTAIN)}
    for batch, row in begun.items():
        if receipt := system.find(session, batch):
            ledger.settle(batch, receipt, session.now + FIRST_CHECK)
        elif row.begun_at and session.now - row.begun_at < system.repeatable_for:
            ledger.repeat(batch)
        else:
            ledger.doubt(batch, f"{system.title} may have it: its answer was lost")


def _ask_outcomes(ledger: Ledger, system: AdSystem, session: Session) -> None:
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    ages: dict[str, timedelta] = {}
    for row in ledger.in_state(State.SENT):
        if row.next_check_at and row.next_check_at <= session.now:
            kinds[row.receipt].add(row.kind)
            ages[row.receipt] = session.now - (row.sent_at or session.now)
    for receipt, asked in kinds.items():
        pause = min(max(ages[receipt], FIRST_CHECK), LONGEST_CHECK)
        again = session.now + pause if ages[receipt] < LAST_CHECK else None
        ledger.judge(receipt, system.verdicts(session, receipt, asked), again)


def _said(error: ClosedLoopError) -> str:
    if isinstance(error, VendorRefused):
        return f"{error.message} Check its keys and rights: `closedloop conversions connect` changes them."
    return f"{error.message} {error.help}".strip()
