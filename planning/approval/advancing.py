"""What opens once something is done, and when a version is approved.

Law: an approval opens when every stage before its own is done for all of its dealers; it waits for nobody else. A
version is approved when nothing waits any more.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, update

from infra.clock import Clock
from planning.approval.approvals import Approval, Submission, approvals_of
from planning.approval.deadlines import deadline
from planning.approval.states import ApprovalState
from planning.approval.tables import plan_approvals
from planning.plans import Plan, State, move

_its = plan_approvals.c


def advance(
    connection: Connection, submission: Submission, plan: Plan, clock: Clock, zone: ZoneInfo, *, author: str
) -> bool:
    """Open what may be opened; whether the version is approved by now. The submission is held."""
    approvals = approvals_of(connection, submission.version)
    if all(approval.is_done for approval in approvals):
        move(connection, submission.version, State.APPROVED, clock, author=author)
        return True
    for approval in _ready(submission, approvals):
        _open(connection, submission, plan, approval, clock.now(), zone)
    return False


def _ready(submission: Submission, approvals: Sequence[Approval]) -> list[Approval]:
    waiting = [approval for approval in approvals if approval.state is ApprovalState.WAITING]
    return [
        approval
        for approval in waiting
        if all(_is_done(submission, approvals, before, approval.dealers) for before in _before(submission, approval))
    ]


def _before(submission: Submission, approval: Approval) -> tuple[str, ...]:
    return submission.stage(approval.stage).after


def _is_done(submission: Submission, approvals: Sequence[Approval], stage: str, dealers: Collection[str]) -> bool:
    """Of these dealers, with all that comes before: a stage may ask nobody about some of them."""
    of_stage = [each for each in approvals if each.stage == stage and not each.dealers.isdisjoint(dealers)]
    if not all(each.is_done for each in of_stage):
        return False
    return all(_is_done(submission, approvals, before, dealers) for before in submission.stage(stage).after)


def _open(
    connection: Connection, submission: Submission, plan: Plan, approval: Approval, now: datetime, zone: ZoneInfo
) -> None:
    due_on = deadline(submission.stage(approval.stage), plan, now.astimezone(zone).date())
    opened = {
        "state": ApprovalState.OPEN.value,
        "opened_at": now,
        "due_on": due_on,
        "revision": approval.revision + 1,
    }
    connection.execute(update(plan_approvals).where(_its.id == approval.id).values(opened))
