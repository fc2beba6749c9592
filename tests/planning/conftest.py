"""A holding of a few dealers, in both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from infra.clock import FrozenClock
from planning.editing import Editor
from planning.plans import Plans

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DEALERS = (
    Dealer(id="north", name="Север", brand="Lada", city="Москва", group="Столица"),
    Dealer(id="south", name="Юг", brand="Lada", city="Тула"),
    Dealer(id="east", name="Восток", brand="Chery", city="Москва", group="Столица", closed=date(2027, 6, 30)),
    Dealer(id="west", name="Запад", brand="Chery", city="Калуга", opened=date(2027, 4, 15)),
)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def holding(database: Engine, clock: FrozenClock) -> Engine:
    """The database, with dealers in it."""
    replace_reference(database, ReferenceDocument(dealers=DEALERS), author="boss", clock=clock)
    return database


@pytest.fixture
def plans(holding: Engine, clock: FrozenClock) -> Plans:
    return Plans(holding, clock)


@pytest.fixture
def editor(holding: Engine, clock: FrozenClock) -> Editor:
    return Editor(holding, clock)
