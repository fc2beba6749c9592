"""The ledger of mails: one row for each moment at which a schedule was due, so that none goes out twice.

    waiting ──► preparing ──► handing ──► sent
       ▲            │            │
       └────────────┴────────────┘  again later      failed: given up      missed: overtaken by the next one

A row is `preparing` while its report is computed and the server is spoken to, and `handing` before the server is given
the letter. Whoever dies before that leaves a row that the next one does from the start: nothing was sent. Whoever dies
after it, or gets no answer, leaves it open whether the server has it. Only then a letter is sent again that may have
been taken; it has the same Message-ID, by which mail boxes that look for doubles know it.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, or_, select, update

from api.views.tables import mailings
from infra.clock import Clock
from infra.database import insert_or_meet
from infra.errors import ClosedLoopError

LEASE = timedelta(minutes=10)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=1)
MOST_UNANSWERED = 3
_its = mailings.c
_IN_LETTERS = "closedloop"


class Addressed(Protocol):
    """What is due again and again, and to whom it goes: a schedule of a view, or a person's reminders."""

    @property
    def id(self) -> str:
        """16 characters at most."""
        ...

    @property
    def recipients(self) -> tuple[str, ...]: ...


class MailState(StrEnum):
    WAITING = "waiting"
    PREPARING = "preparing"
    HANDING = "handing"
    SENT = "sent"
    FAILED = "failed"
    MISSED = "missed"


_OPEN = (MailState.WAITING.value, MailState.PREPARING.value, MailState.HANDING.value)


class Overtaken(ClosedLoopError):
    """Somebody else has taken the mail, or it was removed: nothing of it may be sent any more."""

    code = "overtaken"


@dataclass(frozen=True, slots=True)
class Mailing:
    """One mail. `recipients` are those who are still to get it. `unanswered` is how often it may have gone out."""

    id: int
    schedule: str
    due_at: datetime
    state: MailState
    message_id: str
    recipients: tuple[str, ...]
    delivered: tuple[str, ...]
    refused: Mapping[str, str]
    tries: int
    unanswered: int
    next_at: datetime | None
    finished_at: datetime | None
    error: str
    help: str
    taken_by: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "due_at": self.due_at.isoformat(),
            "state": self.state.value,
            "waiting_for": list(self.recipients),
            "delivered": list(self.delivered),
            "refused": dict(self.refused),
            "tries": self.tries,
            "may_be_double": self.unanswered > 0,
            "next_at": self.next_at.isoformat() if self.next_at else None,
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
            "error": self.error,
            "help": self.help,
        }


