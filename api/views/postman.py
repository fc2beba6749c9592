"""Sends the mails that are due, each once: what its schedule says, computed with the rights of the schedule's owner,

and reminders of deadlines.
"""

import logging
import threading
from email.message import EmailMessage

from api.bootstrap import Services
from api.language import speaking
from api.reminders.letter import compose_digest
from api.reminders.noting import Reminders, is_reminder
from api.report_notes import report_notes
from api.viewer import ADMIN_LINK, API_KEY, seen_by, viewer_of_key
from api.views.ledger import Mailing, Overtaken
from api.views.letter import Sending, compose
from api.views.reports import report_of
from api.views.schedules import Schedule
from attribution.visibility import EVERYTHING, Visibility
from infra.access.rights import Right
from infra.errors import (
    ClosedLoopError,
    InvalidSettings,
    MailUnanswered,
    NotPermitted,
    NotReady,
    Unavailable,
    WarehouseError,
)
from infra.logs import surprise
from infra.mail import MailServer, open_mail

_log = logging.getLogger(__name__)
_PASSING = (Unavailable, NotReady, InvalidSettings, WarehouseError)


class Postman:
    """What fails passingly is tried again later; what does not, is told and left. Safe beside others of its kind."""

    def __init__(self, services: Services, mail: MailServer | None = None) -> None:
        """Without `mail`, the server of the settings."""
        self._services = services
        self._mail = mail
        self._reminders = Reminders(services)
        self._has_begun = False

    def run(self, stopping: threading.Event) -> None:
        """Send what is due by now, one after the other."""
        self._begin()
        self._note_due()
        while not stopping.is_set():
            mailing = self._services.mail_ledger.take()
            if mailing is None:
                return
            self._see_to(mailing)

    def _begin(self) -> None:
        """Who holds the embedded warehouse is alone: those before it are gone, and what they had is free."""
        if not self._has_begun and self._services.environment.embedded_warehouse:
            self._services.warehouse  # noqa: B018  # held from here on
            self._services.mail_ledger.free_all()
        self._has_begun = True

    def _note_due(self) -> None:
        now, zone = self._services.clock.now(), self._services.settings.zone
        for schedule in self._services.schedules.all():
            if not schedule.paused:
                due_at = schedule.rhythm.last_until(now, zone)
                if due_at > schedule.since:
                    self._services.mail_ledger.note_due(schedule, due_at)
        self._reminders.note_due()

    def _see_to(self, mailing: Mailing) -> None:
        """Neither addresses nor a server's words are logged."""
        ledger = self._services.mail_ledger
        try:
            self._send(mailing)
            return
        except Overtaken:
            _log.info("mail %d of schedule %s was taken over or removed", mailing.id, mailing.schedule)
            return
        except _PASSING as error:
            ledger.put_off(mailing, error, unanswered=isinstance(error, MailUnanswered))
            code = error.code
        except ClosedLoopError as error:
            ledger.fail(mailing, error)
            code = error.code
        except Exception as error:
            place = surprise(error)
            told = "It could not be made, by a fault of ours."
            ledger.put_off(mailing, ClosedLoopError(told, help=f"Tell the makers: {place}. It is tried again."))
            code = place
        _log.warning("mail %d of schedule %s was not sent: %s", mailing.id, mailing.schedule, code)

    def _send(self, mailing: Mailing) -> None:
        if is_reminder(mailing):
            self._remind(mailing)
            return
        services = self._services
        schedule = next((each for each in services.schedules.all() if each.id == mailing.schedule), None)
        if schedule is None:
            raise Overtaken("Its schedule was removed.")
        mail = self._mail or open_mail(services.environment)
        self._hand_over(mail, self._letter(schedule, mailing, mail), mailing)

    def _remind(self, mailing: Mailing) -> None:
        """Of what waits now, which may be less than when it was noted."""
        services = self._services
        digest = self._reminders.digest_for(mailing)
        if digest is None:
            services.mail_ledger.drop(mailing, "Nothing waits any more.")
            return
        mail = self._mail or open_mail(services.environment)
        with speaking(digest.person.language or "en"):
            letter = compose_digest(
                digest,
                address=services.environment.address,
                sender=mail.sender,
                message_id=mailing.message_id,
                at=services.clock.now(),
            )
        self._hand_over(mail, letter, mailing)

    def _hand_over(self, mail: MailServer, letter: EmailMessage, mailing: Mailing) -> None:
        ledger = self._services.mail_ledger
        handed = mail.send(letter, mailing.recipients, lambda: ledger.begin_handing(mailing))
        ledger.settle(mailing, handed.refused, handed.put_off)

    def _letter(self, schedule: Schedule, mailing: Mailing, mail: MailServer) -> EmailMessage:
        with speaking(language_of(self._services, schedule)):
            return self._written(schedule, mailing, mail)

    def _written(self, schedule: Schedule, mailing: Mailing, mail: MailServer) -> EmailMessage:
        services = self._services
        view = services.saved_views.get(schedule.view, schedule.owner)
        answer = report_of(services, view.address_on(services.today), seen=rows_seen_by(services, schedule.owner))
        link = f"{services.environment.address}/views/{view.id}"
        return compose(
            answer,
            report_notes(answer, services.settings),
            Sending(view.name, link, schedule.rhythm.in_words, schedule.form),
            sender=mail.sender,
            recipients=schedule.recipients,
            message_id=mailing.message_id,
            at=services.clock.now(),
        )


def language_of(services: Services, schedule: Schedule) -> str:
    """What the schedule says, else what its owner chose for pages, else English."""
    owner = None if schedule.language else services.users.by_email(schedule.owner)
    return schedule.language or (owner.language if owner else "") or "en"


def rows_seen_by(services: Services, owner: str) -> Visibility:
    """What the owner of a schedule sees at this moment. Raises `NotPermitted` where it is nothing any more."""
    if owner in (API_KEY, ADMIN_LINK):
        return EVERYTHING
    user = services.users.by_email(owner)
    if user and user.is_active and Right.REPORTS in user.role.rights:
        return seen_by(user, services.database)
    keys = [key for key in services.keys.all() if key.revoked_at is None and viewer_of_key(key).name == owner]
    if len(keys) == 1 and Right.REPORTS in keys[0].rights:
        return viewer_of_key(keys[0]).seen
    raise NotPermitted(
        f"{owner} may not read reports any more.",
        where="owner",
        help="Somebody who may saves the view and has it sent; remove this schedule.",
    )
