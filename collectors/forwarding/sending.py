"""Handing leads over: one pass over one CRM at a time, by one sender, safe to be killed at any moment.

A lead waits a little, 20 seconds at most, until its visit is in the warehouse, so that the CRM is told where it came
from. What fails is tried again for two days with growing pauses: where it is the CRM that fails, all of its leads
wait; where it refuses one lead, that one does.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from collectors.forwarding.lead import HandedLead, handed_lead
from collectors.forwarding.ledger import Due, ForwardLedger, State
from collectors.forwarding.register import TargetRegister, growing_pause
from collectors.forwarding.system import AfterLost, Crm, CrmSystem, Session
from collectors.forwarding.systems import crm_system
from collectors.forwarding.target import Target
from collectors.sources.register import SourceRegister
from collectors.sources.source import Source
from collectors.vendors.asking import Api, Pace
from collectors.visits.book import VisitBook
from infra.clock import Clock
from infra.crew import work_off
from infra.errors import AnswerLost, ClosedLoopError, Unavailable, VendorRefused, VendorUnavailable
from infra.logs import surprise

AT_ONCE = 4
GIVE_UP_AFTER = timedelta(days=2)
LOOK_AFTER = timedelta(seconds=60)
"""How long a call that nobody noted the end of may still be at work in the CRM."""
VISIT_WITHIN = timedelta(seconds=20)
_VISIT_AGAIN = timedelta(seconds=2)
_LOOK_SECONDS = 1.0
_AT_A_TIME = 50
_NO_WAIT = timedelta(0)
_OF_THE_LEAD = frozenset({400, 409, 413, 422})
_log = logging.getLogger(__name__)


class Forwarder:
    """Safe to use from several threads and processes.

    Personal data stay in the country `kept_in`, where one is named. `pace` is how requests of one CRM are spaced.
    """

    def __init__(
        self,
        targets: TargetRegister,
        ledger: ForwardLedger,
        sources: SourceRegister,
        visits: VisitBook,
        clock: Clock,
        *,
        kept_in: str = "",
        pace: Pace | None = None,
    ) -> None:
        self._kept_in = kept_in
        self._targets = targets
        self._ledger = ledger
        self._sources = sources
        self._visits = visits
        self._clock = clock
        self._pace = pace or Pace()

    def run(self, stopping: threading.Event) -> None:
        """Hand over what is due until `stopping` is set: a slow CRM keeps one of several threads busy."""
        work_off(stopping, self._due, self.send_leased, name="forwarding", at_once=AT_ONCE, look_seconds=_LOOK_SECONDS)

    def send_due(self) -> None:
        """Hand over all that is due, one CRM after another."""
        while key := self._targets.lease_due():
            self.send_leased(key)

    def send_leased(self, key: str) -> str:
        """A pass over a CRM that was leased. What went wrong is noted with it, and returned."""
        try:
            self._pass(self._targets.get(key))
            self._targets.finish(key)
        except ClosedLoopError as error:
            wait = timedelta(seconds=error.retry_after) if isinstance(error, VendorUnavailable) else _NO_WAIT
            return self._note_failure(key, f"{error.message} {error.help}".strip(), wait)
        except Exception as error:  # one CRM's surprise must not end the others' passes
            _log.error("forwarding leads to %s failed: %s", key, surprise(error))
            return self._note_failure(key, f"The answer could not be read: {type(error).__name__}.", _NO_WAIT)
        return ""

    def _due(self) -> str | None:
        try:
            return self._targets.lease_due()
        except Unavailable as error:
            _log.warning("forwarding leads waits: %s", error.message)
            return None

    def _note_failure(self, key: str, why: str, wait: timedelta) -> str:
        _log.warning("forwarding leads to %s failed; `closedloop forward status` says why", key)
        try:
            self._targets.fail(key, why, not_before=wait)
            self._ledger.give_up(key, self._clock.now() - GIVE_UP_AFTER, f"given up after two days: {why}")
        except Unavailable:
            _log.warning("the lease of %s ends by itself", key)
        return why

    def _pass(self, target: Target) -> None:
        system = crm_system(target.system)
        system.check_country(self._kept_in)
        source = self._sources.get(target.options.source) if target.options.source else None
        with system.open(self._session(target, source)) as crm:
            step = _Step(self._ledger, self._visits, self._clock, target, system, source, crm)
            while rows := self._ledger.due(target.id, _AT_A_TIME):
                for row in rows:
                    self._targets.renew(target.id)
                    step.take(row)

    def _session(self, target: Target, source: Source | None) -> Session:
        def open_api(base_url: str, **options: Any) -> Api:
            address = (source.settings.get("base_url") if source and system_has_source else "") or base_url
            return Api(address, pace=self._pace, **options)

        def save_secrets(changed: Mapping[str, str]) -> None:
            if source:
                self._sources.save_secrets(source.id, changed)

        system_has_source = bool(crm_system(target.system).vendor)
        return Session(target, source, self._clock.now(), open_api, save_secrets)


def try_again(targets: TargetRegister, ledger: ForwardLedger, key: str, leads: Sequence[str]) -> int:
    """Have tried again, for two days from now, what was given up, or of it these leads; how many there were.

    What waits for its next try is tried at once. Raises `NotFound`.
    """
    targets.get(key)
    targets.try_now(key)
    ledger.hurry(key)
    return ledger.retry(key, leads)


class _Step:
    """What is done with one row of the ledger."""

    def __init__(
        self,
        ledger: ForwardLedger,
        visits: VisitBook,
        clock: Clock,
        target: Target,
        system: CrmSystem,
        source: Source | None,
        crm: Crm,
    ) -> None:
        self._ledger = ledger
        self._visits = visits
        self._clock = clock
        self._target = target
        self._system = system
        self._source = source
        self._crm = crm

    def take(self, row: Due) -> None:
        """Raises what concerns all leads of the CRM; a refusal of this one lead is noted with it."""
        if row.state is State.WAITING and self._waits_for_visit(row):
            self._ledger.wait(self._target.id, row.id, self._clock.now() + _VISIT_AGAIN)
            return
        lead = self._lead(row)
        try:
            if row.state is State.WAITING or self._may_add_again(row, lead):
                self._add(row, lead)
        except VendorRefused as error:
            if error.status not in _OF_THE_LEAD:
                raise
            self._refused(row, error)
        except ClosedLoopError:
            raise
        except Exception as error:  # an answer that nobody foresaw must not hold up the other leads
            _log.error("forwarding a lead to %s failed: %s", self._target.id, surprise(error))
            self._put_off(row, f"The answer could not be read: {type(error).__name__}.")

    def _may_add_again(self, row: Due, lead: HandedLead) -> bool:
        """Whether a call whose end nobody noted left nothing in the CRM. What it left is settled."""
        after = self._system.after_lost(self._target)
        if after is AfterLost.LOOK:
            card = self._crm.find(lead, row.begun_at or row.created_at)
            if card is not None:
                self._settle(row, card)
            return card is None
        if after is AfterLost.ASK_A_PERSON and row.begun_at:
            why = f"{self._system.title} may have it: its answer was lost. Look there, then `closedloop forward retry`."
            self._ledger.doubt(self._target.id, row.id, why)
            return False
        return True

    def _add(self, row: Due, lead: HandedLead) -> None:
        now = self._clock.now()
        number = lead.number.replace("-", "")
        self._ledger.begin(self._target.id, row.id, visit_number=number, look_at=now + LOOK_AFTER)
        try:
            card = self._crm.add(lead)
        except AnswerLost:
            raise  # the row stays `sending`: the CRM is looked into first
        except ClosedLoopError:
            self._ledger.wait(self._target.id, row.id, now)
            raise
        self._settle(row, card)

    def _settle(self, row: Due, card: str) -> None:
        remote = self._system.remote_lead(self._source, card) if card else ""
        self._ledger.settle(self._target.id, row.id, remote)

    def _refused(self, row: Due, error: VendorRefused) -> None:
        now = self._clock.now()
        why = f"{self._system.title} refuses it: {error.message}"
        self._ledger.wait(self._target.id, row.id, now + growing_pause(row.tries), why)
        self._ledger.give_up(self._target.id, now - GIVE_UP_AFTER, f"given up after two days: {why}", row.id)

    def _put_off(self, row: Due, why: str) -> None:
        """Its card may be there: as after a lost answer, but for this lead alone."""
        now = self._clock.now()
        self._ledger.put_off(self._target.id, row.id, now + max(LOOK_AFTER, growing_pause(row.tries)), why)
        self._ledger.give_up(self._target.id, now - GIVE_UP_AFTER, f"given up after two days: {why}", row.id)

    def _waits_for_visit(self, row: Due) -> bool:
        recent = self._clock.now() - row.arrived_at < VISIT_WITHIN
        return bool(recent and row.lead.get("visitor_id") and self._visits.of_lead(row.lead) is None)

    def _lead(self, row: Due) -> HandedLead:
        seen = self._visits.of_lead(row.lead)
        number = seen.number if seen else self._visits.number_of_lead(row.lead)
        session = seen.session_id if seen else row.lead.get("session_id", "")
        until = self._clock.now() + timedelta(days=self._target.options.card_days)
        return handed_lead(
            row.lead,
            answers=self._target.options.answers,
            session=session,
            number=number,
            card_url=self._visits.link(number, until) if number else "",
            card=seen.card if seen else None,
        )
