"""Which views are mailed when, to whom, and in which form. Every change stands in the audit log."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from api.language import LANGUAGES, speaking
from api.questions import read_choice
from api.views.moments import Rhythm
from api.views.tables import mail_schedules, mailings, saved_views
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import InvalidInput, NotFound
from infra.mail import checked_address

MOST_RECIPIENTS = 50
_its = mail_schedules.c


class MailForm(StrEnum):
    XLSX = "xlsx"
    PNG = "png"


@dataclass(frozen=True, slots=True)
class Schedule:
    """`since` is when it was set: what was due before then is never sent. Moments are in UTC.

    Mails are in `language`; where it is empty, in that of the owner.
    """

    id: str
    view: str
    owner: str
    form: MailForm
    rhythm: Rhythm
    recipients: tuple[str, ...]
    paused: bool
    since: datetime
    created_at: datetime
    changed_at: datetime
    language: str = ""

    def as_dict(self, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
        """What is asked for, in English; `next_at` is in the account's time zone, and None while it is paused."""
        next_at = self.next_at(zone, now)
        with speaking("en"):
            when = self.rhythm.in_words
        return {**self.told(), "id": self.id, "when": when, "next_at": next_at.isoformat() if next_at else None}

    def next_at(self, zone: ZoneInfo, now: datetime) -> datetime | None:
        """In the account's time zone; None while it is paused."""
        return None if self.paused else self.rhythm.next_after(now, zone).astimezone(zone)

    def told(self) -> dict[str, Any]:
        """What people set."""
        return {
            "view": self.view,
            "owner": self.owner,
            "form": self.form.value,
            "weekdays": list(self.rhythm.weekdays),
            "month_day": self.rhythm.month_day or None,
            "hour": self.rhythm.hour,
            "recipients": list(self.recipients),
            "paused": self.paused,
            "language": self.language,
        }


class Schedules:
    """Safe to use from several threads and processes. `viewer` is the name of whoever asks."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def all(self) -> list[Schedule]:
        """Everybody's, the oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(mail_schedules).order_by(_its.created_at, _its.id))
            return [_schedule(row) for row in rows]

    def list(self, viewer: str) -> "list[Schedule]":
        """Their own, the oldest first."""
        return [each for each in self.all() if each.owner == viewer]

    def get(self, key: str, viewer: str) -> Schedule:
        """Raises `NotFound`, for somebody else's, too."""
        with self._engine.connect() as connection:
            return _own(connection, key, viewer)

    def add(
        self,
        view: str,
        form: str,
        rhythm: Rhythm,
        recipients: Sequence[str],
        *,
        viewer: str,
        paused: bool = False,
        language: str = "",
    ) -> Schedule:
        """The first mail is at the next moment of the rhythm. Raises `InvalidInput`, and `NotFound` for the view."""
        now, key = self._clock.now(), secrets.token_urlsafe(8)
        chosen = read_choice(MailForm, form, "form")
        schedule = Schedule(
            key, view, viewer, chosen, rhythm, _addresses(recipients), paused, now, now, now, _language(language)
        )
        with self._engine.begin() as connection:
            _check_view(connection, view, viewer)
            connection.execute(insert(mail_schedules), _row(schedule))
            self._note(connection, viewer, key, after=schedule)
        return schedule

    def change(
        self,
        key: str,
        *,
        viewer: str,
        view: str | None = None,
        form: str | None = None,
        rhythm: Rhythm | None = None,
        recipients: Sequence[str] | None = None,
        paused: bool | None = None,
        language: str | None = None,
    ) -> Schedule:
        """What is not told stays. Raises `InvalidInput`, `NotFound`."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            before = _own(connection, key, viewer)
            if view is not None:
                _check_view(connection, view, viewer)
            after = replace(
                before,
                view=before.view if view is None else view,
                form=before.form if form is None else read_choice(MailForm, form, "form"),
                rhythm=rhythm or before.rhythm,
                recipients=before.recipients if recipients is None else _addresses(recipients),
                paused=before.paused if paused is None else paused,
                language=before.language if language is None else _language(language),
                changed_at=now,
            )
            if after.rhythm != before.rhythm or (before.paused and not after.paused):
                after = replace(after, since=now)
            connection.execute(update(mail_schedules).where(_its.id == key).values(_row(after)))
            self._note(connection, viewer, key, before=before, after=after)
        return after

    def remove(self, key: str, *, viewer: str) -> None:
        """What waits to be sent goes with it. Raises `NotFound`."""
        with self._engine.begin() as connection:
            before = _own(connection, key, viewer)
            connection.execute(delete(mailings).where(mailings.c.schedule == key))
            connection.execute(delete(mail_schedules).where(_its.id == key))
            self._note(connection, viewer, key, before=before)

    def _note(
        self,
        connection: Connection,
        viewer: str,
        key: str,
        *,
        before: Schedule | None = None,
        after: Schedule | None = None,
    ) -> None:
        told = [orjson.dumps(each.told()).decode() if each else "" for each in (before, after)]
        note_change(connection, self._clock, who=viewer, what=f"schedule {key}", before=told[0], after=told[1])


def _own(connection: Connection, key: str, viewer: str) -> Schedule:
    row = connection.execute(select(mail_schedules).where(_its.id == key, _its.owner == viewer)).one_or_none()
    if row is None:
        raise NotFound(f"There is no schedule {key!r} of yours.", where="id", help="GET /api/schedules lists yours.")
    return _schedule(row)


def _check_view(connection: Connection, view: str, viewer: str) -> None:
    visible = (saved_views.c.owner == viewer) | saved_views.c.shared
    if connection.scalar(select(saved_views.c.id).where(saved_views.c.id == view, visible)) is None:
        raise NotFound(f"There is no view {view!r}.", where="view", help="GET /api/views lists those you can send.")


def _addresses(told: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(checked_address(each, "recipients") for each in told))
    if not 1 <= len(found) <= MOST_RECIPIENTS:
        raise InvalidInput(
            f"A mail goes to from 1 to {MOST_RECIPIENTS} recipients.",
            where="recipients",
            help="For more, give the address of a mailing list.",
        )
    return found


def _language(told: str) -> str:
    if told and told not in LANGUAGES:
        raise InvalidInput(
            f"There is no language {told!r} here.", where="language", help=f"Choose one of {', '.join(LANGUAGES)}."
        )
    return told


def _row(schedule: Schedule) -> dict[str, Any]:
    return {
        "id": schedule.id,
        **schedule.told(),
        "month_day": schedule.rhythm.month_day,
        "since": schedule.since,
        "created_at": schedule.created_at,
        "changed_at": schedule.changed_at,
    }


def _schedule(row: Row[Any]) -> Schedule:
    told = row._asdict()
    rhythm = Rhythm(tuple(told["weekdays"]), told["month_day"], told["hour"])
    same = ("id", "view", "owner", "paused", "since", "created_at", "changed_at", "language")
    return Schedule(
        form=MailForm(told["form"]),
        rhythm=rhythm,
        recipients=tuple(told["recipients"]),
        **{name: told[name] for name in same},
    )
