"""Who is asked to agree, and who may: by role and what they see, by name, and in place of somebody who is absent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from infra.access.rights import Right, UserRole
from infra.access.users import User, users_in
from planning.approval.approvals import Approval
from planning.approval.process import Per
from planning.dimensions import Network


@dataclass(frozen=True, slots=True)
class Person:
    """`name` is the e-mail, or that of the admin link, which has no role and may act for everybody.

    `dealers` are None where all are seen; `brands` count for brand managers, `contractors` for contractors, who see
    theirs of all dealers, and no plan.
    """

    name: str
    role: UserRole | None = None
    dealers: frozenset[str] | None = None
    brands: frozenset[str] = frozenset()
    language: str = ""
    contractors: frozenset[str] | None = None

    @property
    def may_act_for_all(self) -> bool:
        return self.role in (None, UserRole.ADMIN)

    @property
    def leads(self) -> bool:
        """Whether they say what becomes of a plan that was sent back."""
        return self.may_act_for_all or self.role is UserRole.MARKETING_DIRECTOR

    def sees(self, dealers: Iterable[str]) -> bool:
        """All of them."""
        return self.dealers is None or self.dealers.issuperset(dealers)

    def sees_any(self, dealers: Iterable[str]) -> bool:
        return self.dealers is None or not self.dealers.isdisjoint(dealers)


def person_of(user: User, network: Network) -> Person:
    """As the network is at the moment, with dealers of all brands in it."""
    dealers: frozenset[str] | None = None
    if user.role.is_of_brands:
        dealers = frozenset(each.id for each in network.dealers if each.brand in user.brands)
    elif user.role.is_of_dealers:
        dealers = frozenset(user.dealers)
    elif user.role.is_of_contractors:
        dealers = frozenset()
    contractors = frozenset(user.contractors) if user.role.is_of_contractors else None
    return Person(user.email, user.role, dealers, frozenset(user.brands), user.language, contractors)


def planners(connection: Connection, network: Network) -> Sequence[Person]:
    """Active users who may work on plans, by e-mail."""
    return _people(connection, network, Right.PLANS)


def people_at_work(connection: Connection, network: Network) -> Sequence[Person]:
    """Active users for whom anything can wait, by e-mail: contractors, too."""
    return _people(connection, network, Right.TASKS)


def _people(connection: Connection, network: Network, right: Right) -> Sequence[Person]:
    return [person_of(user, network) for user in users_in(connection) if user.is_active and right in user.role.rights]


def is_asked(person: Person, approval: Approval) -> bool:
    """Whether the stage means them themselves."""
    if approval.people:
        return person.name in approval.people
    if person.role is None or person.role is not approval.role:
        return False
    if approval.per is Per.ONCE:
        return True
    if approval.per is Per.BRAND and person.role.is_of_brands:
        return approval.scope in person.brands
    return person.sees(approval.dealers)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever decides, and those in whose place they may: who are absent today and named them."""

    person: Person
    absent: tuple[Person, ...] = ()

    def acts_for(self, approval: Approval) -> str | None:
        """Empty where they act as themselves, else for whom; None where they may not act."""
        if is_asked(self.person, approval):
            return ""
        stood_in_for = next((each.name for each in self.absent if is_asked(each, approval)), None)
        if stood_in_for is None and self.person.may_act_for_all:
            return ""
        return stood_in_for

    def is_asked(self, approval: Approval) -> bool:
        """As themselves or as a deputy; the admin link stands for nobody, and is shown all."""
        if self.person.role is None:
            return True
        return is_asked(self.person, approval) or any(is_asked(each, approval) for each in self.absent)

    def sees(self, approval: Approval) -> bool:
        """That it is there, and how it stands."""
        return self.person.sees_any(approval.dealers) or self.acts_for(approval) is not None

    def reads(self, approval: Approval) -> bool:
        """What was written and proposed, too: it may be about any of its dealers."""
        return self.person.sees(approval.dealers) or self.acts_for(approval) is not None

    def dealers_of(self, approval: Approval) -> frozenset[str]:
        """Whose numbers they may read."""
        if self.reads(approval) or self.person.dealers is None:
            return approval.dealers
        return approval.dealers & self.person.dealers
