"""Plans and their versions: who made which from what, and in which state each is.

Law: lines of a version change only while it is a draft, and a plan has one draft at most. A version that was submitted
stays as it was submitted, for ever. At most one version of a plan is approved; the one before it is superseded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from infra.audit import note_change
from infra.clock import Clock
from infra.currency import known_currency
from infra.errors import Conflict, InvalidInput, NotFound
from planning.lines import copy_lines
from planning.tables import plan_edits, plan_versions, plans

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class PlanKind(StrEnum):
    YEAR = "year"
    MONTH = "month"


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


MOVES: dict[State, tuple[State, ...]] = {
    State.DRAFT: (State.SUBMITTED,),
    State.SUBMITTED: (State.RETURNED, State.WITHDRAWN, State.APPROVED),
    State.APPROVED: (State.SUPERSEDED,),
}
"""From which state a version comes into which."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`month` is None where it is of a year. Moments are in UTC."""

    id: int
    name: str
    kind: PlanKind
    year: int
    month: int | None
    currency: str
    created_at: datetime
    created_by: str

    @property
    def months(self) -> tuple[int, ...]:
        """Those that it plans, 1 to 12."""
        return (self.month,) if self.month else tuple(range(1, 13))

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind.value,
            "year": self.year,
            "month": self.month,
            "currency": self.currency,
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
        }


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """`number` counts from 1 within its plan; `newest_edit` grows with every change of its lines."""

    id: int
    plan: int
    number: int
    based_on: int | None
    state: State
    is_amendment: bool
    why: str
    newest_edit: int
    created_at: datetime
    created_by: str
    submitted_at: datetime | None
    submitted_by: str | None
    decided_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether its lines may change."""
        return self.state is State.DRAFT

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "plan": self.plan,
            "number": self.number,
            "based_on": self.based_on,
            "state": self.state.value,
            "is_amendment": self.is_amendment,
            "why": self.why,
            "newest_edit": self.newest_edit,
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
            "submitted_at": _iso(self.submitted_at),
            "submitted_by": self.submitted_by,
            "decided_at": _iso(self.decided_at),
        }


class Plans:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def all(self) -> Sequence[Plan]:
        """The newest year and month first."""
        its = plans.c
        rows = select(plans).order_by(its.year.desc(), func.coalesce(its.month, 0).desc(), its.id.desc())
        with self._engine.connect() as connection:
            return [_plan(row) for row in connection.execute(rows)]

    def get(self, key: int) -> Plan:
        """Raises `NotFound`."""
        with self._engine.connect() as connection:
            return plan_with(connection, key)

    def versions(self, key: int) -> Sequence[PlanVersion]:
        """The newest first."""
        its = plan_versions.c
        rows = select(plan_versions).where(its.plan == key).order_by(its.number.desc())
        with self._engine.connect() as connection:
            return [_version(row) for row in connection.execute(rows)]

    def version(self, key: int) -> PlanVersion:
        """Raises `NotFound`."""
        with self._engine.connect() as connection:
            return version_with(connection, key)

    def version_of(self, plan: int, number: int) -> PlanVersion:
        """The one of a plan with that number. Raises `NotFound`."""
        its = plan_versions.c
        with self._engine.connect() as connection:
            row = connection.execute(select(plan_versions).where(its.plan == plan, its.number == number)).one_or_none()
        if row is None:
            raise NotFound(
                f"Plan {plan} has no version {number}.", where="version", help="The plan's page lists its versions."
            )
        return _version(row)

    def create(
        self,
        name: str,
        year: int,
        *,
        currency: str,
        author: str,
        month: int | None = None,
        based_on: int | None = None,
    ) -> PlanVersion:
        """A plan of a year, or of one of its months, and its first draft; the lines are those of another version.

        Raises `InvalidInput`, and `NotFound` for the version.
        """
        with self._engine.begin() as connection:
            return new_plan(
                connection, name, year, self._clock, currency=currency, author=author, month=month, based_on=based_on
            )

    def new_version(self, key: int, *, author: str, why: str = "", based_on: int | None = None) -> PlanVersion:
        """A draft with the lines of a version of the plan, its newest unless said.

        Of an approved plan it is an amendment, which says why. Raises `NotFound`, `InvalidInput`, and `Conflict` while
        the plan has a draft or a version that waits for approval.
        """
        with self._engine.begin() as connection:
            return new_draft(connection, key, self._clock, author=author, why=why, based_on=based_on)


def new_plan(
    connection: Connection,
    name: str,
    year: int,
    clock: Clock,
    *,
    currency: str,
    author: str,
    month: int | None = None,
    based_on: int | None = None,
) -> PlanVersion:
    """As `Plans.create`, in the transaction of whoever calls."""
    told = _checked(name, year, month, currency)
    row = told | {"created_at": clock.now(), "created_by": author}
    key = connection.execute(insert(plans).returning(plans.c.id), row).scalar_one()
    note_change(connection, clock, who=author, what=f"plan {key}", after=_json(told))
    return _draft(connection, plan_with(connection, key), based_on, "", author, clock, is_amendment=False)


def new_draft(
    connection: Connection, key: int, clock: Clock, *, author: str, why: str = "", based_on: int | None = None
) -> PlanVersion:
    """As `Plans.new_version`, in the transaction of whoever calls."""
    plan = plan_with(connection, key)
    known = _versions_locked(connection, key)
    if unfinished := next((each for each in known if each.state in (State.DRAFT, State.SUBMITTED)), None):
        raise Conflict(
            f"Version {unfinished.number} of this plan is {unfinished.state}.",
            where="version",
            help="Go on with that draft." if unfinished.is_open else "Withdraw it first, or wait for its approval.",
        )
    is_amendment = any(each.state is State.APPROVED for each in known)
    if is_amendment and not why.strip():
        raise InvalidInput(
            "An approved plan is amended for a reason.", where="why", help="Say in a sentence what has changed."
        )
    source = based_on or (known[0].id if known else None)
    if source is not None and all(each.id != source for each in known):
        raise NotFound(f"This plan has no version {source}.", where="based_on", help="Its page lists them.")
    return _draft(connection, plan, source, why.strip(), author, clock, is_amendment=is_amendment)


def open_draft(connection: Connection, key: int) -> PlanVersion | None:
    """The one draft of a plan, if it has one; nobody else makes one meanwhile."""
    return next((each for each in _versions_locked(connection, key) if each.is_open), None)


def _draft(
    connection: Connection,
    plan: Plan,
    based_on: int | None,
    why: str,
    author: str,
    clock: Clock,
    *,
    is_amendment: bool,
) -> PlanVersion:
    its = plan_versions.c
    number = (connection.scalar(select(func.max(its.number)).where(its.plan == plan.id)) or 0) + 1
    row = {
        "plan": plan.id,
        "number": number,
        "based_on": version_with(connection, based_on).id if based_on else None,
        "state": State.DRAFT.value,
        "is_amendment": is_amendment,
        "why": why,
        "newest_edit": 0,
        "created_at": clock.now(),
        "created_by": author,
    }
    key = connection.execute(insert(plan_versions).returning(its.id), row).scalar_one()
    if based_on:
        edit = note_edit(connection, key, "copy", clock, author=author, why=why, told={"of": based_on})
        copy_lines(connection, based_on, key, edit, plan.months)
    drafted = f"version {number} drafted. {why}".strip()
    note_change(connection, clock, who=author, what=f"plan {plan.id}", after=drafted)
    return version_with(connection, key)


def plan_with(connection: Connection, key: int) -> Plan:
    """Raises `NotFound`."""
    row = connection.execute(select(plans).where(plans.c.id == key)).one_or_none()
    if row is None:
        raise NotFound(f"There is no plan {key}.", where="plan", help="The page of plans lists them.")
    return _plan(row)


def version_with(connection: Connection, key: int) -> PlanVersion:
    """Raises `NotFound`."""
    row = connection.execute(select(plan_versions).where(plan_versions.c.id == key)).one_or_none()
    if row is None:
        raise NotFound(f"There is no version {key}.", where="version", help="A plan's page lists its versions.")
    return _version(row)


def hold_draft(connection: Connection, version: int) -> PlanVersion:
    """Nobody else changes its lines until the transaction is over. Whoever wants to waits, and reads what was written.

    Raises `NotFound`, and `Conflict` where the version is a draft no more.
    """
    its = plan_versions.c
    held = update(plan_versions).where(its.id == version).values(newest_edit=its.newest_edit)
    connection.execute(held)
    found = version_with(connection, version)
    if not found.is_open:
        raise Conflict(
            f"Version {found.number} is {found.state}, and never changes any more.",
            where="version",
            help="Make a new version of the plan, and change that.",
        )
    return found


def note_edit(
    connection: Connection, version: int, kind: str, clock: Clock, *, author: str, why: str = "", told: Any = None
) -> int:
    """The number of a change of a draft's lines, which is held."""
    its = plan_versions.c
    row = {"version": version, "kind": kind, "at": clock.now(), "author": author, "why": why, "told": told or {}}
    edit: int = connection.execute(insert(plan_edits).returning(plan_edits.c.id), row).scalar_one()
    connection.execute(update(plan_versions).where(its.id == version).values(newest_edit=edit))
    return edit


