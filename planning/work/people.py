"""Who works: what they see, on whose side they stand, and whether a step is theirs to take."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from attribution.reference import dealers
from attribution.visibility import NOBODYS, Visibility
from infra.access.rights import Right, UserRole
from infra.access.users import User, users_in
from infra.errors import NotPermitted


class Party(StrEnum):
    CONTRACTOR = "contractor"
    """Whoever does the work, or works on it from inside the holding."""
    HOLDING = "holding"
    """Whoever orders it: writes briefs and tasks, checks acts."""
    MARKETER = "marketer"
    """The marketer of the dealer, who looks at a version first."""
    BRAND = "brand"
    """The brand manager of the brand, who looks at it next."""
    DIRECTOR = "director"
    """Whoever accepts and pays for the holding."""


@dataclass(frozen=True, slots=True)
class Worker:
    """`name` is what the audit log says. The admin link and keys have no role."""

    name: str
    seen: Visibility
    rights: frozenset[Right]
    role: UserRole | None = None

    @property
    def is_contractor(self) -> bool:
        return self.seen.contractors is not None


_REFUSALS = {
    Party.CONTRACTOR: "Your role does not work on tasks.",
    Party.HOLDING: "The holding does this.",
    Party.MARKETER: "The dealer's marketer decides now.",
    Party.BRAND: "The brand manager decides now.",
    Party.DIRECTOR: "The marketing director does this.",
}


def may_act(worker: Worker, party: Party) -> bool:
    """Whether somebody who sees the work may act for that side of it; the director stands in for everybody."""
    if party is Party.CONTRACTOR:
        return Right.TASKS in worker.rights
    if Right.PLANS not in worker.rights or worker.is_contractor:
        return False
    if party is Party.MARKETER:
        return worker.role is not UserRole.BRAND_MANAGER
    if party is Party.BRAND:
        return worker.role is UserRole.BRAND_MANAGER or Right.RULES in worker.rights
    return party is Party.HOLDING or Right.RULES in worker.rights


def check_may(worker: Worker, party: Party) -> None:
    """Raises `NotPermitted`."""
    if not may_act(worker, party):
        raise NotPermitted(
            _REFUSALS[party], where="role", help="Wait for the other side; the page says whose turn it is."
        )


def is_asked(worker: Worker, party: Party) -> bool:
    """Whether the step waits for them themselves: who only may stand in for others is not reminded of it."""
    if worker.role is None or not may_act(worker, party):
        return False
    if party is Party.CONTRACTOR:
        return worker.is_contractor
    if party is Party.MARKETER:
        return worker.role is UserRole.DEALER_MARKETER
    if party is Party.BRAND:
        return worker.role is UserRole.BRAND_MANAGER
    return party is Party.DIRECTOR or worker.role is not UserRole.ADMIN


@dataclass(frozen=True, slots=True)
class Person:
    """A user who works on tasks, and what they see."""

    email: str
    name: str
    worker: Worker

    @property
    def shown_name(self) -> str:
        return self.name or self.email


def people(connection: Connection) -> Sequence[Person]:
    """Active users who may work on tasks, by e-mail."""
    brands: dict[str, set[str]] = {}
    for dealer, brand in connection.execute(select(dealers.c.id, dealers.c.brand)):
        brands.setdefault(brand, set()).add(dealer)
    return [
        Person(user.email, user.name, Worker(user.email, _seen(user, brands), user.role.rights, user.role))
        for user in users_in(connection)
        if user.is_active and Right.TASKS in user.role.rights
    ]


def _seen(user: User, brands: dict[str, set[str]]) -> Visibility:
    """As the network is at the moment."""
    if user.role.is_of_brands:
        return Visibility(frozenset().union(*(brands.get(brand, ()) for brand in user.brands)) - NOBODYS)
    return Visibility(
        frozenset(user.dealers) - NOBODYS if user.role.is_of_dealers else None,
        frozenset(user.contractors) - NOBODYS if user.role.is_of_contractors else None,
    )
