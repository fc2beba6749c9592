"""A small world whose reports are saved as views, and mailed through a real server."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete

from api.app import create_app
from api.bootstrap import Services
from api.views.ledger import Mailing
from api.views.postman import Postman
from api.views.tables import default_views, mail_schedules, mailings, saved_views
from infra.access.sessions import sessions
from infra.access.users import users
from infra.clock import FrozenClock
from tests.attribution.world import NOW, World, lead, spend, stage, visit
from tests.postfix_fixture import DOMAIN, Postfix
from tests.told import told_services

ANNA, BORIS = f"anna@{DOMAIN}", f"boris@{DOMAIN}"
OWNER = "API key"
READ = {"Authorization": "Bearer r"}


def tell(world: World) -> None:
    """Two channels; one has a campaign whose name would be computed, drawn or read as HTML."""
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", n, "vk" if n % 3 else "yandex", campaign="<b>$x$ & 🚗\n=1+1</b>")
                    for n in range(30)],
        "leads": [lead(f"l{n}", n + 0.2, visitor_id=f"v{n}", phone=f"+7916{n:07d}",
                       dealer="south" if n % 3 else "north")
                  for n in range(30)],
        "deals": [stage(f"d{n}", "sale", n + 5, visitor_id=f"v{n}", lead_id=f"l{n}", amount=900_000, margin=90_000)
                  for n in range(0, 30, 2)],
        "spend": [spend("2026-01-01", "2026-01-31", 310_000, "vk")],
    })  # fmt: skip
    world.attribute()


@pytest.fixture(scope="module")
def mailing_world(tmp_path_factory: pytest.TempPathFactory, postfix_server: Postfix) -> Iterator[Services]:
    settings: dict[str, str] = {
        "timezone": "Europe/Moscow", "smtp": f"smtp://127.0.0.1:{postfix_server.port}",
        "mail_from": "Closed Loop <reports@holding.example>", "public_url": "https://loop.example.com/",
    }  # fmt: skip
    with told_services(tmp_path_factory.mktemp("mail"), tell, NOW, **settings) as opened:
        yield opened


@pytest.fixture
def services(mailing_world: Services) -> Services:
    """Without views, schedules and users, at the beginning of time."""
    with mailing_world.database.begin() as connection:
        for table in (mailings, mail_schedules, default_views, saved_views, sessions, users):
            connection.execute(delete(table))
    mailing_world.__dict__["clock"] = FrozenClock(NOW)
    for name in ("saved_views", "schedules", "mail_ledger", "users", "sessions"):
        mailing_world.__dict__.pop(name, None)
    return mailing_world


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), headers=READ) as opened:
        yield opened


def clock_of(services: Services) -> FrozenClock:
    assert isinstance(services.clock, FrozenClock)
    return services.clock


def go_to(services: Services, moment: str) -> None:
    """A time of Moscow, which is three hours ahead of UTC."""
    at = datetime.fromisoformat(f"{moment}+03:00").astimezone(UTC)
    clock_of(services).advance(at - services.clock.now())


def post(services: Services) -> None:
    """What the scheduler does every two seconds."""
    Postman(services).run(Event())


def mails(services: Services) -> list[Mailing]:
    """The newest first."""
    return services.mail_ledger.newest([each.id for each in services.schedules.all()])
