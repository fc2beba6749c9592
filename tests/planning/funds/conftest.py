"""A programme of two quarters for dealers of Lada, in both databases."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from infra.clock import FrozenClock
from planning.desk import Desk
from planning.files import FileFolder, FileStore
from planning.funds.programme import Programme
from planning.funds.programme_register import add_programme
from tests.planning.funds.work import BEGIN, LADA


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(BEGIN)


@pytest.fixture
def desk(holding: Engine, clock: FrozenClock, tmp_path: Path) -> Desk:
    """On 10 February 2027 in Moscow."""
    files = FileStore(holding, FileFolder(tmp_path / "files", 1024**2), clock)
    return Desk(holding, clock, ZoneInfo("Europe/Moscow"), "RUB", files)


@pytest.fixture
def lada(desk: Desk) -> Programme:
    """Pays half: 100 000 a quarter to north, 2 % of purchases to the other dealers of the brand."""
    return add_programme(desk, LADA, author="importer")
