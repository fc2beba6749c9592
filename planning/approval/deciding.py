"""Agreeing, and sending back. Of two who decide on the same at once, the second is told what the first one did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, update

from infra.audit import note_change
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput, NotPermitted
from planning.approval.advancing import advance
from planning.approval.approvals import Approval, ProposedNumber, Submission, approval_with, no_approval, submission_of
from planning.approval.delegations import actor_of
from planning.approval.holding import cancel_unfinished, hold_submission
from planning.approval.people import Person
from planning.approval.states import ApprovalState, states_before
from planning.approval.tables import plan_approvals
from planning.dimensions import known_network
from planning.editing import Cell, check_cells
from planning.lines import read_lines
from planning.plans import Plan, State, move, plan_with, version_with

_its = plan_approvals.c
_MOST_COMMENT, _MOST_NUMBERS = 5_000, 1_000


class Decision:
    """One that is being made, in a transaction that holds the submission. Raises `NotFound` for what is not seen."""

    def __init__(self, connection: Connection, key: int, person: Person, clock: Clock, zone: ZoneInfo) -> None:
        self._connection = connection
        self._clock = clock
        self._zone = zone
        self.person = person
        self.network = known_network(connection)
        version = approval_with(connection, key).version
        hold_submission(connection, version)
        self.approval = approval_with(connection, key)
        self.version = version_with(connection, version)
        self.plan: Plan = plan_with(connection, self.version.plan)
        submission = submission_of(connection, version)
        actor = actor_of(connection, person, self.network, clock.now().astimezone(zone).date())
        if submission is None or not actor.sees(self.approval):
            raise no_approval(key)
        self.submission: Submission = submission
        self.actor = actor

    def agree(self, comment: str, based_on: int | None) -> Approval:
        """Raises `NotPermitted`, `Conflict`, `InvalidInput`."""
        self._decide(ApprovalState.AGREED, comment, based_on, ())
        advance(self._connection, self.submission, self.plan, self._clock, self._zone, author=self.person.name)
        return approval_with(self._connection, self.approval.id)

    def send_back(self, comment: str, numbers: Sequence[ProposedNumber], based_on: int | None) -> Approval:
        """With a comment, and numbers that would do. Raises `NotPermitted`, `Conflict`, `InvalidInput`."""
        if not comment.strip():
            raise InvalidInput(
                "Whoever sends a plan back says why.", where="comment", help="Write what should be otherwise."
            )
        proposed = self._checked(numbers)
        self._decide(ApprovalState.RETURNED, comment, based_on, proposed)
        if self.submission.stage(self.approval.stage).returns_at_once:
            rework(self._connection, self.version.id, self._clock, author=self.person.name, why=comment.strip())
        return approval_with(self._connection, self.approval.id)

    def ask_again(self, comment: str, based_on: int | None) -> Approval:
        """Whoever leads wants the same numbers looked at once more. Raises `NotPermitted`, `Conflict`."""
        if not self.person.leads:
            raise NotPermitted(
                "Only the marketing director asks again.", where="role", help="Tell them what you think of it."
            )
        self._change(ApprovalState.OPEN, comment, based_on, (), for_whom="")
        return approval_with(self._connection, self.approval.id)

    def _decide(
        self, state: ApprovalState, comment: str, based_on: int | None, proposed: Sequence[ProposedNumber]
    ) -> None:
        for_whom = self.actor.acts_for(self.approval)
        if for_whom is None:
            raise NotPermitted(
                f"The stage «{self.submission.stage(self.approval.stage).title}» does not ask you.",
                where="approval",
                help="Your inbox shows what waits for you; whoever is asked can name you as a deputy.",
            )
        self._change(state, comment, based_on, proposed, for_whom=for_whom)

    def _change(
        self,
        state: ApprovalState,
        comment: str,
        based_on: int | None,
        proposed: Sequence[ProposedNumber],
        *,
        for_whom: str,
    ) -> None:
        if len(comment) > _MOST_COMMENT:
            raise InvalidInput(
                f"The comment is longer than {_MOST_COMMENT:,} characters.", where="comment", help="Shorten it."
            )
        before, now = self.approval, self._clock.now()
        self._check_may_become(state, based_on)
        decided = state is not ApprovalState.OPEN
        values = {
            "state": state.value,
            "decided_at": now if decided else None,
            "decided_by": self.person.name if decided else "",
            "decided_for": for_whom,
            "comment": comment.strip(),
            "proposed": [each.as_dict() for each in proposed],
            "revision": before.revision + 1,
        }
        allowed = [each.value for each in states_before(state)]
        mine = (_its.id == before.id) & (_its.revision == before.revision) & _its.state.in_(allowed)
        if self._connection.execute(update(plan_approvals).where(mine).values(values)).rowcount != 1:
            raise taken(before, self.version.state, now)
        self._note(before, values)

    def _check_may_become(self, state: ApprovalState, based_on: int | None) -> None:
        """Raises `Conflict`, with who was faster."""
        is_under_way = self.version.state is State.SUBMITTED
        is_as_seen = based_on is None or based_on == self.approval.revision
        if not is_under_way or self.approval.state not in states_before(state) or not is_as_seen:
            raise taken(self.approval, self.version.state, self._clock.now())

    def _checked(self, numbers: Sequence[ProposedNumber]) -> tuple[ProposedNumber, ...]:
        """With what stands there now. Raises `InvalidInput`, `NotFound`."""
        if len(numbers) > _MOST_NUMBERS:
            raise InvalidInput(
                f"{len(numbers):,} numbers are too many for a comment.",
                where="numbers",
                help=f"Propose {_MOST_NUMBERS:,} at most, or ask for a new version.",
            )
        wanted = {(each.key, each.month): each.value for each in numbers}
        if foreign := next((key.dealer for key, _ in wanted if key.dealer not in self.approval.dealers), ""):
            raise InvalidInput(
                f"This approval is not about {foreign}.", where="numbers", help="Propose numbers of its dealers alone."
            )
        cells = [Cell(key, month, value) for (key, month), value in wanted.items()]
        check_cells(self._connection, self.plan, cells, self.network)
        grid = read_lines(self._connection, self.version.id, dealers=sorted({cell.key.dealer for cell in cells}))
        found = []
        for cell in cells:
            place = grid.places.get(cell.key)
            was = 0 if place is None else int(grid.values[place, cell.month - 1])
            if cell.value is not None and cell.value != was:
                found.append(ProposedNumber(cell.key, cell.month, cell.value, was))
        return tuple(found)

    def _note(self, before: Approval, values: dict[str, Any]) -> None:
        what = {"version": self.version.number, "stage": before.stage, "scope": before.scope}
        after = {name: values[name] for name in ("state", "comment")}
        if values["decided_for"]:
            after["for"] = values["decided_for"]
        if values["proposed"]:
            after["proposed"] = values["proposed"]
        note_change(
            self._connection,
            self._clock,
            who=self.person.name,
            what=f"plan {self.plan.id}",
            before=orjson.dumps(what | {"state": before.state.value}).decode(),
            after=orjson.dumps(what | after).decode(),
        )


def rework(connection: Connection, version: int, clock: Clock, *, author: str, why: str = "") -> None:
    """The version goes back to whoever submitted it. The submission is held. Raises `NotFound`, `Conflict`."""
    move(connection, version, State.RETURNED, clock, author=author, why=why)
    cancel_unfinished(connection, version)


def taken(approval: Approval, version: State, now: datetime) -> Conflict:
    """Who was faster, with what, and when."""
    words = {ApprovalState.AGREED: "agreed to this", ApprovalState.RETURNED: "sent this back"}
    if approval.state in words and approval.decided_at:
        for_whom = f" for {approval.decided_for}" if approval.decided_for else ""
        did = f"{words[approval.state]} {_ago((now - approval.decided_at).total_seconds())}"
        said = f"{approval.decided_by}{for_whom} {did}."
    else:
        said = {
            ApprovalState.OPEN: "This was asked again meanwhile, so it is not as you saw it.",
            ApprovalState.WAITING: "This is not open yet: stages before it are not done.",
            ApprovalState.SKIPPED: "This was skipped: nobody has to agree.",
            ApprovalState.CANCELLED: f"The version is {version} by now, and asks nobody any more.",
        }.get(approval.state, "Somebody was faster.")
    return Conflict(said, where="approval", help="Load the page again, and look how it stands now.")


def _ago(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return "a minute ago" if minutes == 1 else f"{minutes} minutes ago"
    hours = minutes // 60
    if hours < 24:
        return "an hour ago" if hours == 1 else f"{hours} hours ago"
    return "a day ago" if hours < 48 else f"{hours // 24} days ago"
