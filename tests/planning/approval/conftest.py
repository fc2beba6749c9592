"""A holding of four dealers and two brands, everybody who agrees to its plans, and a plan to agree to."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from infra.access.rights import UserRole
from infra.access.users import User, UserRegister
from infra.clock import FrozenClock
from planning.approval.approvals import Approval, approvals_of
from planning.approval.office import ApprovalOffice
from planning.approval.people import Person, person_of
from planning.approval.states import ApprovalState
from planning.dimensions import known_network
from planning.editing import Cell, Editor
from planning.grid import LineKey
from planning.plans import Plans, PlanVersion

ZONE = ZoneInfo("Europe/Moscow")
PEOPLE = {
    "director": User("director@example.com", UserRole.MARKETING_DIRECTOR),
    "lada": User("lada@example.com", UserRole.BRAND_MANAGER, brands=("Lada",)),
    "chery": User("chery@example.com", UserRole.BRAND_MANAGER, brands=("Chery",)),
    "anna": User("anna@example.com", UserRole.DEALER_MARKETER, dealers=("north",)),
    "boris": User("boris@example.com", UserRole.DEALER_MARKETER, dealers=("south",)),
    "vera": User("vera@example.com", UserRole.DEALER_MARKETER, dealers=("east", "west")),
    "admin": User("admin@example.com", UserRole.ADMIN),
    "analyst": User("analyst@example.com", UserRole.ANALYST),
}
WhoIs = Callable[[str], Person]


def sales(dealer: str) -> LineKey:
    return LineKey("sales", dealer, "new_car")


@pytest.fixture
def users(holding: Engine, clock: FrozenClock) -> UserRegister:
    register = UserRegister(holding, clock)
    for user in PEOPLE.values():
        register.add(user, author="boss")
    return register


@pytest.fixture
def who(holding: Engine, users: UserRegister) -> WhoIs:
    """Somebody of `PEOPLE`, as they are now."""

    def found(name: str) -> Person:
        user = users.by_email(f"{name}@example.com")
        assert user is not None
        with holding.connect() as connection:
            return person_of(user, known_network(connection))

    return found


@pytest.fixture
def office(holding: Engine, clock: FrozenClock) -> ApprovalOffice:
    return ApprovalOffice(holding, clock, ZONE)


@pytest.fixture
def draft(plans: Plans, editor: Editor) -> PlanVersion:
    """Of 2027, with sales of each dealer in May, and a budget of the north that is larger than others'."""
    version = plans.create("План 2027", 2027, currency="RUB", author="director@example.com")
    cells = [Cell(sales(dealer), 5, 10) for dealer in ("north", "south", "east", "west")]
    budgets = {"north": 2_000_000, "south": 500_000, "east": 1_000_000}
    cells += [Cell(LineKey("budget", dealer), 5, amount * 100) for dealer, amount in budgets.items()]
    editor.put(version.id, cells, author="director@example.com")
    return version


@pytest.fixture
def submitted(office: ApprovalOffice, draft: PlanVersion, users: UserRegister) -> PlanVersion:
    return office.submit(draft.id, author="director@example.com")


def approvals(engine: Engine, version: int) -> dict[tuple[str, str], Approval]:
    """By stage and scope."""
    with engine.connect() as connection:
        return {(each.stage, each.scope): each for each in approvals_of(connection, version)}


def states(engine: Engine, version: int) -> dict[tuple[str, str], str]:
    return {key: each.state.value for key, each in approvals(engine, version).items()}


def key_of(engine: Engine, version: int, stage: str, scope: str = "") -> int:
    return approvals(engine, version)[stage, scope].id


def agree_all(engine: Engine, office: ApprovalOffice, who: WhoIs, version: int, *but: str) -> None:
    """Whoever is asked, until nobody is, save these scopes."""
    while True:
        found = [each for each in approvals(engine, version).values()
                 if each.state is ApprovalState.OPEN and each.scope not in but]  # fmt: skip
        if not found:
            return
        for each in found:
            office.agree(each.id, person=who("admin"))


def dealers_of(found: Sequence[Approval]) -> list[str]:
    return [each.scope for each in found]
