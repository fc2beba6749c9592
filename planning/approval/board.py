"""Who is late: dealers and stages of a version, each with what it waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from planning.approval.approvals import Approval, Submission, approvals_of, submission_of
from planning.approval.people import Actor
from planning.approval.process import Stage
from planning.approval.states import ApprovalState
from planning.dimensions import DealerPlace, Network
from planning.plans import Plan, PlanVersion, plan_with, version_with
from planning.tables import plan_versions


@dataclass(frozen=True)
class BoardRow:
    """Of each stage the dealer's approval, None where it asks nobody about this dealer."""

    dealer: DealerPlace
    cells: tuple[Approval | None, ...]

    def days_late(self, today: date) -> int:
        return max((cell.days_late(today) for cell in self.cells if cell), default=0)


@dataclass(frozen=True)
class Board:
    """`version` is None where none was submitted yet; `approvals` are those that are seen."""

    plan: Plan
    version: PlanVersion | None
    submission: Submission | None
    approvals: Sequence[Approval]
    rows: Sequence[BoardRow]
    today: date

    @property
    def stages(self) -> Sequence[Stage]:
        return self.submission.stages if self.submission else ()

    @property
    def done(self) -> int:
        return sum(approval.is_done for approval in self.approvals)

    @property
    def late(self) -> Sequence[Approval]:
        """The latest first."""
        found = [approval for approval in self.approvals if approval.days_late(self.today)]
        return sorted(found, key=lambda each: (-each.days_late(self.today), each.place, each.scope))

    @property
    def returned(self) -> Sequence[Approval]:
        return [approval for approval in self.approvals if approval.state is ApprovalState.RETURNED]


def board_of(connection: Connection, plan: int, network: Network, actor: Actor, today: date) -> Board:
    """Of the newest version that was submitted, in the order of the network. Raises `NotFound`."""
    found = plan_with(connection, plan)
    version = newest_submitted(connection, plan)
    submission = submission_of(connection, version.id) if version else None
    if version is None or submission is None:
        return Board(found, None, None, (), (), today)
    approvals = [each for each in approvals_of(connection, version.id) if actor.sees(each)]
    rows = _rows(network, submission, approvals, actor)
    return Board(found, version, submission, approvals, rows, today)


def newest_submitted(connection: Connection, plan: int) -> PlanVersion | None:
    its = plan_versions.c
    rows = select(its.id).where(its.plan == plan, its.submitted_at.isnot(None)).order_by(its.number.desc()).limit(1)
    key = connection.scalar(rows)
    return version_with(connection, key) if key else None


def _rows(network: Network, submission: Submission, approvals: Sequence[Approval], actor: Actor) -> list[BoardRow]:
    of_place = {(approval.place, dealer): approval for approval in approvals for dealer in actor.dealers_of(approval)}
    about = {dealer for _, dealer in of_place}
    places = range(len(submission.stages))
    return [
        BoardRow(dealer, tuple(of_place.get((place, dealer.id)) for place in places))
        for dealer in network.dealers
        if dealer.id in about
    ]
