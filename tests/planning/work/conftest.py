"""A holding with two contractors, in both databases, and the people who work for it."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from attribution.reference import replace_reference
from attribution.reference_document import Contractor, ReferenceDocument
from infra.access.users import UserRegister
from infra.clock import FrozenClock
from planning.desk import Desk
from planning.files import FileFolder, FileStore
from planning.work.briefs import Brief
from planning.work.tasks import Task
from tests.planning.conftest import DEALERS
from tests.planning.work.working import BEGIN, USERS, written_brief, written_task


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(BEGIN)


@pytest.fixture
def desk(database: Engine, clock: FrozenClock, tmp_path: Path) -> Desk:
    """On 1 March 2027 in Moscow."""
    known = ReferenceDocument(
        dealers=DEALERS, contractors=(Contractor(id="agency", name="Agency"), Contractor(id="rival", name="Rival"))
    )
    replace_reference(database, known, author="boss", clock=clock)
    users = UserRegister(database, clock)
    for user in USERS:
        users.add(user, author="boss")
    return Desk(database, clock, ZoneInfo("Europe/Moscow"), "RUB", FileStore(database, _folder(tmp_path), clock))


def _folder(place: Path) -> FileFolder:
    return FileFolder(place / "files", 1024**2)


@pytest.fixture
def brief(desk: Desk) -> Brief:
    """Of north, to the agency, for 100 000 in March."""
    return written_brief(desk)


@pytest.fixture
def task(desk: Desk, brief: Brief) -> Task:
    """A banner."""
    return written_task(desk, brief)