def move(
    connection: Connection, version: int, state: State, clock: Clock, *, author: str, why: str = ""
) -> PlanVersion:
    """Bring a version into another state, if it may come there; one that is approved takes the place of the one before.

    Raises `NotFound`, and `Conflict` where it is in a state from which there is no way.
    """
    from_states = [each.value for each, reached in MOVES.items() if state in reached]
    its = plan_versions.c
    now = clock.now()
    stamps: dict[str, Any] = (
        {"submitted_at": now, "submitted_by": author} if state is State.SUBMITTED else {"decided_at": now}
    )
    moved = update(plan_versions).where(its.id == version, its.state.in_(from_states))
    if connection.execute(moved.values(state=state.value, **stamps)).rowcount == 0:
        found = version_with(connection, version)
        raise Conflict(
            f"Version {found.number} is {found.state}, so it cannot become {state}.",
            where="version",
            help="Load the page again: somebody was faster, or it is decided already.",
        )
    found = version_with(connection, version)
    if state is State.APPROVED:
        before = (its.plan == found.plan) & (its.state == State.APPROVED.value) & (its.id != version)
        connection.execute(update(plan_versions).where(before).values(state=State.SUPERSEDED.value))
    note_change(
        connection, clock, who=author, what=f"plan {found.plan}", after=f"version {found.number} {state}. {why}".strip()
    )
    return found


