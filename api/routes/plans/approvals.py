"""Approval of plans: submitting, agreeing, sending back, and what follows."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.approval_bodies import (
    ToldDecision,
    ToldMany,
    ToldRedraft,
    ToldReturn,
    ToldSubmission,
    ToldWhy,
    approval_told,
    number_told,
    outcomes_told,
)
from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.bootstrap import Services
from api.planning_people import check_may_redraft, person_asking, person_deciding
from api.row_ids import RowId
from api.viewer import Viewer
from planning.approval.approvals import no_approval
from planning.approval.people import Person
from planning.approval.redrafting import proposals_for
from planning.approval.states import ApprovalState
from planning.dimensions import known_network

router = APIRouter(prefix="/api/plans")
_VERSION = "/{plan}/versions/{number}"


@router.post(f"{_VERSION}/submit", dependencies=[Depends(may_plan)])
def submit_version(
    services: ServicesOf, viewer: ViewerOf, plan: RowId, number: RowId, told: ToldSubmission | None = None
) -> dict[str, Any]:
    """Submit a draft for approval: from now on it never changes, and whoever is first is asked."""
    version = services.plans.version_of(plan, number)
    accept = told.accept_differences if told else False
    done = services.approvals.submit(version.id, author=viewer.name, seen=viewer.seen, accept_differences=accept)
    return done.as_dict()


@router.post(f"{_VERSION}/withdraw", dependencies=[Depends(may_plan)])
def withdraw_version(
    services: ServicesOf, viewer: ViewerOf, plan: RowId, number: RowId, told: ToldWhy | None = None
) -> dict[str, Any]:
    """Take a submitted version back; its submitter may, and whoever leads."""
    version = services.plans.version_of(plan, number)
    person = person_asking(services, viewer)
    return services.approvals.withdraw(version.id, person=person, why=told.why if told else "").as_dict()


@router.post(f"{_VERSION}/rework", dependencies=[Depends(may_plan)])
def rework_version(
    services: ServicesOf, viewer: ViewerOf, plan: RowId, number: RowId, told: ToldWhy | None = None
) -> dict[str, Any]:
    """Give a version back to its author, after somebody sent it back. The marketing director says so."""
    version = services.plans.version_of(plan, number)
    person = person_deciding(services, viewer)
    return services.approvals.rework(version.id, person=person, why=told.why if told else "").as_dict()


@router.get(f"{_VERSION}/proposals", dependencies=[Depends(may_read_of_dealers)])
def list_proposals(services: ServicesOf, viewer: ViewerOf, plan: RowId, number: RowId) -> dict[str, Any]:
    """Numbers that whoever sent the version back would have."""
    version = services.plans.version_of(plan, number)
    actor = services.approvals.actor(person_asking(services, viewer))
    with services.database.connect() as connection:
        found = [each for each in proposals_for(connection, version.id) if actor.reads(each.approval)]
    items = [
        {"id": each.id, "approval": each.approval.id, "by": each.approval.decided_by, **number_told(each.number)}
        for each in found
    ]
    return {"items": items, "total": len(items), "next": None}


@router.post(f"{_VERSION}/redraft", status_code=201, dependencies=[Depends(may_plan)])
def redraft_version(
    services: ServicesOf, viewer: ViewerOf, plan: RowId, number: RowId, told: ToldRedraft
) -> dict[str, Any]:
    """Make the next draft of a version that came back, with those of the proposed numbers that are named."""
    version = services.plans.version_of(plan, number)
    check_may_redraft(viewer, version)
    made = services.redrafting.redraft(version.id, told.apply, author=viewer.name, why=told.why, seen=viewer.seen)
    return made.as_dict()


@router.get(f"{_VERSION}/approvals", dependencies=[Depends(may_read_of_dealers)])
def list_approvals(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: RowId,
    number: RowId,
    stage: str = "",
    state: Annotated[ApprovalState | None, Query()] = None,
    late: bool = False,
) -> dict[str, Any]:
    """What each stage asks of whom, and how it stands; as far as its dealers are seen."""
    version = services.plans.version_of(plan, number)
    person, today = person_asking(services, viewer), services.today
    submission = services.approvals.submission(version.id)
    actor = services.approvals.actor(person)
    found = services.approvals.of_version(version.id, person=person) if submission else []
    with services.database.connect() as connection:
        network = known_network(connection)
    items = [
        approval_told(each, submission, network, actor, today)
        for each in found
        if submission and stage in ("", each.stage) and state in (None, each.state)
        if not late or each.days_late(today)
    ]
    return {"items": items, "total": len(items), "next": None, "version": version.as_dict()}


@router.post(f"{_VERSION}/approvals/{{approval}}/agree", dependencies=[Depends(may_plan)])
def agree(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: RowId,
    number: RowId,
    approval: RowId,
    told: ToldDecision | None = None,
) -> dict[str, Any]:
    """Agree to what an approval asks. 409 where somebody was faster: it says who, and with what."""
    person, said = _deciding(services, viewer, plan, number, approval), told or ToldDecision()
    services.approvals.agree(approval, person=person, comment=said.comment, based_on=said.revision)
    return _told(services, approval, person)


@router.post(f"{_VERSION}/approvals/{{approval}}/return", dependencies=[Depends(may_plan)])
def send_back(
    services: ServicesOf, viewer: ViewerOf, plan: RowId, number: RowId, approval: RowId, told: ToldReturn
) -> dict[str, Any]:
    """Send a plan back with a comment, and the numbers that would do."""
    person = _deciding(services, viewer, plan, number, approval)
    services.approvals.send_back(
        approval,
        person=person,
        comment=told.comment,
        numbers=[each.proposed() for each in told.numbers],
        based_on=told.revision,
    )
    return _told(services, approval, person)


@router.post(f"{_VERSION}/approvals/{{approval}}/ask-again", dependencies=[Depends(may_plan)])
def ask_again(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: RowId,
    number: RowId,
    approval: RowId,
    told: ToldDecision | None = None,
) -> dict[str, Any]:
    """Ask whoever sent it back to look at the same numbers once more. The marketing director does."""
    person, said = _deciding(services, viewer, plan, number, approval), told or ToldDecision()
    services.approvals.ask_again(approval, person=person, comment=said.comment, based_on=said.revision)
    return _told(services, approval, person)


@router.post("/approvals/agree", dependencies=[Depends(may_plan)])
def agree_to_many(services: ServicesOf, viewer: ViewerOf, told: ToldMany) -> dict[str, Any]:
    """Agree to many at once, each by itself: which were agreed to, and which were refused for which reason."""
    person = person_deciding(services, viewer)
    return outcomes_told(services.approvals.agree_to_many(told.wanted(), person=person, comment=told.comment))


def _deciding(services: Services, viewer: Viewer, plan: int, number: int, approval: int) -> Person:
    """Raises `NotFound` for an approval of another version, `NotPermitted` for a key."""
    person = person_deciding(services, viewer)
    version = services.plans.version_of(plan, number)
    if services.approvals.find(approval, person=person).version.id != version.id:
        raise no_approval(approval)
    return person


def _told(services: Services, approval: int, person: Person) -> dict[str, Any]:
    found = services.approvals.find(approval, person=person)
    with services.database.connect() as connection:
        network = known_network(connection)
    told = approval_told(found.approval, found.submission, network, found.actor, services.today)
    return told | {"version": found.version.as_dict()}
