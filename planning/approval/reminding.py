"""What somebody is reminded of: what waits for them, and what is late with those whom they lead.

Law: whoever is absent is not written to while a deputy decides for them; whoever wants no reminders gets none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, select

from infra.access.rights import UserRole
from infra.clock import Clock
from infra.database import insert_or_meet
from planning.approval.approvals import Approval, Submission, approvals_in, submissions_of
from planning.approval.delegations import deputies
from planning.approval.inbox import plan_names, waiting_of
from planning.approval.people import Actor, Person, is_asked, people_at_work
from planning.approval.process import Reminders
from planning.approval.states import ApprovalState
from planning.approval.tables import reminders_off
from planning.dimensions import Network, known_network
from planning.waiting import OffersWaiting, Waiting, everything_waiting


@dataclass(frozen=True, slots=True)
class Late:
    """What is late with others; `asked` are they."""

    waiting: Waiting
    days: int
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """All that one person is told on one day, whichever way it reaches them."""

    person: Person
    day: date
    waiting: tuple[Waiting, ...]
    late_with_others: tuple[Late, ...]

    @property
    def is_empty(self) -> bool:
        return not self.waiting and not self.late_with_others


@dataclass(frozen=True)
class Reminding:
    """Everybody and everything that may be written about on one day, read once."""

    network: Network
    people: Sequence[Person]
    absent: dict[str, str]
    off: frozenset[str]
    open: Sequence[Approval]
    submissions: dict[int, Submission]
    plan_names: dict[int, str]
    reminders: Reminders
    day: date

    def recipients(self) -> Sequence[Person]:
        return [each for each in self.people if each.name not in self.off and each.name not in self.absent]

    def actor(self, person: Person) -> Actor:
        stands_in_for = {absent for absent, deputy in self.absent.items() if deputy == person.name}
        return Actor(person, tuple(each for each in self.people if each.name in stands_in_for))

    def digest(self, connection: Connection, offers: Sequence[OffersWaiting], person: Person) -> Digest:
        actor = self.actor(person)
        waiting = everything_waiting(connection, offers, actor, self.day)
        late = [self._late(approval, actor) for approval in self.open if self._leads(person, approval)]
        return Digest(person, self.day, tuple(waiting), tuple(late))

    def is_due(self, digest: Digest) -> bool:
        """Whether this is a day on which one writes, because of one of the things at least."""
        left = [(each.due - self.day).days for each in digest.waiting if each.due]
        if any(days in self.reminders.before for days in left if days >= 0):
            return True
        if any(-days in self.reminders.after for days in left if days < 0):
            return True
        first = self.reminders.escalate_after
        return any(each.days == first or each.days in self.reminders.after for each in digest.late_with_others)

    def _leads(self, person: Person, approval: Approval) -> bool:
        """Whether it is for them to know that it is late."""
        if approval.days_late(self.day) < self.reminders.escalate_after:
            return False
        next_level = self._next_level(approval) or UserRole.MARKETING_DIRECTOR
        return person.role is next_level and next_level is not approval.role and person.sees(approval.dealers)

    def _next_level(self, approval: Approval) -> UserRole | None:
        return self.submissions[approval.version].stage(approval.stage).escalate_to

    def _late(self, approval: Approval, actor: Actor) -> Late:
        submission, plan = self.submissions[approval.version], self.plan_names[approval.version]
        waiting = waiting_of(approval, submission, plan, self.network, actor)
        asked = tuple(each.name for each in self.people if is_asked(each, approval))
        return Late(waiting, approval.days_late(self.day), asked)


def reminding_on(connection: Connection, reminders: Reminders, day: date) -> Reminding:
    network = known_network(connection)
    waiting = approvals_in(connection, ApprovalState.OPEN)
    versions = [each.version for each in waiting]
    return Reminding(
        network,
        people_at_work(connection, network),
        deputies(connection, day),
        frozenset(connection.scalars(select(reminders_off.c.person))),
        waiting,
        dict(submissions_of(connection, versions)),
        dict(plan_names(connection, versions)),
        reminders,
        day,
    )


def wants_reminders(connection: Connection, person: str) -> bool:
    row = select(reminders_off.c.person).where(reminders_off.c.person == person)
    return connection.scalar(row) is None


def switch_reminders(connection: Connection, person: str, clock: Clock, *, on: bool) -> None:
    """For one person, by e-mail."""
    if on:
        connection.execute(delete(reminders_off).where(reminders_off.c.person == person))
    else:
        row = {"person": person, "at": clock.now()}
        connection.execute(insert_or_meet(connection, reminders_off).values(row).on_conflict_do_nothing())
