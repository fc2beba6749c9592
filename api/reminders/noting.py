"""Who is due a reminder today: a row of the ledger for each person and day, before anything is sent.

Law: one digest per person and day, however many schedulers there are and whenever they are killed. The row's moment is
the hour of the process on that day, so that two who note it meet the same row.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from api.bootstrap import Services
from api.views.ledger import Mailing
from api.views.tables import mailings
from planning.approval.people import Person
from planning.approval.process_register import process_in
from planning.approval.reminding import Digest, Reminding, reminding_on

_MARK = "r+"
"""Ids of schedules have no `+`."""
_BETWEEN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Addressee:
    """One person, as the ledger of mails knows them."""

    id: str
    recipients: tuple[str, ...]


def addressee(email: str) -> Addressee:
    """The id tells nobody the address."""
    return Addressee(_MARK + hashlib.sha256(email.encode()).hexdigest()[:14], (email,))


def is_reminder(mailing: Mailing) -> bool:
    return mailing.schedule.startswith(_MARK)


class Reminders:
    """Looks every ten minutes who is due one, from the hour of the process on. Safe beside others of its kind."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looked_at: datetime | None = None

    def note_due(self) -> None:
        services, now = self._services, self._services.clock.now()
        if self._looked_at and timedelta() <= now - self._looked_at < _BETWEEN:
            return
        day = services.today
        with services.database.connect() as connection:
            wanted = process_in(connection).process.reminders
        due_at = datetime.combine(day, time(wanted.hour), services.environment.zone).astimezone(UTC)
        if now < due_at:
            return
        reminding, noted = self._on(day), self._noted(due_at)
        for person in reminding.recipients():
            whom = addressee(person.name)
            if whom.id not in noted and reminding.is_due(self._digest(reminding, person)):
                services.mail_ledger.note_due(whom, due_at)
        self._looked_at = now

    def digest_for(self, mailing: Mailing) -> Digest | None:
        """As things stand now; None where there is nothing to say any more, or nobody to say it to."""
        email = next(iter(mailing.recipients), "")
        reminding = self._on(self._services.today)
        person = next((each for each in reminding.recipients() if each.name == email), None)
        if person is None:
            return None
        digest = self._digest(reminding, person)
        return None if digest.is_empty else digest

    def _on(self, day: date) -> Reminding:
        with self._services.database.connect() as connection:
            return reminding_on(connection, process_in(connection).process.reminders, day)

    def _digest(self, reminding: Reminding, person: Person) -> Digest:
        with self._services.database.connect() as connection:
            return reminding.digest(connection, self._services.waiting_offers, person)

    def _noted(self, due_at: datetime) -> frozenset[str]:
        its = mailings.c
        rows = select(its.schedule).where(its.due_at == due_at, its.schedule.startswith(_MARK, autoescape=True))
        with self._services.database.connect() as connection:
            return frozenset(connection.scalars(rows))
