"""The row of a submission, which whoever decides holds: decisions on one version come one after the other."""

from sqlalchemy import Connection, update

from planning.approval.states import ApprovalState, states_before
from planning.approval.tables import plan_approvals, plan_submissions


def hold_submission(connection: Connection, version: int) -> None:
    """Until the transaction is over. What was read before may have changed meanwhile: read it again."""
    its = plan_submissions.c
    held = update(plan_submissions).where(its.version == version).values(decisions=its.decisions + 1)
    connection.execute(held)


def cancel_unfinished(connection: Connection, version: int) -> None:
    """Nobody is asked about the version any more."""
    its = plan_approvals.c
    before = [state.value for state in states_before(ApprovalState.CANCELLED)]
    unfinished = update(plan_approvals).where(its.version == version, its.state.in_(before))
    connection.execute(unfinished.values(state=ApprovalState.CANCELLED.value, revision=its.revision + 1))
