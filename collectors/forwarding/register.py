"""The register of CRMs that leads are forwarded to: connect, find, remove, how each fares. Secrets are encrypted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import ColumnElement, Engine, Row, delete, insert, or_, select, update

from collectors.forwarding.ledger import OPEN
from collectors.forwarding.tables import forward_targets, forwards
from collectors.forwarding.target import Target, read_options
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import InvalidInput, NotFound
from infra.secrets import SecretBox

LEASE = timedelta(minutes=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_its = forward_targets.c


@dataclass(frozen=True, slots=True)
class TargetState:
    """How a CRM fares. Moments are in UTC; `next_at` is when it is tried again after an error."""

    id: str
    system: str
    next_at: datetime | None
    failures: int
    error: str
    error_at: datetime | None


class TargetRegister:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, box: SecretBox, clock: Clock) -> None:
        self._engine = engine
        self._box = box
        self._clock = clock

    def connect(self, target: Target, *, author: str) -> None:
        """Add a CRM, or change the one of its id, whose ledger stays. Raises `InvalidInput`."""
        if not _ID.fullmatch(target.id):
            raise InvalidInput(
                f"{target.id!r} cannot name a CRM.",
                where="id",
                help="Write up to 40 small Latin letters, digits and -, such as amo-north.",
            )
        settings = target.options.model_dump(mode="json")
        row = {"id": target.id, "system": target.system, "settings": settings}
        fresh = {"next_at": None, "failures": 0, "error": ""}
        sealed = {"secrets": self._box.close(target.secrets)}
        with self._engine.begin() as connection:
            known = connection.execute(select(forward_targets).where(_its.id == target.id)).one_or_none()
            if known is None:
                connection.execute(insert(forward_targets), {**row, **fresh, **sealed, "created_at": self._clock.now()})
            elif known.system != target.system:
                raise InvalidInput(
                    f"{target.id} is a CRM of {known.system} already.", where="id", help="Choose another id."
                )
            else:
                changed = update(forward_targets).where(_its.id == target.id)
                connection.execute(changed.values({**row, **fresh, **sealed}))
            before = _told(known.system, known.settings) if known else ""
            what = f"forwarding {target.id}"
            after = _told(target.system, settings)
            note_change(connection, self._clock, who=author, what=what, before=before, after=after)

    def get(self, key: str) -> Target:
        """Raises `NotFound`."""
        with self._engine.connect() as connection:
            row = connection.execute(select(forward_targets).where(_its.id == key)).one_or_none()
        if row is None:
            raise NotFound(
                f"Leads are forwarded to no {key!r}.",
                where="target",
                help="`closedloop forward status` shows all; `closedloop forward connect` adds one.",
            )
        return self._target(row)

    def all(self) -> Sequence[Target]:
        """In order of ids."""
        with self._engine.connect() as connection:
            return [self._target(row) for row in connection.execute(select(forward_targets).order_by(_its.id))]

    def states(self) -> Sequence[TargetState]:
        """In order of ids."""
        names = (_its.id, _its.system, _its.next_at, _its.failures, _its.error, _its.error_at)
        with self._engine.connect() as connection:
            rows = connection.execute(select(*names).order_by(_its.id))
            return [TargetState(**row._mapping) for row in rows]

    def remove(self, key: str, *, author: str) -> None:
        """Forget a CRM and what it was handed. Raises `NotFound`."""
        known = self.get(key)
        with self._engine.begin() as connection:
            connection.execute(delete(forwards).where(forwards.c.target == key))
            connection.execute(delete(forward_targets).where(_its.id == key))
            before = _told(known.system, known.options.model_dump(mode="json"))
            note_change(connection, self._clock, who=author, what=f"forwarding {key}", before=before)

    def lease_due(self) -> str | None:
        """Take a CRM that has something to be done for, until its pass ends or the lease does; None where none has."""
        now = self._clock.now()
        free = or_(_its.next_at.is_(None), _its.next_at <= now) & _unleased(now)
        waits = (forwards.c.target == _its.id) & forwards.c.state.in_(OPEN) & (forwards.c.next_at <= now)
        due = select(_its.id).where(free, select(forwards.c.lead).where(waits).exists())
        with self._engine.begin() as connection:
            key = connection.scalar(due.order_by(_its.next_at, _its.id).limit(1))
            if key is None:
                return None
            taken = update(forward_targets).where(_its.id == key, free).values(leased_until=now + LEASE)
            return key if connection.execute(taken).rowcount == 1 else None

    def renew(self, key: str) -> None:
        self._change(key, {"leased_until": self._clock.now() + LEASE})

    def finish(self, key: str) -> None:
        self._change(key, {"leased_until": None, "next_at": None, "failures": 0, "error": ""})

    def fail(self, key: str, error: str, *, not_before: timedelta) -> None:
        """Try again later, ever more slowly, and not before the CRM asks to be asked again."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            failures = connection.scalar(select(_its.failures).where(_its.id == key)) or 0
            pause = max(not_before, growing_pause(failures))
            values = {"leased_until": None, "next_at": now + pause, "failures": failures + 1}
            values |= {"error": error, "error_at": now}
            connection.execute(update(forward_targets).where(_its.id == key).values(values))

    def try_now(self, key: str) -> None:
        self._change(key, {"next_at": None, "failures": 0})

    def free_all(self) -> None:
        """Leases of senders that are gone, where only one process may run."""
        with self._engine.begin() as connection:
            connection.execute(update(forward_targets).values(leased_until=None))

    def _change(self, key: str, values: dict[str, object]) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(forward_targets).where(_its.id == key).values(values))

    def _target(self, row: Row[tuple[object, ...]]) -> Target:
        return Target(row.id, row.system, read_options(row.settings), self._box.open(row.secrets))


def growing_pause(failures: int) -> timedelta:
    """After so many failures before: 5 s, 10 s, 20 s …, an hour at most."""
    return min(FIRST_PAUSE * (1 << min(failures, 12)), LONGEST_PAUSE)


def _unleased(now: datetime) -> ColumnElement[bool]:
    return or_(_its.leased_until.is_(None), _its.leased_until < now)


def _told(system: object, settings: object) -> str:
    """What the audit log says: all but secrets."""
    return orjson.dumps({"system": system, "settings": settings}).decode()
