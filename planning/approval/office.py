"""The office through which plans are approved: each call is one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.errors import ClosedLoopError, Conflict, NotPermitted
from planning.approval.approvals import (
    Approval,
    ProposedNumber,
    Submission,
    approval_with,
    approvals_of,
    no_approval,
    submission_of,
)
from planning.approval.deciding import Decision, rework
from planning.approval.delegations import actor_of
from planning.approval.holding import hold_submission
from planning.approval.people import Actor, Person
from planning.approval.submitting import submit, withdraw
from planning.dimensions import known_network
from planning.plans import PlanVersion, State, version_with


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of many to agree to; `based_on` is the revision that was seen, None asks for no check."""

    approval: int
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refused` is None where it was agreed to."""

    approval: int
    refused: ClosedLoopError | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """`actor` is whoever asked, with those whose deputy they are."""

    approval: Approval
    submission: Submission
    version: PlanVersion
    actor: Actor


class ApprovalOffice:
    """Safe to use from several threads and processes. Days are those of `zone`."""

    def __init__(self, engine: Engine, clock: Clock, zone: ZoneInfo) -> None:
        self._engine = engine
        self._clock = clock
        self._zone = zone

    @property
    def today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()

    def submit(
        self, version: int, *, author: str, seen: Visibility = EVERYTHING, accept_differences: bool = False
    ) -> PlanVersion:
        """Raises as `submitting.submit` does."""
        with self._engine.begin() as connection:
            return submit(
                connection,
                version,
                self._clock,
                self._zone,
                author=author,
                seen=seen,
                accept_differences=accept_differences,
            )

    def withdraw(self, version: int, *, person: Person, why: str = "") -> PlanVersion:
        """Raises as `submitting.withdraw` does."""
        with self._engine.begin() as connection:
            return withdraw(connection, version, self._clock, person=person, why=why)

    def agree(self, key: int, *, person: Person, comment: str = "", based_on: int | None = None) -> Approval:
        """Raises `NotFound`, `NotPermitted`, `Conflict`, `InvalidInput`."""
        with self._engine.begin() as connection:
            return Decision(connection, key, person, self._clock, self._zone).agree(comment, based_on)

    def agree_to_many(self, wanted: Sequence[Wanted], *, person: Person, comment: str = "") -> Sequence[Outcome]:
        """Each by itself: what is refused keeps no other from being agreed to."""
        found = []
        for each in wanted:
            try:
                self.agree(each.approval, person=person, comment=comment, based_on=each.based_on)
            except ClosedLoopError as error:
                found.append(Outcome(each.approval, error))
            else:
                found.append(Outcome(each.approval))
        return found

    def send_back(
        self,
        key: int,
        *,
        person: Person,
        comment: str,
        numbers: Sequence[ProposedNumber] = (),
        based_on: int | None = None,
    ) -> Approval:
        """Raises `NotFound`, `NotPermitted`, `Conflict`, `InvalidInput`."""
        with self._engine.begin() as connection:
            decision = Decision(connection, key, person, self._clock, self._zone)
            return decision.send_back(comment, numbers, based_on)

    def ask_again(self, key: int, *, person: Person, comment: str = "", based_on: int | None = None) -> Approval:
        """Raises `NotFound`, `NotPermitted`, `Conflict`."""
        with self._engine.begin() as connection:
            return Decision(connection, key, person, self._clock, self._zone).ask_again(comment, based_on)

    def rework(self, version: int, *, person: Person, why: str = "") -> PlanVersion:
        """It goes back to whoever submitted it. Raises `NotFound`, `NotPermitted`, `Conflict`."""
        with self._engine.begin() as connection:
            hold_submission(connection, version)
            found = version_with(connection, version)
            if not person.leads:
                raise NotPermitted(
                    "Only the marketing director says that a plan is reworked.",
                    where="role",
                    help="Send back what you are asked for, with the numbers that would do.",
                )
            if found.state is not State.SUBMITTED:
                raise Conflict(
                    f"Version {found.number} is {found.state} by now.",
                    where="version",
                    help="Load the page again, and look how it stands now.",
                )
            rework(connection, version, self._clock, author=person.name, why=why.strip())
            return version_with(connection, version)

    def actor(self, person: Person) -> Actor:
        with self._engine.connect() as connection:
            return actor_of(connection, person, known_network(connection), self.today)

    def find(self, key: int, *, person: Person) -> Found:
        """Raises `NotFound`, for one that is not seen, too."""
        with self._engine.connect() as connection:
            approval = approval_with(connection, key)
            submission = submission_of(connection, approval.version)
            actor = actor_of(connection, person, known_network(connection), self.today)
            if submission is None or not actor.sees(approval):
                raise no_approval(key)
            return Found(approval, submission, version_with(connection, approval.version), actor)

    def of_version(self, version: int, *, person: Person) -> Sequence[Approval]:
        """As far as they are seen, by stage and scope."""
        with self._engine.connect() as connection:
            actor = actor_of(connection, person, known_network(connection), self.today)
            return [each for each in approvals_of(connection, version) if actor.sees(each)]

    def submission(self, version: int) -> Submission | None:
        with self._engine.connect() as connection:
            return submission_of(connection, version)
