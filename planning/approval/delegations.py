"""Delegation in absence: on which days who decides in whose place. A deputy of a deputy decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, insert, select, update

from infra.access.rights import Right
from infra.access.users import User, users_in
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput, NotFound, NotPermitted
from planning.approval.people import Actor, Person, person_of
from planning.approval.tables import delegations
from planning.dimensions import Network

_its = delegations.c


@dataclass(frozen=True, slots=True)
class Delegation:
    """Both days count, in the account's time zone. `ended_at` is where it was ended before its last day."""

    id: int
    absent: str
    deputy: str
    first_day: date
    last_day: date
    made_at: datetime
    made_by: str
    ended_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "absent": self.absent,
            "deputy": self.deputy,
            "from": self.first_day.isoformat(),
            "to": self.last_day.isoformat(),
            "made_by": self.made_by,
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
        }


class Delegations:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def all(self, person: Person) -> Sequence[Delegation]:
        """Those that they made or that name them, all for whoever leads; the newest first."""
        mine = [] if person.leads else [(_its.absent == person.name) | (_its.deputy == person.name)]
        rows = select(delegations).where(*mine).order_by(_its.id.desc())
        with self._engine.connect() as connection:
            return [_delegation(row) for row in connection.execute(rows)]

    def add(
        self, absent: str, deputy: str, first_day: date, last_day: date, *, person: Person, today: date
    ) -> Delegation:
        """One's own absence; whoever leads may enter others'. Raises `InvalidInput`, `NotPermitted`, `Conflict`."""
        absent, deputy = absent.strip().lower(), deputy.strip().lower()
        if absent != person.name and not person.leads:
            raise NotPermitted(
                "You can enter your own absence only.", where="absent", help="Ask the marketing director to enter it."
            )
        _check_days(first_day, last_day, today)
        if absent == deputy:
            raise InvalidInput("Nobody is their own deputy.", where="deputy", help="Name somebody else.")
        with self._engine.begin() as connection:
            known = {user.email: user for user in users_in(connection)}
            _check_planner(known.get(absent), absent, "absent")
            _check_planner(known.get(deputy), deputy, "deputy")
            self._check_free(connection, absent, first_day, last_day)
            row = {
                "absent": absent,
                "deputy": deputy,
                "first_day": first_day,
                "last_day": last_day,
                "made_at": self._clock.now(),
                "made_by": person.name,
            }
            made = _delegation(connection.execute(insert(delegations).returning(delegations), row).one())
            after = f"{deputy} decides from {first_day} to {last_day}"
            note_change(connection, self._clock, who=person.name, what=f"absence of {absent}", after=after)
            return made

    def end(self, key: int, *, person: Person) -> None:
        """From now on the deputy decides no more. Raises `NotFound`."""
        mine = [] if person.leads else [_its.absent == person.name]
        with self._engine.begin() as connection:
            row = connection.execute(select(delegations).where(_its.id == key, *mine)).one_or_none()
            if row is None:
                raise NotFound(
                    f"There is no absence {key} of yours.", where="delegation", help="The page of absences lists them."
                )
            ended = update(delegations).where(_its.id == key, _its.ended_at.is_(None))
            if connection.execute(ended.values(ended_at=self._clock.now())).rowcount:
                before = f"{row.deputy} decides from {row.first_day} to {row.last_day}"
                note_change(
                    connection,
                    self._clock,
                    who=person.name,
                    what=f"absence of {row.absent}",
                    before=before,
                    after="ended",
                )

    def _check_free(self, connection: Connection, absent: str, first_day: date, last_day: date) -> None:
        overlaps = (_its.first_day <= last_day) & (_its.last_day >= first_day) & _its.ended_at.is_(None)
        row = connection.execute(select(delegations).where(_its.absent == absent, overlaps).limit(1)).one_or_none()
        if row is not None:
            raise Conflict(
                f"{row.deputy} decides for {absent} from {row.first_day} to {row.last_day} already.",
                where="from",
                help="End that absence first, or choose other days.",
            )


def actor_of(connection: Connection, person: Person, network: Network, today: date) -> Actor:
    """The person, and whose deputy they are today."""
    rows = connection.execute(select(_its.absent).where(_its.deputy == person.name, _in_force(today)))
    absent = set(rows.scalars())
    if not absent:
        return Actor(person)
    found = [user for user in users_in(connection) if user.email in absent and user.is_active]
    return Actor(person, tuple(person_of(user, network) for user in found))


def deputies(connection: Connection, today: date) -> dict[str, str]:
    """By who is absent today."""
    rows = connection.execute(select(_its.absent, _its.deputy).where(_in_force(today)))
    return {row.absent: row.deputy for row in rows}


def _in_force(today: date) -> ColumnElement[bool]:
    return (_its.first_day <= today) & (_its.last_day >= today) & _its.ended_at.is_(None)


def _check_days(first_day: date, last_day: date, today: date) -> None:
    if last_day < first_day:
        raise InvalidInput("The last day is before the first.", where="to", help="Exchange them.")
    if last_day < today:
        raise InvalidInput("These days are over.", where="to", help="Choose days from today on.")


def _check_planner(user: User | None, email: str, where: str) -> None:
    if user is None or not user.is_active or Right.PLANS not in user.role.rights:
        raise InvalidInput(
            f"{email or 'Nobody'} is no active user who works on plans.",
            where=where,
            help="Choose somebody of the page of users whose role includes plans.",
        )


def _delegation(row: Row[Any]) -> Delegation:
    return Delegation(**row._mapping)
