"""What is told of approvals in JSON, and what is answered; numbers are units, or whole money."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from api.plan_bodies import Name, Number, Told, Why
from api.row_ids import LARGEST_ID
from infra.errors import ClosedLoopError
from planning.approval.approvals import Approval, ProposedNumber, Submission
from planning.approval.inbox import scope_name
from planning.approval.office import Outcome, Wanted
from planning.approval.people import Actor
from planning.dimensions import Network
from planning.grid import LineKey
from planning.measures import planned_measure

_Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
_Comment = Annotated[str, Field(max_length=5_000)]
_MOST = 1_000


class ToldSubmission(Told):
    accept_differences: bool = False


class ToldWhy(Told):
    why: Why = ""


class ToldNumber(Told):
    """What would do in place of a number of the version."""

    measure: Name
    dealer: Name
    direction: Name = ""
    channel: Name = ""
    contractor: Name = ""
    month: int
    value: Number

    def proposed(self) -> ProposedNumber:
        """Raises `InvalidInput`."""
        key = LineKey(self.measure, self.dealer, self.direction, self.channel, self.contractor)
        return ProposedNumber(key, self.month, planned_measure(self.measure).kept(self.value), 0)


class ToldDecision(Told):
    """`revision` is that of the approval that was seen; without it, nothing is checked."""

    comment: _Comment = ""
    revision: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None


class ToldReturn(ToldDecision):
    numbers: Annotated[list[ToldNumber], Field(max_length=_MOST, default_factory=list)]


class ToldWanted(Told):
    id: _Id
    revision: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None


class ToldMany(Told):
    approvals: Annotated[list[ToldWanted], Field(min_length=1, max_length=_MOST)]
    comment: _Comment = ""

    def wanted(self) -> list[Wanted]:
        return [Wanted(each.id, each.revision) for each in self.approvals]


class ToldRedraft(Told):
    """`apply` names the proposals that come into the draft, by their ids."""

    apply: Annotated[list[Name], Field(max_length=100_000, default_factory=list)]
    why: Why = ""


class ToldAbsence(Told):
    """Without `absent`, it is one's own."""

    deputy: Name
    first_day: Annotated[date, Field(alias="from")]
    last_day: Annotated[date, Field(alias="to")]
    absent: Name = ""


def approval_told(
    approval: Approval, submission: Submission, network: Network, actor: Actor, today: date
) -> dict[str, Any]:
    """Comment and numbers are left out for whoever does not see all of its dealers."""
    reads = actor.reads(approval)
    stage = submission.stage(approval.stage)
    return approval.as_dict(today) | {
        "title": stage.title,
        "scope_name": scope_name(approval, network),
        "dealers": sorted(actor.dealers_of(approval)),
        "comment": approval.comment if reads else "",
        "proposed": [number_told(each) for each in approval.proposed] if reads else [],
        "asks_me": actor.is_asked(approval),
    }


def number_told(number: ProposedNumber) -> dict[str, Any]:
    shown = planned_measure(number.key.measure).shown
    values = {"value": shown(number.value), "was": shown(number.was)}
    return {**number.key._asdict(), "month": number.month, **values}


def outcomes_told(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Which were agreed to, and which were not for which reason."""
    refused = [{"id": each.approval, "error": _error(each.refused)} for each in outcomes if each.refused is not None]
    agreed = [each.approval for each in outcomes if each.refused is None]
    return {"agreed": agreed, "refused": refused, "total": len(outcomes)}


def _error(error: ClosedLoopError) -> dict[str, str]:
    return {"code": error.code, "message": error.message, "where": error.where, "help": error.help}
