"""A holding whose people have mail boxes on a real server, and a plan that waits for them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event

import pytest

from api.bootstrap import Services
from api.views.postman import Postman
from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from infra.access.rights import UserRole
from infra.access.users import User
from infra.clock import FrozenClock
from infra.settings import read_settings
from planning.editing import Cell
from planning.grid import LineKey
from planning.plans import PlanVersion
from tests.migrated import lay_warehouse
from tests.postfix_fixture import DOMAIN, Postfix

DEALERS = (Dealer(id="north", name="Север <b>", brand="Lada"), Dealer(id="south", name="Юг", brand="Lada"))
PEOPLE = (
    User(f"anna@{DOMAIN}", UserRole.DEALER_MARKETER, dealers=("north", "south"), language="ru"),
    User(f"boris@{DOMAIN}", UserRole.BRAND_MANAGER, brands=("Lada",)),
    User(f"vera@{DOMAIN}", UserRole.MARKETING_DIRECTOR),
)
DUE = date(2026, 12, 17)
"""Of the dealers."""


def open_holding(folder: Path, port: int, clock: FrozenClock | None = None) -> Services:
    lay_warehouse(folder)
    told = {"smtp": f"smtp://127.0.0.1:{port}", "mail_from": "Closed Loop <plans@holding.example>"}
    settings = read_settings(
        data=folder, write_key="w", api_key="r", timezone="Europe/Moscow", public_url="https://loop.example.com",
        load_interval_ms=20, _env_file=None, **told,
    )  # fmt: skip
    return Services(settings, clock)


def tell(services: Services) -> PlanVersion:
    """A plan of 2027 that was submitted."""
    replace_reference(services.database, ReferenceDocument(dealers=DEALERS), author="t", clock=services.clock)
    for user in PEOPLE:
        services.users.add(user, author="t")
    version = services.plans.create("План 2027", 2027, currency="RUB", author=PEOPLE[2].email)
    cells = [Cell(LineKey("sales", dealer.id), 5, 10) for dealer in DEALERS]
    services.plan_editor.put(version.id, cells, author="t")
    return services.approvals.submit(version.id, author=PEOPLE[2].email)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime(2026, 11, 2, 9, tzinfo=UTC))


@pytest.fixture
def holding(tmp_path: Path, postfix: Postfix, clock: FrozenClock) -> Iterator[Services]:
    services = open_holding(tmp_path / "data", postfix.port, clock)
    yield services
    services.close()


@pytest.fixture
def submitted(holding: Services) -> PlanVersion:
    return tell(holding)


def go_to(services: Services, days_after_due: int, hour: int = 10) -> None:
    """A time of Moscow, three hours ahead of UTC."""
    wanted = datetime.combine(DUE + timedelta(days=days_after_due), time(hour - 3), UTC)
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(wanted - services.clock.now())


def post(services: Services) -> None:
    """What the scheduler does every two seconds, as one that has just started."""
    Postman(services).run(Event())