class MailLedger:
    """Safe to use from several threads and processes. Everything raises `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def note_due(self, schedule: Addressed, due_at: datetime) -> None:
        """Once for each moment; what still waits of the schedule's moments before is overtaken by it."""
        with self._engine.begin() as connection:
            known = connection.scalar(select(_its.id).where(_its.schedule == schedule.id, _its.due_at == due_at))
            if known is not None or not self._put(connection, schedule, due_at):
                return
            before = (_its.schedule == schedule.id) & (_its.due_at < due_at)
            waiting = (_its.state == MailState.WAITING.value) & _its.taken_until.is_(None)
            told = {"error": "The next one was due before this one could be sent.", "help": ""}
            missed = {"state": MailState.MISSED.value, "next_at": None, "finished_at": self._clock.now()}
            connection.execute(update(mailings).where(before, waiting).values({**missed, **told}))

    def ask(self, schedule: Addressed) -> Mailing:
        """One that is due now, beside the rhythm; asked for twice within a minute, it is one."""
        due_at = self._clock.now().replace(second=0, microsecond=0)
        with self._engine.begin() as connection:
            self._put(connection, schedule, due_at)
            row = connection.execute(select(mailings).where(_its.schedule == schedule.id, _its.due_at == due_at)).one()
        return _mailing(row)

    def take(self) -> Mailing | None:
        """The one that has been due longest, for ten minutes; None where nothing is due."""
        now, me = self._clock.now(), secrets.token_hex(8)
        due = _its.state.in_(_OPEN) & (_its.next_at <= now)
        due &= or_(_its.taken_until.is_(None), _its.taken_until < now)
        with self._engine.begin() as connection:
            row = connection.execute(select(mailings).where(due).order_by(_its.next_at, _its.id).limit(1)).one_or_none()
            if row is None:
                return None
            open_still = row.state == MailState.HANDING.value  # whoever had it did not come to say how it ended
            values = {
                "state": MailState.PREPARING.value,
                "taken_by": me,
                "taken_until": now + LEASE,
                "tries": _its.tries + 1,
                "unanswered": _its.unanswered + int(open_still),
            }
            if connection.execute(update(mailings).where(_its.id == row.id, due).values(values)).rowcount != 1:
                return None
            return _mailing(connection.execute(select(mailings).where(_its.id == row.id)).one())

    def begin_handing(self, mailing: Mailing) -> None:
        """The server is about to be given the letter. Raises `Overtaken` where it may not be."""
        values = {"state": MailState.HANDING.value, "taken_until": self._clock.now() + LEASE}
        if not self._change(mailing, values, _its.state == MailState.PREPARING.value):
            raise Overtaken("The mail was taken over or removed meanwhile.")

    def settle(self, mailing: Mailing, refused: Mapping[str, str], put_off: Mapping[str, str]) -> None:
        """The server has it for all recipients but these."""
        served = [each for each in mailing.recipients if each not in refused and each not in put_off]
        delivered, all_refused = [*mailing.delivered, *served], {**mailing.refused, **refused}
        told = {"delivered": delivered, "refused": all_refused, "recipients": list(put_off)}
        if put_off:
            self._put_off(mailing, _of_some(put_off), "It is tried again by itself.", told)
        else:
            state = MailState.SENT if delivered else MailState.FAILED
            self._finish(mailing, state, *_of_refused(all_refused), told)

    def put_off(self, mailing: Mailing, error: ClosedLoopError, *, unanswered: bool = False) -> None:
        """Nothing was taken, or nobody said so: again later, ever more slowly, for a day."""
        count = mailing.unanswered + unanswered
        told = {"unanswered": count}
        if count >= MOST_UNANSWERED:
            self._finish(mailing, MailState.FAILED, error.message, "It may have arrived; ask the recipients.", told)
        else:
            self._put_off(mailing, error.message, error.help, told)

    def fail(self, mailing: Mailing, error: ClosedLoopError) -> None:
        """Trying again would not help."""
        self._finish(mailing, MailState.FAILED, error.message, error.help, {})

    def drop(self, mailing: Mailing, why: str) -> None:
        """There is nothing to say any more."""
        self._finish(mailing, MailState.MISSED, why, "", {})

    def free_all(self) -> None:
        """No sender is left that could have one."""
        with self._engine.begin() as connection:
            connection.execute(update(mailings).where(_its.taken_until.isnot(None)).values(taken_until=None))

    def newest(self, schedules: Sequence[str], most: int = 10) -> list[Mailing]:
        """Of these schedules, the newest first, so many of each."""
        found: list[Mailing] = []
        with self._engine.connect() as connection:
            for key in schedules:
                rows = select(mailings).where(_its.schedule == key).order_by(_its.due_at.desc()).limit(most)
                found += [_mailing(row) for row in connection.execute(rows)]
        return found

    def _put(self, connection: Connection, schedule: Addressed, due_at: datetime) -> bool:
        """Whether it is new."""
        row = {
            "schedule": schedule.id,
            "due_at": due_at,
            "state": MailState.WAITING.value,
            "message_id": f"{_IN_LETTERS}.{schedule.id}.{int(due_at.timestamp())}",
            "recipients": list(schedule.recipients),
            "delivered": [],
            "refused": {},
            "tries": 0,
            "unanswered": 0,
            "next_at": self._clock.now(),
            "error": "",
            "help": "",
        }
        put = insert_or_meet(connection, mailings).values(row)
        once = put.on_conflict_do_nothing(index_elements=["schedule", "due_at"]).returning(_its.id)
        return connection.scalar(once) is not None

    def _put_off(self, mailing: Mailing, error: str, help_text: str, told: Mapping[str, Any]) -> None:
        now = self._clock.now()
        next_at = now + min(FIRST_PAUSE * 2 ** min(mailing.tries - 1, 10), LONGEST_PAUSE)
        if next_at > mailing.due_at + GIVEN_UP_AFTER:
            given_up = f"{error} It was tried for a day."
            self._finish(mailing, MailState.FAILED, given_up, help_text, told)
            return
        values = {"state": MailState.WAITING.value, "next_at": next_at, "taken_until": None}
        self._change(mailing, {**values, "error": error, "help": help_text, **told})

    def _finish(self, mailing: Mailing, state: MailState, error: str, help_text: str, told: Mapping[str, Any]) -> None:
        ended = {"state": state.value, "next_at": None, "taken_until": None, "finished_at": self._clock.now()}
        self._change(mailing, {**ended, "error": error, "help": help_text, **told})

    def _change(self, mailing: Mailing, values: Mapping[str, Any], *chosen: ColumnElement[bool]) -> bool:
        """Only by whoever has it."""
        mine = and_(_its.id == mailing.id, _its.taken_by == mailing.taken_by, *chosen)
        with self._engine.begin() as connection:
            return connection.execute(update(mailings).where(mine).values(dict(values))).rowcount == 1


def _of_refused(refused: Mapping[str, str]) -> tuple[str, str]:
    if not refused:
        return "", ""
    told = "; ".join(f"{address}: {why}" for address, why in refused.items())
    return f"The mail server refuses {told}", "Correct or remove these recipients of the schedule."


def _of_some(put_off: Mapping[str, str]) -> str:
    return f"The mail server does not take it now for {'; '.join(f'{who}: {why}' for who, why in put_off.items())}"


def _mailing(row: Row[Any]) -> Mailing:
    told = row._asdict()
    same = (
        "id", "schedule", "due_at", "message_id", "refused", "tries", "unanswered", "next_at", "finished_at", "error",
        "help",
    )  # fmt: skip
    return Mailing(
        state=MailState(told["state"]),
        recipients=tuple(told["recipients"]),
        delivered=tuple(told["delivered"]),
        taken_by=told["taken_by"] or "",
        **{name: told[name] for name in same},
    )
