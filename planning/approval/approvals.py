"""What one stage asks of one dealer, brand or holding, or of all at once: as it stands, and how it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from infra.access.rights import UserRole
from infra.errors import NotFound
from planning.approval.process import Per, PlanPath, Stage
from planning.approval.states import DONE, ApprovalState
from planning.approval.tables import plan_approvals, plan_submissions
from planning.grid import LineKey
from planning.plans import State
from planning.tables import plan_versions

_its = plan_approvals.c


@dataclass(frozen=True, slots=True)
class ProposedNumber:
    """A cell that somebody would have otherwise. `value` and `was` are in smallest units."""

    key: LineKey
    month: int
    value: int
    was: int

    def as_dict(self) -> dict[str, Any]:
        return {**self.key._asdict(), "month": self.month, "value": self.value, "was": self.was}


@dataclass(frozen=True, slots=True)
class Approval:
    """`place` is that of its stage. `dealers` are those whose numbers it is about, as they were at submission.

    `decided_for` is who was absent, where a deputy decided. `due_on` is the last day, in the account's time zone.
    `carried_over` says that it was agreed to in an earlier version, whose numbers for these dealers were the same.
    """

    id: int
    version: int
    stage: str
    place: int
    per: Per
    scope: str
    dealers: frozenset[str]
    role: UserRole | None
    people: tuple[str, ...]
    state: ApprovalState
    due_on: date | None
    opened_at: datetime | None
    decided_at: datetime | None
    decided_by: str
    decided_for: str
    comment: str
    proposed: tuple[ProposedNumber, ...]
    carried_over: bool
    revision: int

    @property
    def is_done(self) -> bool:
        return self.state in DONE

    def days_late(self, today: date) -> int:
        """0 where it is not late, or waits for others."""
        if self.state is not ApprovalState.OPEN or self.due_on is None:
            return 0
        return max(0, (today - self.due_on).days)

    def as_dict(self, today: date) -> dict[str, Any]:
        """Without what was proposed, and the comment: who may read those is for others to say."""
        return {
            "id": self.id,
            "stage": self.stage,
            "per": self.per.value,
            "scope": self.scope,
            "state": self.state.value,
            "due": self.due_on.isoformat() if self.due_on else None,
            "days_late": self.days_late(today),
            "opened_at": self.opened_at.isoformat() if self.opened_at else None,
            "decided_at": self.decided_at.isoformat() if self.decided_at else None,
            "decided_by": self.decided_by,
            "decided_for": self.decided_for,
            "carried_over": self.carried_over,
            "revision": self.revision,
        }


@dataclass(frozen=True, slots=True)
class Submission:
    """The stages as they were in force when the version was submitted."""

    version: int
    path: PlanPath
    process: int
    stages: tuple[Stage, ...]

    def stage(self, key: str) -> Stage:
        return next(stage for stage in self.stages if stage.id == key)


def approval_with(connection: Connection, key: int) -> Approval:
    """Raises `NotFound`."""
    row = connection.execute(select(plan_approvals).where(_its.id == key)).one_or_none()
    if row is None:
        raise no_approval(key)
    return _approval(row)


def no_approval(key: int) -> NotFound:
    return NotFound(f"There is no approval {key}.", where="approval", help="The plan's board lists them.")


def approvals_of(connection: Connection, version: int) -> Sequence[Approval]:
    """By stage and scope."""
    return _read(connection, _its.version == version)


def approvals_in(connection: Connection, *states: ApprovalState) -> Sequence[Approval]:
    """Of all versions that are under way."""
    under_way = select(plan_versions.c.id).where(plan_versions.c.state == State.SUBMITTED.value)
    return _read(connection, _its.state.in_([state.value for state in states]) & _its.version.in_(under_way))


def submission_of(connection: Connection, version: int) -> Submission | None:
    """None where it was never submitted."""
    rows = select(plan_submissions).where(plan_submissions.c.version == version)
    row = connection.execute(rows).one_or_none()
    return _submission(row) if row else None


def submissions_of(connection: Connection, versions: Sequence[int]) -> Mapping[int, Submission]:
    """By version."""
    rows = select(plan_submissions).where(plan_submissions.c.version.in_(set(versions)))
    return {row.version: _submission(row) for row in connection.execute(rows)}


def insert_submission(connection: Connection, submission: Submission) -> None:
    row = {
        "version": submission.version,
        "path": submission.path.value,
        "process": submission.process,
        "stages": [stage.model_dump(mode="json") for stage in submission.stages],
        "decisions": 0,
    }
    connection.execute(insert(plan_submissions), row)


def insert_approvals(connection: Connection, approvals: Sequence[Approval]) -> None:
    """Their ids are given by the database."""
    if approvals:
        connection.execute(insert(plan_approvals), [_row(approval) for approval in approvals])


def _read(connection: Connection, wanted: ColumnElement[bool]) -> Sequence[Approval]:
    rows = select(plan_approvals).where(wanted).order_by(_its.version, _its.place, _its.scope)
    return [_approval(row) for row in connection.execute(rows)]


def _row(approval: Approval) -> dict[str, Any]:
    return {
        "version": approval.version,
        "stage": approval.stage,
        "place": approval.place,
        "per": approval.per.value,
        "scope": approval.scope,
        "dealers": sorted(approval.dealers),
        "role": approval.role.value if approval.role else "",
        "people": list(approval.people),
        "state": approval.state.value,
        "due_on": approval.due_on,
        "opened_at": approval.opened_at,
        "decided_at": approval.decided_at,
        "decided_by": approval.decided_by,
        "decided_for": approval.decided_for,
        "comment": approval.comment,
        "proposed": [each.as_dict() for each in approval.proposed],
        "carried_over": approval.carried_over,
        "revision": approval.revision,
    }


def _approval(row: Row[Any]) -> Approval:
    told = {
        "per": Per(row.per),
        "dealers": frozenset(row.dealers),
        "role": UserRole(row.role) if row.role else None,
        "people": tuple(row.people),
        "state": ApprovalState(row.state),
        "proposed": tuple(_proposed(each) for each in row.proposed),
    }
    return Approval(**{**row._mapping, **told})


def _proposed(told: Mapping[str, Any]) -> ProposedNumber:
    key = LineKey(*(told[name] for name in LineKey._fields))
    return ProposedNumber(key, told["month"], told["value"], told["was"])


def _submission(row: Row[Any]) -> Submission:
    stages = tuple(Stage.model_validate(each) for each in row.stages)
    return Submission(row.version, PlanPath(row.path), row.process, stages)