def _versions_locked(connection: Connection, plan: int) -> list[PlanVersion]:
    """The newest first; nobody else makes one meanwhile."""
    connection.execute(update(plans).where(plans.c.id == plan).values(name=plans.c.name))
    rows = select(plan_versions).where(plan_versions.c.plan == plan).order_by(plan_versions.c.number.desc())
    return [_version(row) for row in connection.execute(rows)]


def _checked(name: str, year: int, month: int | None, currency: str) -> dict[str, Any]:
    text = " ".join(name.split())
    if not text or len(text) > 200 or not text.isprintable():
        raise InvalidInput("A plan needs a name of up to 200 characters.", where="name", help="Such as «Plan 2027».")
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise InvalidInput(f"{year} is no year of a plan.", where="year", help="Write a year such as 2027.")
    if month is not None and not 1 <= month <= 12:
        raise InvalidInput(f"There is no month {month}.", where="month", help="Months are 1 to 12.")
    try:
        code = known_currency(currency)
    except ValueError:
        raise InvalidInput(
            f"{currency!r} is no currency.", where="currency", help="Write a code of ISO 4217 such as RUB or EUR."
        ) from None
    kind = PlanKind.MONTH if month else PlanKind.YEAR
    return {"name": text, "kind": kind.value, "year": year, "month": month, "currency": code}


def _plan(row: Row[Any]) -> Plan:
    return Plan(**{**row._mapping, "kind": PlanKind(row.kind)})


def _version(row: Row[Any]) -> PlanVersion:
    return PlanVersion(**{**row._mapping, "state": State(row.state)})


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _json(told: dict[str, Any]) -> str:
    return orjson.dumps(told).decode()
