"""The register of destinations: connect, find, remove, and how each fares. Secrets are encrypted and never told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import ColumnElement, Engine, Row, delete, insert, or_, select, update

from attribution.outbound.export import Destination
from attribution.outbound.options import read_options
from attribution.outbound.tables import destinations, handovers
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import InvalidInput, NotFound
from infra.secrets import SecretBox

LEASE = timedelta(minutes=10)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_its = destinations.c


@dataclass(frozen=True, slots=True)
class DestinationState:
    """How a destination fares. Moments are in UTC."""

    id: str
    system: str
    next_at: datetime | None
    failures: int
    error: str
    error_at: datetime | None


class DestinationRegister:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, box: SecretBox, clock: Clock) -> None:
        self._engine = engine
        self._box = box
        self._clock = clock

    def connect(self, destination: Destination, *, author: str) -> None:
        """Add a destination, or change the one of its id, whose ledger stays. Raises `InvalidInput`."""
        if not _ID.fullmatch(destination.id):
            raise InvalidInput(
                f"{destination.id!r} cannot name a destination.",
                where="id",
                help="Write up to 40 small Latin letters, digits and -, such as metrica-north.",
            )
        row = {
            "id": destination.id,
            "system": destination.system,
            "settings": destination.options.model_dump(mode="json"),
            "secrets": self._box.close(destination.secrets),
        }
        now = self._clock.now()
        fresh = {"seen_run": 0, "next_at": None, "failures": 0, "error": ""}
        with self._engine.begin() as connection:
            known = connection.execute(select(destinations).where(_its.id == destination.id)).one_or_none()
            if known is None:
                connection.execute(insert(destinations), {**row, **fresh, "created_at": now})
            elif known.system != destination.system:
                raise InvalidInput(
                    f"{destination.id} is a destination of {known.system} already.",
                    where="id",
                    help="Choose another id.",
                )
            else:
                connection.execute(update(destinations).where(_its.id == destination.id).values({**row, **fresh}))
            before = _told(known.system, known.settings) if known else ""
            after = _told(row["system"], row["settings"])
            note_change(
                connection, self._clock, who=author, what=f"destination {destination.id}", before=before, after=after
            )

    def get(self, key: str) -> Destination:
        """Raises `NotFound`."""
        with self._engine.connect() as connection:
            row = connection.execute(select(destinations).where(_its.id == key)).one_or_none()
        if row is None:
            raise NotFound(
                f"There is no destination {key!r}.",
                where="destination",
                help="`closedloop conversions list` shows all; `closedloop conversions connect` adds one.",
            )
        return self._destination(row)

    def states(self) -> Sequence[DestinationState]:
        """In order of ids."""
        names = (_its.id, _its.system, _its.next_at, _its.failures, _its.error, _its.error_at)
        with self._engine.connect() as connection:
            rows = connection.execute(select(*names).order_by(_its.id))
            return [DestinationState(**row._mapping) for row in rows]

    def remove(self, key: str, *, author: str) -> None:
        """Forget a destination and what it was handed. Raises `NotFound`."""
        known = self.get(key)
        with self._engine.begin() as connection:
            connection.execute(delete(handovers).where(handovers.c.destination == key))
            connection.execute(delete(destinations).where(_its.id == key))
            before = _told(known.system, known.options.model_dump(mode="json"))
            note_change(connection, self._clock, who=author, what=f"destination {key}", before=before)

    def lease(self, key: str) -> bool:
        """Take a destination for ten minutes, or until `finish` or `fail`; False where another has it."""
        return self._take(_its.id == key) is not None

    def lease_due(self, run: int) -> str | None:
        """Take one that has not seen the run or waits for its time; one that failed waits for its time only."""
        now = self._clock.now()
        unseen = (_its.seen_run < run) & (_its.failures == 0)
        return self._take(or_(unseen, _its.next_at <= now))

    def free_all(self) -> None:
        """No sender is left that could hold one."""
        with self._engine.begin() as connection:
            connection.execute(update(destinations).values(leased_until=None))

    def renew(self, key: str) -> None:
        self._change(key, {"leased_until": self._clock.now() + LEASE})

    def finish(self, key: str, *, seen_run: int, next_at: datetime | None) -> None:
        values = {"leased_until": None, "seen_run": seen_run, "next_at": next_at, "failures": 0, "error": ""}
        self._change(key, values)

    def fail(self, key: str, error: str, *, not_before: timedelta) -> None:
        """Try again later, ever more slowly, and not before the system asks to be asked again."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            failures = connection.scalar(select(_its.failures).where(_its.id == key)) or 0
            pause = max(not_before, min(FIRST_PAUSE * 2 ** min(failures, 10), LONGEST_PAUSE))
            values = {"leased_until": None, "next_at": now + pause, "failures": failures + 1}
            values |= {"error": error, "error_at": now}
            connection.execute(update(destinations).where(_its.id == key).values(values))

    def _take(self, chosen: ColumnElement[bool]) -> str | None:
        now = self._clock.now()
        free = chosen & or_(_its.leased_until.is_(None), _its.leased_until < now)
        with self._engine.begin() as connection:
            key = connection.scalar(select(_its.id).where(free).order_by(_its.next_at, _its.id).limit(1))
            if key is None:
                return None
            taken = update(destinations).where(_its.id == key, free).values(leased_until=now + LEASE)
            return str(key) if connection.execute(taken).rowcount == 1 else None

    def _change(self, key: str, values: Mapping[str, object]) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(destinations).where(_its.id == key).values(dict(values)))

    def _destination(self, row: Row[tuple[object, ...]]) -> Destination:
        return Destination(row.id, row.system, read_options(row.settings), self._box.open(row.secrets))


def _told(system: object, settings: object) -> str:
    """What the audit log says of a destination: all but its secrets."""
    return orjson.dumps({"system": system, "settings": settings}).decode()
