"""What of the approval of plans waits for somebody: to agree, to say what becomes of it, to make the next draft."""

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import Connection, exists, select

from planning.approval.approvals import Approval, Submission, approvals_in, submissions_of
from planning.approval.people import Actor
from planning.approval.process import Per
from planning.approval.states import ApprovalState
from planning.dimensions import Network, known_network
from planning.plans import PlanVersion, State, plan_with, version_with
from planning.tables import plan_versions, plans
from planning.waiting import Waiting

APPROVAL, SENT_BACK, REDRAFT = "approval", "sent_back", "redraft"


def approvals_waiting(connection: Connection, actor: Actor, today: date) -> Iterator[Waiting]:
    """Open approvals that ask them."""
    asked = [each for each in approvals_in(connection, ApprovalState.OPEN) if actor.is_asked(each)]
    if not asked:
        return
    submissions = submissions_of(connection, [each.version for each in asked])
    names = plan_names(connection, [each.version for each in asked])
    network = known_network(connection)
    for approval in asked:
        yield waiting_of(approval, submissions[approval.version], names[approval.version], network, actor)


def waiting_of(approval: Approval, submission: Submission, plan_name: str, network: Network, actor: Actor) -> Waiting:
    stage = submission.stage(approval.stage)
    return Waiting(
        APPROVAL,
        approval.id,
        stage.title,
        f"/plans/approvals/{approval.id}",
        approval.due_on,
        stage.instruction,
        plan_name,
        scope_name(approval, network),
        actor.acts_for(approval) or "",
        approval.revision,
    )


def scope_name(approval: Approval, network: Network) -> str:
    """As people call the dealer, brand or holding; empty where it is of all."""
    if approval.per is Per.DEALER and approval.scope in network.by_id:
        return network.by_id[approval.scope].shown_name
    return approval.scope


def returns_waiting(connection: Connection, actor: Actor, today: date) -> Iterator[Waiting]:
    """Of whoever leads: plans that somebody sent back, and about which nothing is said yet; the title is by whom."""
    if not actor.person.leads:
        return
    found: dict[int, list[Approval]] = {}
    for each in approvals_in(connection, ApprovalState.RETURNED):
        found.setdefault(each.version, []).append(each)
    for version, approvals in found.items():
        by = ", ".join(dict.fromkeys(each.decided_by for each in approvals))
        plan = plan_with(connection, version_with(connection, version).plan)
        yield Waiting(SENT_BACK, version, by, f"/plans/{plan.id}/board", about=plan.name)


def redrafts_waiting(connection: Connection, actor: Actor, today: date) -> Iterator[Waiting]:
    """Of whoever submitted a version that came back, as long as there is none after it; the title is its number."""
    its, later = plan_versions.c, plan_versions.alias().c
    newer = exists().where(later.plan == its.plan, later.number > its.number)
    rows = select(its.id).where(its.state == State.RETURNED.value, its.submitted_by == actor.person.name, ~newer)
    for key in connection.scalars(rows).all():
        version: PlanVersion = version_with(connection, key)
        plan = plan_with(connection, version.plan)
        link = f"/plans/{plan.id}/versions/{version.number}/redraft"
        yield Waiting(REDRAFT, version.id, f"{version.number}", link, about=plan.name)


def plan_names(connection: Connection, versions: list[int]) -> Mapping[int, str]:
    """By version."""
    its = plan_versions.c
    rows = select(its.id, plans.c.name).join(plans, plans.c.id == its.plan).where(its.id.in_(set(versions)))
    return {row.id: row.name for row in connection.execute(rows)}
